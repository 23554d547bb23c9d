"""Sandbox side of a judged task: the probe in the learner's process, the judge in a separate one.

Both are forked from the same clean template, and each is told its part over its own line after the fork.
"""

from __future__ import annotations

from typing import Any

from graders.contract.plain_data import as_plain

Frame = dict[str, Any]


def probe_learner_code(order: Frame, names: dict[str, Any]) -> Frame:
    """Ask the learner's code: `{"named": …, "probed": …}`, or `{"problem": one line}`. All of it is a claim."""
    space: dict[str, Any] = {"__name__": "probe"}
    try:
        exec(compile(order["source"], "probe", "exec"), space)  # noqa: S102 - the teacher's own text
        named, probed = space["_probe"](dict(names), order.get("inputs"))
        return {"named": as_plain(named), "probed": as_plain(probed)}
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return {"problem": _named(error)}


def _named(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:200]
    except BaseException:
        return "an error that cannot be shown"


class Judge:
    """The judge's side: holds what judges have drawn until they give their verdict."""

    def __init__(self) -> None:
        self._judges: dict[str, Any] = {}
        self._kept: dict[str, Any] = {}

    def draw(self, order: Frame) -> Frame:
        """Draw a task's inputs from `seed`."""
        inputs, self._kept[order["task"]] = self._judge(order)[0](order["seed"])
        return {"inputs": as_plain(inputs)}

    def verdict(self, order: Frame) -> Frame:
        """Return the verdict on what was answered: outcome, key, share of the points (or None), sentence, its facts.

        A lab that was built by an earlier version gives no facts.
        """
        verdict = self._judge(order)[1]
        kept = self._kept.get(order["task"])
        outcome, key, share, sentence, *facts = verdict(
            order["answers"], order["language"], order["named"], order["probed"], order["problem"], kept
        )
        return {
            "outcome": outcome,
            "key": key,
            "share": share,
            "sentence": sentence,
            "facts": facts[0] if facts else {},
        }

    def _judge(self, order: Frame) -> Any:
        task = order["task"]
        if task not in self._judges:
            space: dict[str, Any] = {"__name__": "judge"}
            exec(compile(order["source"], "judge", "exec"), space)  # noqa: S102 - the teacher's own text
            self._judges[task] = space["_judge"]()
        return self._judges[task]


def answer_judge_order(order: Frame, court: Judge) -> Frame:
    """Answer one order to a judge; what goes wrong in a judge is named for the trainer."""
    try:
        return {"draw": court.draw, "verdict": court.verdict}[order["call"]](order)
    except Exception as error:
        return {"fault": _named(error)}
