"""Wrong answers to "Fair to rural districts?", written by somebody other than the lab's author."""

from labs.datasets.loader import load

GOOD = {
    "group": "urban_rural",
    "measure": "missed",
    "first": "missed",
    "because": "unseen",
    "repair": "intake",
}

mutant("t4", "not-a-place", place="Rural", visits=2)
mutant("t4", "not-a-place", place=2, visits="rural")
mutant("t4", "not-a-number", place="rural", visits=30)
mutant("t4", "not-a-number", place="rural", visits=2.5)
mutant("t4", "calls-everybody", place="all", visits=0)
mutant("t4", "calls-too-few", place="all", visits=6)
mutant("t3", "order-matters", lines=["rural", "group", "urgent", "share"])
mutant("t3", "all-files", lines=["urgent", "rural", "everybody", "group"])
mutant("t3", "believes-the-record", lines=["recorded", "rural", "group", "found"])
mutant("j", "says-one-shows-another", **GOOD | {"measure": "vain"})
mutant("j", "says-one-shows-another", **GOOD | {"group": "lang", "measure": "right"})
mutant("j", "chance-for-a-gap", **GOOD | {"group": "lang"})
mutant("b", "test-does-not-pass", rural=15, urban=17)
solution("b", rural=30, urban=30)  # it passes there too
mutant("b", "equally-bad", rural=1, urban=1)

# A second reader's answers, written from what learners see alone.
mutant("t4", "not-a-number", place="rural", visits="2")
mutant("t4", "not-a-place", place="country", visits=2)
mutant("t4", "not-a-place", place="Gakenke", visits=3)
mutant("t4", "calls-the-heard", place="urban", visits=1)
mutant("t4", "not-a-place", place=None, visits=2)
mutant("t4", "not-a-number", place="rural", visits=-1)
mutant("t4", "calls-too-few", place="rural", visits=8)
mutant("t4", "not-a-number", place="rural", visits=30 / 100)
mutant("t4", "not-a-place", place=["rural", "urban"], visits=3)
mutant("t3", "order-matters", lines=["urgent", "rural", "share", "group"])
mutant("t3", "found-not-missed", lines=["urgent", "rural", "group", "found"])
mutant("j", "equal-work", **GOOD | {"first": "read", "because": "equal"})
mutant("j", "levels-down", **GOOD | {"repair": "town"})
mutant("j", "chance-for-a-gap", **GOOD | {"group": "age_band"})
mutant("b", "test-does-not-pass", rural=8, urban=11)
mutant("b", "test-does-not-pass", rural=1, urban=30)

# A third reader's answers: columns where one value is asked for, and sliders that turn the gap round.
FILES = load("urgent-recorded")

mutant("t4", "not-a-place", place=FILES["urban_rural"], visits=2)
mutant("t4", "not-a-number", place="rural", visits=FILES["prior_contacts"])
mutant("t4", "not-a-number", place="rural", visits=[2, 3])
mutant("t4", "not-a-number", place="rural", visits=">= 2")
mutant("t3", "believes-the-record", lines=["recorded", "rural", "group", "share"])
mutant("t3", "all-files", lines=["urgent", "rural", "group", "everybody"])
mutant("j", "reason-does-not-hold", **GOOD | {"because": "certain"})
mutant("j", "says-one-shows-another", **GOOD | {"measure": "right"})
mutant("b", "town-is-worse", rural=20, urban=3)
mutant("b", "town-is-worse", rural=30, urban=1)
mutant("b", "equally-bad", rural=2, urban=2)
solution("t3", lines=["rural", "urgent", "group", "share"])
solution("t4", place="rural", visits=2.0)
