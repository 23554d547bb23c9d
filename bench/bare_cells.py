"""Cost of the cells when they run bare in a warm process: the floor for every engine.

python -m bench.bare_cells COURSE LAB
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
import warnings
from pathlib import Path

import nbformat

# One thread, as in the sandbox: more threads than that only add waiting to what is measured.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run_cells(cells: list[str]) -> None:
    space: dict[str, object] = {"__name__": "__main__"}
    for source in cells:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            with contextlib.suppress(Exception):
                exec(compile(source, "cell", "exec"), space)


def main() -> None:
    os.environ.update(dict.fromkeys(THREADS, "1"))
    course, lab = sys.argv[1:3]
    paths = sorted(Path(course).glob(f"autograded/*/{lab}/*.ipynb"))
    notebooks = [[c.source for c in nbformat.read(p, 4).cells if c.cell_type == "code"] for p in paths]
    warnings.simplefilter("ignore")
    for cells in notebooks[:10]:
        run_cells(cells)
    began = time.process_time()
    for cells in notebooks:
        run_cells(cells)
    print(json.dumps({"cpu": (time.process_time() - began) / len(notebooks)}))


if __name__ == "__main__":
    main()
