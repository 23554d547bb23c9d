"""What the checks, the judge and the probe have in common."""

from labs.kit.checking import not_attempted, not_yet, number, passed

WIDE = (0.81, 0.965), 29.0
"""The judge's limits for promises: other files are never quite the same."""
NEAR = (0.825, 0.957), 28.0
"""Limits of what the check calls near enough: away from the judge's, so that what it says holds there too."""
UNTOUCHED = (1, 20, 17)
"""The weeks of task b before anybody moves a slider."""
CHANGE_WEEK = 26
"""The week of 1 July."""
CHOICES = {
    "receipt": ("middle", "nine", "mean", "none"),
    "because": ("ranking", "journey", "exact"),
    "july": ("nothing", "watch", "older"),
    "answers": ("citizen", "model", "head"),
}
LINES = {
    "sort": ((), ("in order",)),
    "shuffle": ((), ("in order",)),
    "cut": (("in order",), ("known", "later")),
    "cut-back": (("in order",), ("known", "later")),
    "learn": (("known",), ("model",)),
    "learn-all": ((), ("model",)),
    "error": (("later", "model"), ("error",)),
    "error-known": (("known", "model"), ("error",)),
    "error-sign": (("later", "model"), ("error",)),
}


def put_together(lines):
    """The verdict on an order of lines."""
    if not isinstance(lines, list) or not any(lines):
        return not_attempted()
    if len(lines) != 4 or not all(isinstance(one, str) and one in LINES for one in lines):
        return not_yet("incomplete")
    there = set()
    for one in lines:
        missing = [name for name in LINES[one][0] if name not in there]
        if "in order" in missing:
            return not_yet("cut-before-order")
        if missing:
            return not_yet("order-matters", name=missing[0])
        there.update(LINES[one][1])
    wrong = [
        (not lines[-1].startswith("error"), "no-error"),
        ("shuffle" in lines, "shuffled-again"),
        ("cut-back" in lines, "learns-from-the-future"),
        ("learn-all" in lines, "learns-from-the-future"),
        (lines[-1] == "error-known", "marked-its-own-homework"),
        (lines[-1] == "error-sign", "plus-and-minus-cancel"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found) if found else passed()


def where_it_misleads(answers):
    """The verdict on the question next to the slider."""
    says = {"always": "always-wrong", "july": "passed", "old": "only-old", "few": "too-few"}
    if answers.where is None:
        return not_attempted()
    key = says.get(answers.where) if isinstance(answers.where, str) else None
    if key is None:
        return not_yet("incomplete")
    return passed() if key == "passed" else not_yet(key)


def promise_verdict(took, said, kept, longest):
    """The verdict on promises of days, `said`, for files that `took` so many."""
    many = len(said)
    share, mean = sum(days <= one for days, one in zip(took, said)) / many, sum(said) / many
    facts = {"kept_share": share, "mean": f"{mean:.1f}"}
    if (sum((one - mean) ** 2 for one in said) / many) ** 0.5 < 1:
        return not_yet("one-date-for-all", **facts)
    if share < 0.30:
        return not_yet("wrong-end", **facts)
    if share < 0.57:
        return not_yet("promises-the-middle", **facts)
    if share < kept[0]:
        return not_yet("too-short", **facts)
    if share > kept[1] or mean > longest:
        return not_yet("too-long", **facts)
    return passed(**facts)


def rows_key(given, received, days, today):
    """The key for the rows given on one day; everything is counted in days."""
    chosen, places = set(given), range(len(days))
    closed = {n for n in places if received[n] + days[n] <= today}
    old = {n for n in places if received[n] <= today - 60}
    if chosen == closed & old:
        return "passed"
    if chosen - closed:
        return "days-from-the-future"
    return "only-the-quick" if chosen - old else "too-few-rows"


def rows_verdict(found):
    """The verdict on the keys of several days: the worst mistake counts."""
    worst = ("days-from-the-future", "only-the-quick", "too-few-rows")
    key = next((one for one in worst if one in found), None)
    return not_yet(key) if key else passed()


def decision(answers, spring_share):
    """The verdict on task j, given how many promises the slider keeps in spring."""
    said = {name: getattr(answers, name) for name in CHOICES}
    if not any(said.values()):
        return not_attempted()
    part = number(answers.part)
    if not all(isinstance(said[n], str) and said[n] in CHOICES[n] for n in CHOICES) or part is None:
        return not_yet("incomplete")
    if not 0.5 <= part <= 0.96:
        return not_yet("incomplete")
    wrong = [
        (said["receipt"] == "middle", "receipt-of-the-middle"),
        (said["receipt"] == "mean", "receipt-of-the-mean"),
        (said["receipt"] == "none", "no-date"),
        (said["because"] == "ranking", "looks-good-on-paper"),
        (said["because"] == "exact", "exact-numbers"),
        (said["july"] == "nothing", "tested-once-for-ever"),
        (said["july"] == "older", "more-old-files"),
        (said["answers"] != "head", "nobody-answers"),
        (part < 0.85, "says-one-does-another"),
    ]
    facts = {"part_share": part, "spring_share": spring_share}
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key, **facts) if key else passed(**facts)


def window(answers):
    """The weeks that task b chooses: first, last, and the first one held back; None where that is no choice."""
    first, last, held = (number(one) for one in (answers.first, answers.last, answers.held))
    if first is None or last is None or held is None:
        return None
    first, last, held = int(first), int(last), int(held)
    return (first, last, last - held + 1) if first >= 1 and last <= 50 and 2 <= held <= 16 else None


def lie_verdict(errors, cut, last, fewest, wanted):
    """The verdict on a choice of weeks: `errors` are both errors and how many files were learnt from and held back."""
    said, real, learnt, tested = errors
    facts = {"said": f"{said:.1f}", "real": f"{real:.1f}", "times": f"{real / said if said else 0:.2f}"}
    facts |= {"learnt": learnt, "tested": tested}
    if learnt < fewest[0] or tested < fewest[1]:
        return not_yet("too-few-files", **facts)
    if real >= wanted * said:
        return passed(**facts)
    if last < CHANGE_WEEK:
        return not_yet("nothing-has-changed", **facts)
    if cut >= CHANGE_WEEK + 5:
        return not_yet("has-learnt-the-change", **facts)
    return not_yet("hardly-a-lie", **facts)
