"""Wrong answers to "Where to set the bar", written by somebody other than the lab's author."""

GOOD = {
    "bar": 0.06,
    "staff": 3,
    "cost": 20,
    "first": "find",
    "because": "harm",
    "signs": "head",
    "below": "turn",
}
ANY = {"circumstance": "any", "service": "any", "urban_rural": "any"}

mutant("t4", "not-a-number", bar="6%")
mutant("t4", "not-a-number", bar=(0, 6))  # 0,06 as one writes it in French
mutant("t4", "per-cent", bar=-0.05)
mutant("t4", "accuracy-trap", bar=1)
mutant("t4", "per-cent", bar=5)
mutant("t3", "order-matters", lines=["flagged", "urgent", "share", "found"])
mutant("t3", "wrong-side", lines=["below", "urgent", "found", "right"])
mutant("t3", "no-share", lines=["flagged", "urgent", "right", "found"])
mutant("j", "nobody-signs", **GOOD | {"signs": "each"})
mutant("j", "nobody-signs", **GOOD | {"signs": "supplier"})
mutant("j", "cost-says-otherwise", **GOOD | {"cost": 4})
mutant("j", "more-than-staff-can-read", **GOOD | {"staff": 1})
mutant("j", "people-dropped", **GOOD | {"below": "closed"})
mutant("b", "everybody-flagged", **ANY | {"circumstance": "no shelter"})
mutant("b", "it-still-finds-them", **ANY | {"urban_rural": "rural"})
