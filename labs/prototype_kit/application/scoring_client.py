"""Start, ask, and end the process that holds the model."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.batch_chunks import KeptChunk
from labs.prototype_kit.application.bench_sentences import N_, PrototypeError

QUIET_SECONDS = 600.0
ROOT = Path(__file__).resolve().parents[3]
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class ModelFault(PrototypeError):
    """The model cannot answer; the case goes to a person."""


@dataclass(frozen=True)
class ColumnAnswers:
    """Answers to a chunk of rows: what is wrong by row, and the decisions on all others as columns."""

    labels: list[str]
    confidences: list[float]
    persons: list[str]
    reasons: list[list[int]]
    """A reason is its weight's number, from 1 on, with the sign of what it spoke for."""
    bounds: list[list[float]]
    unknown: dict[int, list[str]]
    wrong: dict[int, list[Any]]

    @classmethod
    def read(cls, found: dict[str, Any]) -> ColumnAnswers:
        """Return what the model's process said; JSON has no numbers as keys."""
        numbered = {key: {int(n): each for n, each in found[key].items()} for key in ("unknown", "wrong")}
        return cls(**{**found, **numbered})

    @cached_property
    def places(self) -> dict[int, int]:
        """The place among the decisions of each row that has one."""
        count = len(self.labels) + len(self.wrong)
        return {n: place for place, n in enumerate(n for n in range(count) if n not in self.wrong)}

    def answer(self, n: int, names: list[str]) -> dict[str, Any]:
        """Return one row's answer: its decision as JSON can hold it, or what is wrong with the row."""
        if n in self.wrong:
            return {"wrong": self.wrong[n]}
        place = self.places[n]
        low, high = self.bounds[place] if self.bounds else (None, None)
        return {
            "decision": {
                "label": self.labels[place],
                "confidence": self.confidences[place],
                "person": self.persons[place],
                "reasons": [[names[abs(each) - 1], 1 if each > 0 else -1] for each in self.reasons[place]],
                "low": low,
                "high": high,
                "unknown": self.unknown.get(place, []),
            }
        }


Answer = tuple[dict[str, Any], list[bytes]]
"""What the process says in its line of JSON, and the bytes that follow it."""


def _chunk(answer: dict[str, Any], parts: list[bytes]) -> KeptChunk:
    inputs, answers = (part.decode() for part in parts)
    return KeptChunk(
        answer["count"], inputs, answers, answer["counts"], list(map(tuple, answer["handed_on"]))
    )


class Scorer:
    """The scoring process of one version, there while it is needed."""

    def __init__(self, folder: Path, quiet: float = QUIET_SECONDS) -> None:
        self.folder, self.quiet = folder, quiet
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._lock = threading.Lock()
        self._used = time.monotonic()

    def warm_up(self) -> None:
        """Start the process without waiting for it: someone opened the form."""
        if self._lock.acquire(blocking=False):
            try:
                self._start()
            finally:
                self._lock.release()

    def ask(self, rows: list[dict[str, Any]], names: list[str], reasons: list[str]) -> list[dict[str, Any]]:
        """Return one answer for each raw row: a decision, or what is wrong with it. Raises ModelFault.

        `names` are the features that the model sees, `reasons` the names of its weights.
        """
        found = self.ask_columns({name: [row.get(name) for row in rows] for name in names}, len(rows))
        return [found.answer(n, reasons) for n in range(len(rows))]

    def ask_columns(self, columns: dict[str, list[Any]], count: int) -> ColumnAnswers:
        """Return the answers to `count` raw rows that are given as columns. Raises ModelFault."""
        answer, _parts = self._exchange({"columns": columns, "count": count})
        return ColumnAnswers.read(answer)

    def answer_file(
        self, source: Path, out: Path, language: str, keep: Callable[[KeptChunk], int]
    ) -> dict[str, int]:
        """Have each row of `source` answered into `out`; return the batch's counts.

        `keep` is given each chunk of answered rows and returns the number of its first case. Single cases are
        answered between two chunks. Raises PrototypeError if the file cannot be answered.
        """
        name = secrets.token_hex(8)
        begin = {"batch": name, "source": str(source), "out": str(out), "language": language}
        answer, parts = self._exchange(begin)
        child = self._child
        while "done" not in answer:
            if "fault" in answer:
                raise PrototypeError(str(answer["fault"]), **dict(answer["facts"]))
            try:
                first = keep(_chunk(answer, parts))
            except BaseException:
                self._exchange({"batch": name, "drop": True}, child)
                raise
            answer, parts = self._exchange({"batch": name, "first": first}, child)
        return dict(answer["done"])

    def _exchange(self, asked: dict[str, Any], only: subprocess.Popen[bytes] | None = None) -> Answer:
        """Return what the process answers, a new one if it died; with `only`, what that one answers. Raises ModelFault."""
        request = json.dumps(asked, default=str).encode() + b"\n"
        with self._lock:
            self._used = time.monotonic()
            try:
                for _turn in range(1 if only else 2):
                    # It can have died, for example for want of memory: once more with a new one.
                    if only is None:
                        self._start()
                        self._wait_until_ready()
                    if only in (None, self._child):
                        try:
                            return self._tell(request)
                        except (OSError, ValueError):
                            self._end()
            finally:
                self._used = time.monotonic()
        raise ModelFault(
            N_("The model stopped while it answered. Decide this case yourself, and tell the team.")
        )

    def _start(self) -> None:
        if self._child is not None and self._child.poll() is None:
            return
        env = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **THREADS}
        command = [sys.executable, "-m", "labs.prototype_kit.application.scoring_process", str(self.folder)]
        self._child = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._ready = False

    def _wait_until_ready(self) -> None:
        if self._ready or self._child is None or self._child.stdout is None:
            return
        line = self._child.stdout.readline()
        answer: dict[str, Any] = (
            json.loads(line)
            if line
            else {"fault": N_("The model could not be loaded. Tell the team."), "facts": {}}
        )
        if "fault" in answer:
            self._end()
            raise ModelFault(str(answer["fault"]), **dict(answer["facts"]))
        self._ready = True

    def _tell(self, request: bytes) -> Answer:
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise OSError("no process")
        child.stdin.write(request)
        child.stdin.flush()
        answer = json.loads(child.stdout.readline())
        parts = [child.stdout.read(size) for size in answer.get("sizes", ())]
        if [len(part) for part in parts] != answer.get("sizes", []):
            raise OSError("it ended in the middle")
        return answer, parts

    def end_if_quiet(self) -> None:
        """End the process if nobody asked for a while."""
        if time.monotonic() - self._used > self.quiet and self._lock.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._lock.release()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        child, self._child, self._ready = self._child, None, False
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.terminate()
        child.wait()
