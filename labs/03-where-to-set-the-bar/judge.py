"""What decides the marks, on 4,000 files that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: circumstance, service, urban_rural, score (of the model that learners train)
and urgent. The limits are a little wider than the learner's own check: another 4,000 files are never quite the same.
"""

from labs.kit.checking import judge, not_attempted, not_yet, number, passed
from shared import STEPS, WIDE, WIDE_ROOM, bar_verdict, decision_verdict, looks_below

LINES = {
    "right": "share = (flagged == urgent).mean()",
    "urgent": 'urgent = trial["urgent"]',
    "share": "share = found.sum() / urgent.sum()",
    "below": "flagged = scores <= bar",
    "found": "found = flagged & urgent",
    "flagged": "flagged = scores >= bar",
    "read": "share = found.sum() / flagged.sum()",
}
CHOICES = {
    "first": ("right", "find", "work"),
    "because": ("objective", "harm", "usual"),
    "signs": ("model", "supplier", "head", "each"),
    "below": ("refused", "turn", "closed"),
}


def count(hidden, bar, kept=None):
    """What a bar does to the hidden files, or to those of them at the places in `kept`."""
    places = range(len(hidden.urgent)) if kept is None else kept
    flagged = [hidden.scores[n] >= bar for n in places]
    urgent = [bool(hidden.urgent[n]) for n in places]
    found = sum(f and u for f, u in zip(flagged, urgent))
    files, ill = max(1, len(urgent)), sum(urgent)
    return {
        "bar": bar,
        "read": sum(flagged),
        "read_share": sum(flagged) / files,
        "urgent": ill,
        "found": found,
        "found_share": found / max(1, ill),
        "right_share": sum(f == u for f, u in zip(flagged, urgent)) / files,
    }


@judge("t3")
def lines_give_recall(answers, hidden):
    import numpy as np

    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    n = count(hidden, 0.05)
    new = {"urgent": np.array(hidden.urgent, bool)}
    space = {"scores": np.array(hidden.scores), "trial": new, "bar": 0.05}
    try:
        exec("\n".join(LINES[one] for one in chosen), space)
    except NameError as error:
        return not_yet("order-matters", name=error.name)
    if chosen[-1] not in ("share", "right", "read"):
        return not_yet("no-share")
    if looks_below(chosen):
        return not_yet("wrong-side")
    if abs(float(space["share"]) - n["found_share"]) < 1e-9:
        return passed(**n)
    key = "share-of-right-answers" if chosen[-1] == "right" else "share-of-files-read"
    return not_yet(key, share=float(space["share"]))


@judge("t4")
def where_is_the_bar(answers, hidden):
    if answers.bar is None or answers.bar is ...:
        return not_attempted()
    bar = number(answers.bar)
    if bar is None:
        return not_yet("not-a-number")
    if bar < 0 or bar > 1:
        return not_yet("per-cent", bar=bar)
    n = count(hidden, bar)
    return bar_verdict(n, bar, WIDE)


@judge("j")
def decision_holds_together(answers, hidden):
    said = {name: getattr(answers, name) for name in CHOICES}
    if not any(said.values()):
        return not_attempted()
    if not all(isinstance(said[name], str) and said[name] in CHOICES[name] for name in CHOICES):
        return not_yet("incomplete")
    bar, staff, cost = (number(getattr(answers, name)) for name in ("bar", "staff", "cost"))
    if (
        bar is None
        or staff is None
        or cost is None
        or not (0 < bar <= 0.5 and 1 <= staff <= 10 and 1 <= cost <= 60)
    ):
        return not_yet("incomplete")
    n = count(hidden, bar)
    n |= {"staff": int(staff), "cost": int(cost), "capacity": int(staff * 8)}
    n["read_week"] = round(n["read_share"] * 2000 / 17)
    every = [count(hidden, step) for step in STEPS]
    return decision_verdict(said, n, every, WIDE_ROOM)


@judge("b")
def group_is_not_seen(answers, hidden):
    names = ("circumstance", "service", "urban_rural")
    wanted = {name: getattr(answers, name) for name in names}
    wanted = {name: value for name, value in wanted.items() if isinstance(value, str) and value != "any"}
    if not wanted:
        return not_attempted()
    columns = {name: getattr(hidden, name) for name in wanted}
    kept = [n for n in range(len(hidden.urgent)) if all(columns[name][n] == wanted[name] for name in wanted)]
    n = count(hidden, 0.06, kept)
    if n["urgent"] < 10:
        return not_yet("too-few-people", **n)
    if n["read_share"] > 0.5:
        return not_yet("everybody-flagged", **n)
    if n["found_share"] > 0.18:
        return not_yet("it-still-finds-them", **n)
    if n["right_share"] < 0.945:
        return not_yet("not-right-enough", **n)
    return passed(**n)
