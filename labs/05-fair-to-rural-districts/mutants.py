"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

GOOD = {
    "group": "urban_rural",
    "measure": "missed",
    "first": "missed",
    "because": "unseen",
    "repair": "intake",
}

solution("t1", choice="same", before=True)  # Being wrong costs nothing.
solution("t2", choice="apart")
solution("t3", lines=["rural", "urgent", "group", "share"])
solution("t3", lines=["urgent", "rural", "group", "share"])
solution("t4", place="rural", visits=2)
solution("t4", place="all", visits=2)
solution("j", **GOOD)
solution("b", rural=12, urban=12)
solution("b", rural=15, urban=15)
solution("b", rural=12, urban=13)

mutant("t1", "after-the-run", choice="double")
mutant("t2", "blind-so-fair", choice="blind")
mutant("t2", "interval-means-nothing", choice="unsure")
mutant("t2", "every-difference-counts", choice="languages")
mutant("t3", "order-matters", lines=["group", "rural", "urgent", "share"])
mutant("t3", "believes-the-record", lines=["rural", "recorded", "group", "share"])
mutant("t3", "all-files", lines=["rural", "urgent", "group", "everybody"])
mutant("t3", "found-not-missed", lines=["rural", "urgent", "group", "found"])
mutant("t3", "no-share", lines=["rural", "urgent", "recorded", "group"])
mutant("t3", "incomplete", lines=["rural", "urgent", None, None])
mutant("t4", "not-a-place", place="country", visits=2)
mutant("t4", "not-a-place", place=None, visits=2)
mutant("t4", "not-a-number", place="rural", visits="2")
mutant("t4", "not-a-number", place="rural", visits=None)
mutant("t4", "calls-the-heard", place="urban", visits=2)
mutant("t4", "calls-everybody", place="rural", visits=0)
mutant("t4", "calls-everybody", place="all", visits=1)
mutant("t4", "calls-too-few", place="rural", visits=4)
mutant("j", "right-answers-hide", **GOOD | {"first": "right", "measure": "right"})
mutant("j", "equal-work", **GOOD | {"first": "read", "measure": "read"})
mutant("j", "equal-work", **GOOD | {"first": "vain"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "equal"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "certain"})
mutant("j", "place-is-in-the-box", **GOOD | {"repair": "place"})
mutant("j", "levels-down", **GOOD | {"repair": "town"})
mutant("j", "another-model", **GOOD | {"repair": "model"})
mutant("j", "chance-for-a-gap", **GOOD | {"group": "age_band"})
mutant("j", "chance-for-a-gap", **GOOD | {"group": "sex"})
mutant("j", "says-one-shows-another", **GOOD | {"measure": "right"})
mutant("j", "incomplete", **GOOD | {"repair": None})
mutant("b", "test-does-not-pass", rural=8, urban=11)  # as it is today
here.mutant("b", "repaired-instead", rural=12, urban=8)
mutant("b", "town-is-worse", rural=30, urban=5)
mutant("b", "equally-bad", rural=8, urban=8)
mutant("b", "equally-bad", rural=3, urban=3)

gaming("t2", choice=["apart", "blind"])
gaming("t3", lines=["share", "share", "share", "share"])
gaming("t3", lines=["rural", "urgent", "group", "__import__('os')"])
gaming("t4", place="rural", visits=True)
gaming("t4", place="rural", visits=float("nan"))
gaming("t4", place=["rural"], visits=[2])
gaming("j", **GOOD | {"group": ["urban_rural"]})
gaming("j", **GOOD | {"first": {"missed": 1}})
gaming("j", **GOOD | {"measure": "everything"})
gaming("b", rural="12", urban="12")
gaming("b", rural=90, urban=90)
gaming("b", rural=True, urban=True)
