"""One attempt at one task: run its check, say how it went, find the next hint."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from labs.kit.checking import answers_of, choice_verdict, marked_functions, phrase, predict_verdict
from labs.kit.kept_answers import AnswerBook
from labs.kit.kit_sentences import N_, kit_sentence
from labs.kit.lab_facts import RUNGS
from labs.kit.lab_texts import Lesson
from labs.kit.own_words import KIND, LEAST_WORDS, count_words, is_blank, typed_text
from labs.kit.show import Shown, panel

NOT_ATTEMPTED = N_("**Not attempted yet.** Answer first, then check. To try costs nothing.")
INCOMPLETE = N_("**Not complete yet.** Answer every part, then check again.")
NEAR = N_("**Near enough for full marks.** {sentence}")
NOT_YET = N_("Not yet.")
CHECK_FAILED = N_("the check stopped ({error})")
CHECK_MISSING = N_("there is no check for `{task}`")
OUR_FAULT = N_(
    "**Could not be checked.** This is our fault, not yours: {reason}. Your answer is kept and costs no marks."
)
WORDS_KEPT = N_("Kept. Your trainer reads it after you hand in.")
WORDS_FEW = N_("Kept, {count} words so far. Four or five sentences that answer the question are asked for.")
WORDS_NONE = N_("Nothing written yet. Your words are kept while you type.")
HINT_HEAD = N_("**Hint {n} of {all}.** {hint}")
NO_MORE = N_("These were all the hints for this. Ask a colleague or your trainer: two see more than one.")
NO_HINT_YET = N_("Check your answer first: hints are aimed at what is not right yet.")
NOTHING_WRONG = N_("This task is done; it needs no hint.")


@dataclass(frozen=True)
class Attempt:
    """Outcome of an attempt: its name, the key of its sentence, and what to show."""

    outcome: str
    key: str
    shown: Shown
    task: str = ""


@dataclass(frozen=True)
class Hint:
    """A hint; `rung` counts from 1, 0 if there was none to give."""

    shown: Shown
    rung: int = 0
    left: int = 0


def attempt_task(
    lesson: Lesson, tools: ModuleType | None, task: str, given: dict[str, Any] | None, book: AnswerBook
) -> Attempt:
    """Check a task. Never raises: what goes wrong in a check is our fault, and says so."""
    kept = book.all
    own = book.of(task) if given is None else {**given, **_before(lesson, task, book)}
    if lesson.task(task).get("kind") == KIND:
        return _written(lesson, task, own)
    answers = answers_of(own, kept)
    try:
        verdict = _verdict(lesson, tools, task, answers)
        sentence = _sentence(lesson, task, verdict)
    except Exception as error:
        return _our_fault(lesson, task, kit_sentence(CHECK_FAILED, lesson.language, error=_named(error)))
    if verdict is None:
        return _our_fault(lesson, task, kit_sentence(CHECK_MISSING, lesson.language, task=task))
    return Attempt(verdict.outcome, verdict.key, panel(verdict.outcome, [sentence]), task)


def _written(lesson: Lesson, task: str, own: dict[str, Any]) -> Attempt:
    """Say whether there is a word; only a person says more of a text."""
    if is_blank(typed_text(own) or ""):
        shown = panel("not-attempted", [kit_sentence(WORDS_NONE, lesson.language)])
        return Attempt("not-attempted", "not-attempted", shown, task)
    count = count_words(typed_text(own) or "")
    if count < LEAST_WORDS:
        return Attempt(
            "note", "few", panel("note", [kit_sentence(WORDS_FEW, lesson.language, count=count)]), task
        )
    return Attempt("note", "kept", panel("note", [kit_sentence(WORDS_KEPT, lesson.language)]), task)


def _before(lesson: Lesson, task: str, book: AnswerBook) -> dict[str, Any]:
    """A prediction is what was kept first, whatever is answered now."""
    return book.of(task) if lesson.task(task).get("kind") == "predict" else {}


def _verdict(lesson: Lesson, tools: ModuleType | None, task: str, answers: Any) -> Any:
    found = lesson.task(task)
    check = marked_functions(tools, "check").get(task) if tools else None
    if check is not None:
        return check(answers)
    parts = found.get("parts", [])
    if parts and all("says" in option for part in parts for option in part["options"]):
        return (
            predict_verdict(parts, answers) if found["kind"] == "predict" else choice_verdict(parts, answers)
        )
    return None


def _sentence(lesson: Lesson, task: str, verdict: Any) -> str:
    if verdict is None:
        return ""
    says = lesson.task(task).get("says", {})
    if verdict.key in says:
        sentence = phrase(says[verdict.key], verdict.facts, lesson.language)
        if getattr(verdict, "near", False):
            sentence = sentence.removeprefix(kit_sentence(NOT_YET, lesson.language)).strip()
            return kit_sentence(NEAR, lesson.language, sentence=sentence)
        return sentence
    defaults = {"not-attempted": NOT_ATTEMPTED, "incomplete": INCOMPLETE}
    # A key without a sentence is our mistake: KeyError becomes "could not be checked".
    return kit_sentence(defaults[verdict.key], lesson.language)


def _our_fault(lesson: Lesson, task: str, reason: str) -> Attempt:
    sentence = kit_sentence(OUR_FAULT, lesson.language, reason=reason)
    return Attempt("could-not-check", "could-not-check", panel("could-not-check", [sentence]), task)


def _named(error: Exception) -> str:
    return str(error) if hasattr(error, "sentences") else type(error).__name__


def next_hint(lesson: Lesson, book: AnswerBook, task: str) -> Hint:
    """Return the next rung for what the last check found, or why there is none."""
    checked = book.checks(task)
    outcome, key, seen = checked.get("outcome"), str(checked.get("key")), int(checked.get("hints", 0))
    rungs = lesson.task(task).get("hints", {}).get(key)
    if outcome == "passed":
        return Hint(panel("note", [kit_sentence(NOTHING_WRONG, lesson.language)]))
    if outcome != "not-yet" or not rungs:
        return Hint(panel("note", [kit_sentence(NO_HINT_YET, lesson.language)]))
    if seen >= len(RUNGS):
        return Hint(panel("note", [kit_sentence(NO_MORE, lesson.language)]))
    text = kit_sentence(HINT_HEAD, lesson.language, n=seen + 1, all=len(RUNGS), hint=rungs[RUNGS[seen]])
    return Hint(panel("note", [text]), seen + 1, len(RUNGS) - seen - 1)
