"""`python -m graders.engine`: one piece of work per line of standard input, its result per line of standard output.

Stays warm between pieces of work. The first line out is `{"ready": true, "engine": ...}`, or `{"refused": sentence}`
if this machine does not allow the sandbox. A line in holds `course`, `lab`, `learner`, `source` and `notebook`
(base64), and may hold `id` (given back), `answers` (base64), `files` ({path: base64}), `own` (those
of them that the learner brought) and `limits` ({name: number}).
A line out is `{"id", "graded": {...}}`, or `{"id", "error": sentence}` if the fault is ours: it should be retried.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TextIO

from graders.contract.work_codec import graded_to, work_from
from graders.contract.work_contract import EngineError
from graders.engine.fork_engine import ForkEngine
from graders.engine.learner_view import learners_room


def grade_lines(engine: ForkEngine, lines: TextIO, out: TextIO, workers: int) -> None:
    """Grade every line, several at a time; results come in the order in which they are ready."""
    lock = Lock()

    def say(message: dict[str, Any]) -> None:
        with lock:
            out.write(json.dumps(message) + "\n")
            out.flush()

    def one(line: str) -> None:
        number = None
        try:
            order = json.loads(line)
            number = order.get("id")
            say({"id": number, "graded": graded_to(engine.grade(work_from(order)))})
        except EngineError as error:
            say({"id": number, "error": str(error)})
        except Exception as error:
            say({"id": number, "error": f"{type(error).__name__}: {error}"})

    try:
        engine.template()
    except EngineError as error:
        say({"refused": str(error)})
        return
    say({"ready": True, "engine": engine.name})
    with ThreadPoolExecutor(workers) as pool:
        for line in lines:
            if line.strip():
                pool.submit(one, line)


def main() -> None:
    """Serve standard input."""
    workers = int(os.environ.get("ISOMO_GRADING_WORKERS", "0")) or os.cpu_count() or 1
    with ForkEngine(learners_room()) as engine:
        grade_lines(engine, sys.stdin, sys.stdout, workers)


if __name__ == "__main__":
    main()
