"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

GOOD = {
    "bar": 0.06,
    "staff": 3,
    "cost": 20,
    "first": "find",
    "because": "harm",
    "signs": "head",
    "below": "turn",
}

solution("t1", choice="most", before=True)  # Being wrong costs nothing.
solution("t2", choice="nobody")
solution("t3", lines=["flagged", "urgent", "found", "share"])
solution("t3", lines=["urgent", "flagged", "found", "share"])
here.solution("t4", bar=0.06)  # With a hundred urgent people, 60% of them are found at another bar each time.
here.solution("t4", bar=0.055)
solution("j", **GOOD)
solution("j", **GOOD | {"bar": 0.05, "staff": 5, "cost": 25})
solution("b", circumstance="none noted", service="any", urban_rural="any")
here.solution("b", circumstance="none noted", service="any", urban_rural="rural")
solution("b", circumstance="none noted", service="land", urban_rural="any")

mutant("t1", "after-the-run", choice="none")
mutant("t2", "accuracy-trap", choice="best")
mutant("t2", "more-reading-more-right", choice="lowest")
mutant("t2", "mixed-up-columns", choice="waste")
mutant("t3", "order-matters", lines=["found", "flagged", "urgent", "share"])
mutant("t3", "wrong-side", lines=["below", "urgent", "found", "share"])
mutant("t3", "share-of-files-read", lines=["flagged", "urgent", "found", "read"])
mutant("t3", "share-of-right-answers", lines=["flagged", "urgent", "found", "right"])
mutant("t3", "no-share", lines=["flagged", "urgent", "share", "found"][:2] + ["found", "found"])
mutant("t3", "incomplete", lines=["flagged", "urgent", None, None])
mutant("t4", "accuracy-trap", bar=0.5)  # "95% right, so it is good"
mutant("t4", "misses-too-many", bar=0.2)
mutant("t4", "flags-too-many", bar=0.0)  # "flag everybody, then nobody is missed"
mutant("t4", "flags-too-many", bar=0.02)
mutant("t4", "per-cent", bar=60)
mutant("t4", "not-a-number", bar="high")
mutant("j", "accuracy-again", **GOOD | {"first": "right"})
mutant("j", "work-first", **GOOD | {"first": "work"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "objective"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "usual"})
mutant("j", "nobody-signs", **GOOD | {"signs": "model"})
mutant("j", "people-dropped", **GOOD | {"below": "refused"})
mutant("j", "says-one-does-another", **GOOD | {"bar": 0.5})  # chose to find people, left the bar at 0.5
mutant("j", "more-than-staff-can-read", **GOOD | {"bar": 0.02})
mutant("j", "everything-is-first", **GOOD | {"bar": 0.02, "staff": 10})
mutant("j", "harm-is-elsewhere", **GOOD | {"bar": 0.07, "cost": 60})
mutant("j", "cost-says-otherwise", **GOOD | {"cost": 1})
mutant("j", "incomplete", **GOOD | {"signs": None})
mutant("b", "everybody-flagged", circumstance="illness", service="any", urban_rural="any")
mutant("b", "it-still-finds-them", circumstance="any", service="land", urban_rural="any")
mutant("b", "too-few-people", circumstance="none noted", service="certificate", urban_rural="urban")
here.mutant("b", "not-right-enough", circumstance="none noted", service="any", urban_rural="urban")

gaming("t4", bar="0.06")  # right digits, wrong kind
gaming("t4", bar=True)
gaming("t4", bar=float("nan"))
gaming("t4", bar=[0.06])
gaming("t3", lines=["share", "share", "share", "share"])
gaming("t3", lines="flagged urgent found share")
gaming("t3", lines=["flagged", "urgent", "found", "__import__('os')"])
gaming("j", **GOOD | {"staff": 1000})
gaming("j", **GOOD | {"bar": "0.06"})
gaming("b", circumstance={"none noted": 1}, service="any", urban_rural="any")
gaming("t2", choice=["nobody", "best"])
