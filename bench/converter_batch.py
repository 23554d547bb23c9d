"""Runs one converter over one course in a separate process, and reports what it cost as one line of JSON.

python -m bench.converter_batch COURSE LAB stock|fork
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

STARTED = time.monotonic()


def main() -> None:
    course, lab, which = sys.argv[1:4]
    import os

    os.chdir(course)
    from nbgrader.apps.autogradeapp import AutogradeApp
    from nbgrader.converters import Autograde

    app = AutogradeApp()
    app.initialize([lab, "--log-level=ERROR"])
    app.coursedir.assignment_id = lab
    import nbgrader.apps.autogradeapp as module

    converter = module.Autograde(coursedir=app.coursedir, parent=app)
    assert (type(converter) is Autograde) == (which == "stock"), type(converter)
    peak = 0
    if which == "fork":
        converter.engine.template()
        converter.prepare()
        close, converter.engine.close = converter.engine.close, lambda: None
    ready = time.monotonic()
    before = own_cpu()
    converter.start()
    done = time.monotonic()
    spent = own_cpu() - before
    if which == "fork":
        peak = converter.engine.peak
        spent += converter.engine.cpu
        close()
    print(
        json.dumps(
            {
                "start": ready - STARTED,
                "batch": done - ready,
                "cpu": spent + children_cpu(which),
                "peak": peak,
                "graded": len(list(Path("autograded").glob(f"*/{lab}/*.ipynb"))),
            }
        )
    )


def own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def children_cpu(which: str) -> float:
    """For stock, the kernels it waited for; our sandboxes are counted by the engine itself."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime if which == "stock" else 0.0


if __name__ == "__main__":
    main()
