"""What the checks, the judge and the probe have in common."""

from labs.kit.checking import not_attempted, not_yet, number, passed

DAYS = "days_to_close"
LATER = ("reminders_sent", "closed_in")
CHOICES = {
    "figure": ("paper", "known", "monday"),
    "reminders": ("keep", "separate", "delete"),
    "decides": ("numbers", "person", "supplier"),
    "because": ("budget", "people", "simple"),
}
LINES = {
    "split": ((), ("known", "trial")),
    "fill-all": ((), ("filler",)),
    "fill-known": (("known",), ("filler",)),
    "fill-new": (("trial",), ("filler",)),
    "use": (("known", "trial", "filler"), ("x", "z")),
    "learn": (("x",), ("model",)),
    "learn-new": (("z",), ("model",)),
    "score": (("z", "model"), ("r2",)),
    "score-known": (("x", "model"), ("r2",)),
}


def put_together(lines):
    """The verdict on an order of lines."""
    if not isinstance(lines, list) or not any(lines):
        return not_attempted()
    if len(lines) != 5 or not all(isinstance(one, str) and one in LINES for one in lines):
        return not_yet("incomplete")
    there = set()
    for one in lines:
        missing = [name for name in LINES[one][0] if name not in there]
        if missing:
            return not_yet("order-matters", name=missing[0])
        there.update(LINES[one][1])
    if not lines[-1].startswith("score"):
        return not_yet("no-score")
    if "fill-all" in lines:
        return not_yet("filled-from-everything")
    if "fill-new" in lines or "learn-new" in lines:
        return not_yet("learnt-from-the-exam")
    if lines[-1] == "score-known":
        return not_yet("marked-its-own-homework")
    return passed()


GIVEN = {"nothing": "None", "blank": "None", "text": '"nan"', "other": "True"}
"""What a function gave back for a text that nobody can read, as one would write it."""


def fees_verdict(said, true, unreadable, problem=""):
    """The verdict on fees: `said` for readable ones, `true` their values, `unreadable` what was said to the rest."""
    everything = [*said, *unreadable]
    if all(one == "blank" for one in everything):
        return not_attempted()
    if any(one in ("nothing", "blank") for one in said):
        return not_yet("gives-nothing-back")
    if "text" in said or "other" in said:
        return not_yet("still-text")
    right = sum(number(one) == value for one, value in zip(said, true))
    facts = {"right": right, "fees": len(true), "problem": problem}
    if "stopped" in said:
        return not_yet("stops-at-a-letter", **facts)
    if "nan" in said:
        return not_yet("thrown-away", lost=said.count("nan"), **facts)
    if right < len(true):
        return not_yet("digits-changed", **facts)
    if "stopped" in unreadable:
        return not_yet("stops-at-the-unreadable", **facts)
    wrong = next((one for one in unreadable if one != "nan"), None)
    if wrong is not None:
        return not_yet("unknown-became-a-number", given=GIVEN.get(str(wrong), str(wrong)[:20]), **facts)
    return passed(**facts)


def stopped(problem):
    """The misconception behind a model's error."""
    if "NotFitted" in problem or "not fitted" in problem:
        return not_yet("not-fitted")
    if "unknown categories" in problem:
        return not_yet("stops-at-a-new-word")
    if problem in ("rows", "gaps") or "NaN" in problem:
        return not_yet("stops-at-a-gap")
    return not_yet("does-not-answer", problem=problem[:120])


def decision(answers, columns, counter, least):
    """The verdict on task j, given the columns ticked and their R² on the first day."""
    said = {name: getattr(answers, name) for name in CHOICES}
    if not any(said.values()) and not columns:
        return not_attempted()
    if not columns or not all(isinstance(said[n], str) and said[n] in CHOICES[n] for n in CHOICES):
        return not_yet("incomplete")
    leak = next((name for name in LATER if name in columns), "")
    wrong = [
        (answers.figure == "paper", "highest-figure"),
        (answers.figure == "known", "marked-its-own-homework"),
        (answers.reminders == "keep", "keeps-the-leak"),
        (answers.reminders == "delete", "throws-away-the-record"),
        (answers.decides == "numbers", "asks-the-numbers"),
        (answers.decides == "supplier", "asks-the-supplier"),
        (answers.because != "people", "reason-does-not-hold"),
        (bool(leak), "says-one-does-another"),
        (counter < least, "too-little-ticked"),
    ]
    facts = {"column": leak, "r2": f"{counter:.2f}"}
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key, **facts) if key else passed(**facts)
