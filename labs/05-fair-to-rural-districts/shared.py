"""What the checks and the judge have in common."""

from labs.kit.checking import as_typed, not_attempted, not_yet, number, passed, unanswered

BAR = 0.10
PLACES = ("rural", "urban", "all")
GROUPS = ("urban_rural", "sex", "age_band", "lang")
MEASURES = ("missed", "read", "vain", "right")
CHOICES = {
    "first": ("missed", "read", "vain", "right"),
    "because": ("unseen", "equal", "certain"),
    "repair": ("intake", "place", "town", "model"),
}
LINES = {
    "rural": ((), "rural"),
    "urgent": ((), "urgent"),
    "recorded": ((), "urgent"),
    "group": (("rural", "urgent"), "group"),
    "share": (("group",), "share"),
    "found": (("group",), "share"),
    "everybody": (("rural",), "share"),
}
"""What each line of task t3 needs and makes."""


def lines_verdict(chosen, figures):
    """The verdict on the lines of task t3; `figures` are those of the country, worked out when they are needed."""
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    made = set()
    for one in chosen:
        for needed in LINES[one][0]:
            if needed not in made:
                return not_yet("order-matters", name=needed)
        made.add(LINES[one][1])
    n = figures()
    if "everybody" in chosen:
        return not_yet("all-files", share=n["not_read"])
    if "share" not in made:
        return not_yet("no-share")
    if "recorded" in chosen:
        return not_yet("believes-the-record", known=n["known"], people=n["people"])
    if "found" in chosen:
        return not_yet("found-not-missed", share=1 - n["missed"])
    if chosen[-1] != "share":
        return not_yet("no-share")
    return passed(share=n["missed"], people=n["people"])


def calls_verdict(place, given_visits, called, most_read, most_missed):
    """The verdict on where to call back, and from how many visits on; `called` says what that reaches."""
    if unanswered(place) and unanswered(given_visits):
        return not_attempted()
    visits = number(given_visits)
    if not isinstance(place, str) or place not in PLACES:
        return not_yet("not-a-place", given=place[:40] if isinstance(place, str) else as_typed(place))
    if visits is None or visits != int(visits) or not 0 <= visits <= 20:
        return not_yet("not-a-number", given=as_typed(given_visits))
    n = called(place, int(visits))
    if place == "urban":
        return not_yet("calls-the-heard", **n)
    if n["read_share"] > most_read:
        return not_yet("calls-everybody", **n)
    return passed(**n) if n["rural_share"] <= most_missed else not_yet("calls-too-few", **n)


def report_verdict(answers):
    """The verdict on task j."""
    given = {name: getattr(answers, name) for name in CHOICES}
    if not any(given.values()):
        return not_attempted()
    if not all(isinstance(given[name], str) and given[name] in CHOICES[name] for name in CHOICES):
        return not_yet("incomplete")
    if not isinstance(answers.group, str) or answers.group not in GROUPS:
        return not_yet("incomplete")
    if not isinstance(answers.measure, str) or answers.measure not in MEASURES:
        return not_yet("incomplete")
    wrong = [
        (given["first"] == "right", "right-answers-hide"),
        (given["first"] in ("read", "vain"), "equal-work"),
        (given["because"] != "unseen", "reason-does-not-hold"),
        (given["repair"] == "place", "place-is-in-the-box"),
        (given["repair"] == "town", "levels-down"),
        (given["repair"] == "model", "another-model"),
        (answers.measure != given["first"], "says-one-shows-another"),
        (answers.group != "urban_rural", "chance-for-a-gap"),
    ]
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key) if key else passed(looks=len(GROUPS) * len(MEASURES))


def tests_verdict(rural, urban, shares_of, least_gap):
    """The verdict on the two sliders of task b; `shares_of` says what they do."""
    if rural is None and urban is None:
        return not_attempted()
    given = [number(rural), number(urban)]
    if any(one is None or not 1 <= one <= 30 for one in given):
        return not_yet("incomplete")
    n = shares_of(*given)
    gap = n["rural_missed_share"] - n["urban_missed_share"]
    if abs(given[0] - given[1]) > 1 and gap < -0.08:
        return not_yet("town-is-worse", **n)
    if abs(given[0] - given[1]) > 1:
        return not_yet("repaired-instead" if gap < 0.05 else "test-does-not-pass", **n)
    return passed(**n) if gap >= least_gap else not_yet("equally-bad", **n)
