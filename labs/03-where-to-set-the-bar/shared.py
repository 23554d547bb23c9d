"""What the checks and the judge have in common."""

from labs.kit.checking import not_yet, passed

AIM, NEAR, WIDE = (0.20, 0.60), (0.21, 0.555), (0.22, 0.50)
"""Of all files at most so many are read first, of urgent people at least so many found: the aim, what a check calls near
enough, the judge's limits. Other files differ, so what is near enough keeps away from the judge's limits."""
ROOM, NEAR_ROOM, WIDE_ROOM = (0.55, 0, 0.20, 1.10), (0.54, 2, 0.22, 1.20), (0.45, 3, 0.24, 1.30)
"""For task j: least share found, files more than can be read, most share read, harm against the least; as above."""
STEPS = [step / 100 for step in range(1, 51)]
"""The bars of the slider."""


def looks_below(lines):
    """Return whether lines of task t3 end up with the files below the bar: a later choice replaces an earlier one."""
    return [one for one in lines if one in ("below", "flagged")][-1:] == ["below"]


def bar_verdict(n, bar, limits):
    """The verdict on a bar that does `n`."""
    most_read, least_found = limits
    if n["read_share"] > most_read:
        return not_yet("flags-too-many", **n)
    if n["found_share"] < least_found:
        return not_yet("accuracy-trap" if bar >= 0.25 else "misses-too-many", **n)
    return passed(**n)


def harm_of(n, cost):
    """The harm of a bar, counted in files read for nothing: each person missed counts as `cost` of them."""
    return (n["urgent"] - n["found"]) * cost + n["read"] - n["found"]


def decision_verdict(said, n, every, room):
    """The verdict on task j. `n` is what the bar does, `every` what each bar of the slider does.

    `room` has the limits: least share found, files more than can be read, most share read, harm above the least.
    """
    cost = n["cost"]
    best = min(every, key=lambda one: harm_of(one, cost))
    n = n | {"least": best["bar"], "missed": n["urgent"] - n["found"]}
    wrong = [
        (said["first"] == "right", "accuracy-again"),
        (said["first"] == "work", "work-first"),
        (said["because"] != "harm", "reason-does-not-hold"),
        (said["signs"] != "head", "nobody-signs"),
        (said["below"] != "turn", "people-dropped"),
        (n["found_share"] < room[0], "says-one-does-another"),
        (n["read_week"] > n["capacity"] + room[1], "more-than-staff-can-read"),
        (n["read_share"] > room[2], "everything-is-first"),
        (cost < 5, "cost-says-otherwise"),
        (harm_of(n, cost) > room[3] * harm_of(best, cost), "harm-is-elsewhere"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found, **n) if found else passed(**n)
