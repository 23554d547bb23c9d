"""`python -m graders.engine`: one piece of work per line of standard input, its result per line of standard output.

Stays warm between pieces of work. The first line out is `{"ready": true, "engine": ...}`, or `{"refused": sentence}`
where this machine does not allow the sandbox. A line in holds `course`, `lab`, `learner`, `source` and `notebook`
(base64), and may hold `id` (given back), `answers` (base64), `files` ({path: base64}), `own` (those
of them that the learner brought) and `limits` ({name: number}).
A line out is `{"id", "graded": {...}}`, or `{"id", "error": sentence}` where the fault is ours: it should be retried.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TextIO

from graders.engine.api import EngineError, Limits, Work
from graders.engine.files import Content
from graders.engine.fork import ForkEngine, to_json
from graders.engine.rooms import learners_room


def work_from(line: dict[str, Any]) -> Work:
    """Rebuild a piece of work from its JSON form.

    Raises:
        ValueError, KeyError, TypeError: it has another shape.
    """
    answers = line.get("answers")
    return Work(
        course=line["course"],
        lab=line["lab"],
        learner=line["learner"],
        source=base64.b64decode(line["source"]),
        notebook=base64.b64decode(line["notebook"]),
        answers=None if answers is None else base64.b64decode(answers),
        files={name: base64.b64decode(data) for name, data in (line.get("files") or {}).items()},
        limits=Limits(**(line.get("limits") or {})),
        own=frozenset(line.get("own") or ()),
    )


def work_to(work: Work, number: int | str | None = None) -> dict[str, Any]:
    """The JSON form of a piece of work, for the other side of the pipe."""

    def text(data: Content) -> str:
        return base64.b64encode(data).decode()

    return {
        "id": number, "course": work.course, "lab": work.lab, "learner": work.learner,
        "source": text(work.source), "notebook": text(work.notebook),
        "answers": None if work.answers is None else text(work.answers),
        "files": {name: text(data) for name, data in work.files.items()},
        "own": sorted(work.own),
        "limits": vars(work.limits),
    }  # fmt: skip


def serve(engine: ForkEngine, lines: TextIO, out: TextIO, workers: int) -> None:
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
            say({"id": number, "graded": to_json(engine.grade(work_from(order)))})
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
        serve(engine, sys.stdin, sys.stdout, workers)


if __name__ == "__main__":
    main()
