"""The trusted side of judging: sends plain data to a judge in a separate sandbox, and checks its answer."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from graders.contract import message_facts, plain_data
from graders.contract.message_facts import Message
from graders.contract.message_words import worded_message
from graders.contract.work_contract import LARGEST_ANSWERS, Limits, Outcome
from graders.engine.judged_cell import JudgedCell

LONGEST_SENTENCE = 2000
SECONDS = 20.0
LIMITS = Limits(wall=120.0, cpu=60.0, task_wall=SECONDS, memory=1 << 30, processes=16, output=1 << 16)


class JudgeSandbox(Protocol):
    """A sandbox that answers orders."""

    def ask(self, order: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send one order, wait for its answer."""

    def close(self) -> Any:
        """Hang up."""


@dataclass(frozen=True)
class Verdict:
    """Answer of a judge on one task. `score` is None if it could not say: that is our fault and costs no marks."""

    outcome: Outcome
    score: float | None
    key: str = ""
    message: Message | None = None
    fault: str = ""


@dataclass(frozen=True)
class Answers:
    """`answers.json` as it was handed in: a claim, checked for shape."""

    answers: dict[str, Any]
    language: str = "en"
    is_readable: bool = True

    @classmethod
    def read(cls, data: bytes | None) -> Answers:
        """Read it; one that cannot be read counts as empty, and says so."""
        if data is None:
            return cls({})
        try:
            found = json.loads(data, parse_constant=_none) if len(data) <= LARGEST_ANSWERS else None
        except (ValueError, RecursionError):
            found = None
        if (
            not isinstance(found, dict)
            or not isinstance(found.get("answers"), dict)
            or not plain_data.is_small(found)
        ):
            return cls({}, is_readable=False)
        return cls(found["answers"], str(found.get("language"))[:10])


def _none(_: str) -> None:
    """NaN and Infinity are no JSON, and compare as nothing does."""


class Bench:
    """Judges the tasks of one submission, in one process that no learner's code has seen."""

    def __init__(self, spawn: Callable[[Limits], JudgeSandbox], answers: Answers, seed: str) -> None:
        self._spawn = spawn
        self._answers = answers
        self._seed = seed
        self._line: JudgeSandbox | None = None

    def draw(self, cell: JudgedCell) -> Any:
        """Return the inputs for this attempt's probe.

        Raises:
            FaultError: the judge could not draw.
        """
        return self._ask(cell, {"call": "draw", "seed": self._seed_of(cell)}).get("inputs")

    def verdict(
        self,
        cell: JudgedCell,
        named: dict[str, Any],
        probed: Any = None,
        problem: Message | str | None = None,
    ) -> Verdict:
        """Return the verdict on one task; the judge reads of a problem in the learner's language."""
        order = {
            "call": "verdict",
            "answers": self._answers.answers,
            "language": self._answers.language,
            "named": named,
            "probed": probed,
            "problem": worded_message(problem, self._answers.language)
            if isinstance(problem, Message)
            else problem,
        }
        try:
            return _checked(self._ask(cell, order), cell.task, cell.points)
        except FaultError as error:
            return Verdict(Outcome.COULD_NOT_CHECK, None, fault=str(error))

    def _seed_of(self, cell: JudgedCell) -> str:
        return hashlib.sha256(f"{self._seed}|{cell.task}".encode()).hexdigest()

    def _ask(self, cell: JudgedCell, order: dict[str, Any]) -> dict[str, Any]:
        from graders.engine.sandbox_supervisor import StoppedError

        try:
            if self._line is None:
                self._line = self._spawn(LIMITS)
            reply = self._line.ask({"do": "judge", "task": cell.task, "source": cell.judge, **order}, SECONDS)
        except StoppedError as error:
            self.close()
            raise FaultError(str(error)) from error
        if reply.get("status") == "timeout":
            self.close()
            raise FaultError(f"the judge of {cell.task} took longer than {SECONDS:g} s")
        if "fault" in reply:
            raise FaultError(str(reply["fault"]))
        return reply

    def close(self) -> Any:
        """End the judge's process; returns how it ended, None if there was none."""
        line, self._line = self._line, None
        return line.close() if line is not None else None


class FaultError(Exception):
    """A judge stopped or said something that is no verdict: ours to repair."""


@dataclass(frozen=True)
class Claim:
    """Return value of a probe, checked for shape and size: plain data, and nothing else."""

    named: dict[str, Any]
    probed: Any = None
    problem: str | None = None


def claimed_answer(reply: dict[str, Any]) -> Claim:
    """Return what a learner's process claims that the probe returned."""
    problem = reply.get("problem")
    if problem is not None:
        return Claim({}, None, str(problem)[:200])
    named, probed = reply.get("named"), reply.get("probed")
    if not isinstance(named, dict) or not plain_data.is_small([named, probed]):
        return Claim({}, None, "too large")
    return Claim(named, probed)


def _checked(reply: dict[str, Any], task: str, points: float) -> Verdict:
    """Return a judge's answer on a task, checked for shape. Raises FaultError."""
    try:
        outcome = Outcome(str(reply.get("outcome")))
    except ValueError:
        raise FaultError(f"the judge said {str(reply.get('outcome'))[:40]!r}, which is no outcome") from None
    share = reply.get("share")
    if share is not None and not (type(share) in (int, float) and math.isfinite(share) and 0 <= share <= 1):
        raise FaultError("the judge gave a share that is not between 0 and 1")
    score = {Outcome.PASSED: points, Outcome.COULD_NOT_CHECK: None}.get(outcome, points * (share or 0.0))
    sentence = str(reply.get("sentence") or "")[:LONGEST_SENTENCE]
    key = str(reply.get("key") or "")[:80]
    return Verdict(
        outcome,
        score,
        key,
        message_facts.verdict_message(task, key, sentence, _written(reply)) if sentence else None,
    )


def _written(reply: dict[str, Any]) -> dict[str, str]:
    """Return the facts of a judge's sentence as it would write them, each named as in "fr.share"."""
    facts = reply.get("facts")
    found = {
        str(name)[: message_facts.LONGEST_KEY]: str(value)[:LONGEST_SENTENCE]
        for name, value in (facts.items() if isinstance(facts, dict) else ())
    }
    return found if len(found) <= message_facts.MOST_FACTS - 3 else {}


def seed_of(*parts: bytes | str) -> str:
    """The seed of an attempt: another for every other notebook, the same when the same attempt is graded again."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
