"""A flag in words: which line did what, and what the mark would be without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.message_catalogues import N_

LONGEST_CODE = 80

# How the fact of a flag begins -> what a trainer reads; %(name)s is the rest of the fact.
DEEDS = {
    "imports": N_("imports %(name)s, which reaches how Python runs the tests"),
    "uses": N_("uses %(name)s, which reaches how Python runs the tests"),
    "calls": N_("calls %(name)s, which reaches how Python runs the tests"),
    "reads": N_("reads %(name)s, which belongs to running code"),
    "reaches": N_("reaches %(name)s behind a library"),
    "changes": N_("changes %(name)s"),
    "sets": N_("sets %(name)s"),
    "defines": N_("answers the test's comparisons by itself (%(name)s)"),
    "given": N_("changes %(name)s, which the lab gives and the test relies on"),
    "mutated": N_("changes %(name)s, which the lab gives and the test relies on"),
    "builtin": N_("takes the place of Python's own %(name)s, which the test uses"),
    "evaluates": N_("makes text into code that reaches how Python runs the tests"),
    "unpickles": N_("loads an object that looks up %(name)s"),
    "opens": N_("opens a file of the system"),
    "brings": N_("brings a file with the name of a library"),
    "runs": N_("runs a file that cannot be read"),
    "loads": N_("loads a library that the lab did not bring"),
}
ALIVE = {
    "thread": N_("left a thread that still ran when the test began"),
    "task": N_("left a task that still ran when the test began"),
    "timer": N_("left a timer that still ran when the test began"),
    "signal": N_("left a handler of signals for the test"),
    "trace": N_("left a function that is called for each line of the test"),
}
ELSE = N_("does something that could reach how the tests are run")
ENDS = {
    "mark-differs": N_("Without it this task earns %(without)s of %(most)s."),
    "looked-at-test": N_("It did so while the test ran."),
    "cannot-tell": N_("What the task would earn without it could not be told."),
}
WHOLE = {
    "given-missing": N_("A cell of the lab that makes %(what)s is missing, and the test relies on it."),
    "forged-output": N_("The test showed a result that it did not make itself, or could not fail."),
    "impossible-mark": N_("The test showed more points than the task is worth; it earns none."),
    "could-not-check": N_("The judge could not check this task: %(what)s"),
    "duplicated-cell": N_("The task's cell was there more than once; the last one was graded."),
    "cell-missing": N_("The task's cell is missing from the notebook."),
    "could-not-be-graded": N_("The engine ended each time it was given this work. Have it graded again."),
}
OLDER = N_("Look at this one: %(what)s")


def flag_sentence(
    flag: Mapping[str, Any] | str, say: Callable[..., str], number: Callable[[float], str], most: float
) -> str:
    """Return one flag as a trainer reads it.

    Args:
        flag: key, what, cell, line, code and without, as the grading engine sent them; older results have text only.
        say: translates a sentence and fills its blanks.
        number: writes points.
        most: what the task is worth.
    """
    if isinstance(flag, str):
        return say(WHOLE[flag], what="") if flag in WHOLE else say(OLDER, what=flag)
    key, what = str(flag.get("key", "")), str(flag.get("what", ""))
    if key in WHOLE:
        return say(WHOLE[key], what=what)
    if key not in ENDS:
        return say(OLDER, what=f"{key} {what}".strip())
    facts = {"without": number(float(flag.get("without") or 0)), "most": number(most)}
    return f"{_deed(flag, what, say)} {say(ENDS[key], **facts)}"


def _deed(flag: Mapping[str, Any], what: str, say: Callable[..., str]) -> str:
    does = _does(what, say)
    code = str(flag.get("code", ""))[:LONGEST_CODE]
    if flag.get("line") and code:
        place = {"cell": flag.get("cell", ""), "line": flag["line"], "code": code}
        return say(N_("Cell %(cell)s, line %(line)s, “%(code)s”, %(does)s."), **place, does=does)
    if flag.get("cell"):
        return say(N_("Cell %(cell)s %(does)s."), cell=flag["cell"], does=does)
    return say(N_("This notebook %(does)s."), does=does)


def _does(what: str, say: Callable[..., str]) -> str:
    if what in ALIVE:
        return say(ALIVE[what])
    kind, sign, name = what.partition(":")
    if not sign or kind not in DEEDS:
        kind, _, name = what.partition(" ")
    if kind not in DEEDS:
        return say(ELSE)
    return say(DEEDS[kind], name=name.removeprefix("the module ")[:LONGEST_CODE])
