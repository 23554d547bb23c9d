"""What decides the marks, on 8,000 files that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: rural, empty (the box for the circumstance), visits, urgent (what the panel
found) and scores (of the model that learners train). The limits are a little wider than those of the learner's check.
"""

from labs.kit.checking import judge, not_attempted, not_yet, number, passed

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


def rates(hidden, seen):
    """Shares of files seen and of urgent people missed, in country and town."""
    n = {}
    for name, wanted in (("rural", 1), ("urban", 0)):
        here = [i for i, rural in enumerate(hidden.rural) if rural == wanted]
        urgent = [i for i in here if hidden.urgent[i]]
        n[f"{name}_read_share"] = sum(seen[i] for i in here) / len(here)
        n[f"{name}_missed_share"] = sum(not seen[i] for i in urgent) / len(urgent)
    return n


@judge("t3")
def lines_count_the_missed(answers, hidden):
    chosen = answers.lines
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
    n = rates(hidden, [score >= BAR for score in hidden.scores])
    people = sum(rural and urgent for rural, urgent in zip(hidden.rural, hidden.urgent))
    if "everybody" in chosen:
        return not_yet("all-files", share=1 - n["rural_read_share"])
    if "share" not in made:
        return not_yet("no-share")
    if "recorded" in chosen:
        return not_yet("believes-the-record", known=round(0.6 * people), people=people)
    if "found" in chosen:
        return not_yet("found-not-missed", share=1 - n["rural_missed_share"])
    if chosen[-1] != "share":
        return not_yet("no-share")
    return passed(share=n["rural_missed_share"], people=people)


@judge("t4")
def calls_reach_the_aim(answers, hidden):
    if answers.place in (None, ...) and answers.visits in (None, ...):
        return not_attempted()
    visits = number(answers.visits)
    if not isinstance(answers.place, str) or answers.place not in PLACES:
        return not_yet("not-a-place", given=str(answers.place)[:40])
    if visits is None or visits != int(visits) or not 0 <= visits <= 20:
        return not_yet("not-a-number", given=str(answers.visits)[:40])
    here = {"rural": (1,), "urban": (0,), "all": (0, 1)}[answers.place]
    columns = zip(hidden.rural, hidden.empty, hidden.visits)
    calls = [bool(rural in here and empty and n >= visits) for rural, empty, n in columns]
    seen = [score >= BAR or call for score, call in zip(hidden.scores, calls)]
    found = rates(hidden, seen)
    n = {
        "place": answers.place,
        "visits": int(visits),
        "calls": sum(calls),
        "rural_share": found["rural_missed_share"],
        "urban_share": found["urban_missed_share"],
        "read_share": sum(seen) / len(seen),
    }
    if answers.place == "urban":
        return not_yet("calls-the-heard", **n)
    if n["read_share"] > 0.32:
        return not_yet("calls-everybody", **n)
    return passed(**n) if n["rural_share"] <= 0.33 else not_yet("calls-too-few", **n)


@judge("j")
def report_holds_together(answers, hidden):
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
        (answers.group != "urban_rural", "chance-for-a-gap"),
        (answers.measure != given["first"], "says-one-shows-another"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found) if found else passed(looks=16)


@judge("b")
def one_test_passes_another_fails(answers, hidden):
    if answers.rural is None and answers.urban is None:
        return not_attempted()
    given = [number(answers.rural), number(answers.urban)]
    if any(one is None or not 1 <= one <= 30 for one in given):
        return not_yet("incomplete")
    seen = [False] * len(hidden.scores)
    for wanted, share in zip((1, 0), given):
        here = [i for i, rural in enumerate(hidden.rural) if rural == wanted]
        here.sort(key=lambda i: -hidden.scores[i])
        for i in here[: round(len(here) * share / 100)]:
            seen[i] = True
    n = rates(hidden, seen)
    gap = n["rural_missed_share"] - n["urban_missed_share"]
    if abs(given[0] - given[1]) > 1:
        return not_yet("repaired-instead" if gap < 0.05 else "test-does-not-pass", **n)
    return passed(**n) if gap >= 0.09 else not_yet("equally-bad", **n)
