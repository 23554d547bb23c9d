"""Wrong answers to "Where to set the bar", written by somebody other than the lab's author."""

import numpy as np

from labs.datasets.loader import load

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

# A second reader's answers, written from what learners see alone.
mutant("t4", "not-a-number", bar="0.06")
mutant("t4", "accuracy-trap", bar=0.6)  # the 60% of the aim
mutant("t4", "per-cent", bar=20)
mutant("t4", "flags-too-many", bar=0)
mutant("t4", "flags-too-many", bar=0.01)
mutant("t4", "misses-too-many", bar=0.2)
mutant("t4", "not-a-number", bar=(0.05, 0.06))
mutant("t4", "not-a-number", bar=["0.06"])
mutant("t3", "share-of-files-read", lines=["flagged", "urgent", "found", "read"])
mutant("t3", "order-matters", lines=["flagged", "found", "urgent", "share"])
mutant("j", "work-first", **GOOD | {"first": "work", "because": "usual"})
mutant("j", "says-one-does-another", **GOOD | {"bar": 0.3, "cost": 1})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "objective"})
mutant("j", "more-than-staff-can-read", **GOOD | {"bar": 0.01, "staff": 10, "cost": 60})
untouched("b", **ANY)
mutant("b", "too-few-people", **ANY | {"service": "certificate", "circumstance": "illness"})

# A third reader's answers, typed and chosen as a beginner would.
mutant("t3", "share-of-right-answers", lines=["below", "flagged", "urgent", "right"])
mutant("t3", "order-matters", lines=["urgent", "urgent", "urgent", "share"])
mutant("t3", "no-share", lines=["flagged", "urgent", "found", "found"])
mutant("t4", "not-a-number", bar=True)
mutant("t4", "per-cent", bar=-1)
mutant("t4", "accuracy-trap", bar=0.25)
mutant("t4", "not-a-number", bar="0,06")
here.mutant("t4", "misses-too-many", bar=0.12)  # nearly the aim, and not near enough for the judge
mutant("j", "people-dropped", **GOOD | {"bar": 0.5, "below": "refused"})
mutant("j", "people-dropped", **GOOD | {"bar": 0.02, "staff": 10, "below": "closed"})
mutant("j", "everything-is-first", **GOOD | {"bar": 0.03, "staff": 6, "cost": 60})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "objective", "signs": "model"})

# A fourth reader's answers: whole columns, and half right ones.
mutant("t4", "not-a-number", bar=np.linspace(0, 1, 2000))  # all the scores
mutant("t4", "not-a-number", bar=load("urgent-cases")["urgent"])
mutant("t4", "not-a-number", bar=[0.05, 0.06])
mutant("t4", "per-cent", bar=-0.06)
mutant("t3", "order-matters", lines=["urgent", "flagged", "share", "found"])
mutant("t3", "share-of-right-answers", lines=["urgent", "flagged", "found", "right"])
mutant("j", "says-one-does-another", **GOOD | {"bar": 0.5, "staff": 10, "cost": 60})
mutant("j", "cost-says-otherwise", **GOOD | {"cost": 1})
mutant("b", "everybody-flagged", **ANY | {"circumstance": "violence"})
mutant("b", "too-few-people", circumstance="none noted", service="certificate", urban_rural="urban")
solution("t4", bar=np.float64(0.07))
solution("j", **GOOD | {"staff": 4, "cost": 16})
here.solution("b", **ANY | {"circumstance": "none noted", "urban_rural": "rural"})
