"""What the checks and the judge have in common."""

from labs.kit.checking import not_attempted, not_yet, number, passed

HOLIDAYS = {1: 0.55, 15: 0.75, 27: 0.7, 31: 0.9, 52: 0.5}
NEAR, WIDE = (0.08, 0.187), (0.03, 0.195)
"""Distances that the check calls near enough, and the judge's limits: other districts and dates are never quite the same."""
CHOICES = {
    "plan": ("mean", "margin", "peak"),
    "because": ("average", "journey", "idle"),
    "tell": ("number", "range", "nothing"),
    "change": ("model", "told", "year"),
}
LINES = {
    "sort": ((), ("in order",)),
    "by": (("in order",), ("by",)),
    "four": (("by",), ("known",)),
    "one": (("by",), ("known",)),
    "future": (("by",), ("known",)),
    "across": (("in order",), ("known",)),
    "drop": (("known",), ("clean",)),
    "zero": (("known",), ("clean",)),
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
            return not_yet("not-in-order")
        if missing:
            return not_yet("order-matters", name=missing[0])
        there.update(LINES[one][1])
    wrong = [
        ("across" in lines, "runs-across-districts"),
        ("future" in lines, "looks-into-the-future"),
        ("one" in lines, "not-known-yet"),
        ("zero" in lines, "empty-became-zero"),
        ("clean" not in there, "gaps-are-left"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found) if found else passed()


def found_verdict(given):
    """The verdict on what was found with the slider and the ticks."""
    says = {
        "far": "far-is-hopeless",
        "calendar": "passed",
        "learns": "learns-it-anyway",
        "one": "answers-another-question",
    }
    if given is None:
        return not_attempted()
    key = says.get(given) if isinstance(given, str) else None
    if key is None:
        return not_yet("incomplete")
    return passed() if key == "passed" else not_yet(key)


def forecast_verdict(said, true, year_ago, closed, limits):
    """The verdict on many forecasts, each of four weeks, as shares of their district's mean week.

    `limits` are: how much smaller the error has to be, and the largest error in weeks with closed days.
    """
    import numpy as np

    closed = np.asarray(closed, bool)
    wrong, copied = np.abs(said - true), np.abs(year_ago - true)
    better = 1 - wrong.mean() / copied.mean()
    on_closed, on_open = float(wrong[closed].mean()), float(wrong[~closed].mean())
    facts = {"better_share": float(better), "closed_share": on_closed}
    facts |= {"own_share": float(wrong.mean()), "copied_share": float(copied.mean())}
    if np.abs(said - year_ago).mean() < 0.02:
        return not_yet("copies-last-year", **facts)
    if np.abs(said - said[:, :1]).mean() <= 0.01 * np.abs(said).mean():
        return not_yet("one-number-for-all", **facts)
    if on_closed > limits[1] and on_closed > 1.3 * on_open:
        return not_yet("forgets-closed-days", **facts)
    if better < limits[0] or on_closed > limits[1]:
        return not_yet("not-better", **facts)
    return passed(**facts)


def decision(answers):
    """The verdict on task j."""
    said = {name: getattr(answers, name) for name in CHOICES}
    if not any(said.values()):
        return not_attempted()
    margin = number(answers.margin)
    if not all(isinstance(said[n], str) and said[n] in CHOICES[n] for n in CHOICES) or margin is None:
        return not_yet("incomplete")
    if not 0 <= margin <= 60:
        return not_yet("incomplete")
    wrong = [
        (said["plan"] == "mean", "plans-to-the-mean"),
        (said["plan"] == "peak", "plans-to-the-peak"),
        (said["because"] == "average", "right-on-average"),
        (said["because"] == "idle", "idle-is-worst"),
        (said["tell"] != "range", "a-number-alone"),
        (said["change"] == "model", "the-model-will-notice"),
        (said["change"] == "year", "wait-a-year"),
        (margin < 20, "says-one-does-another"),
        (margin > 30, "pays-for-the-peak"),
    ]
    facts = {"margin": int(margin)}
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key, **facts) if key else passed(**facts)


def week_verdict(place, change, campaign, closed):
    """The key for one answer; everything is the place of a week in its table, None if it is no Monday of it."""
    if place is None:
        return "no-date"
    if abs(place - change) <= 1:
        return "passed"
    if abs(place - campaign) <= 1:
        return "one-place-shouts"
    if any(closed[max(0, place - 1) : place + 2]):
        return "rise-after-the-holidays"
    return "another-week"


def weeks_verdict(keys):
    """The verdict on the answers for several registers."""
    right = keys.count("passed")
    if right >= 4:
        return passed(right=right, registers=len(keys))
    others = [one for one in keys if one != "passed"]
    return not_yet(max(others, key=others.count), right=right, registers=len(keys))
