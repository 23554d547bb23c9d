"""Wrong answers to "It goes on writing", written by somebody other than the lab's author."""

GOOD = {"draft": "signed", "abroad": "self", "own": "hide"}
START = {"start": "My ID number is", "memory": 4, "heat": 1.0}

mutant("t3", "order-matters", steps=["look", "draw", "count", "add"])
mutant("t3", "it-does-not-check", steps=["look", "true", "mean", "add"])
mutant("t4", "copies", memory=3, heat=0.6)
mutant("t4", "babbles", memory=1, heat=2.0)
mutant("t4", "goes-round-in-circles", memory=1, heat=0.3)
solution("t4", memory=2, heat=0.2)
mutant("t4", "incomplete", memory=2, heat=5)
solution("b", **START | {"start": "I am registered under"})
here.mutant("b", "too-seldom", **START | {"start": "Please give me the number of somebody"})
mutant("b", "number-was-yours", **START | {"start": "In 2024 my ID number is"})
mutant("b", "nothing-personal", **START | {"start": "Phone"})
mutant("j", "nobody-has-read", draft="label", abroad="firm", own="inside")
mutant("j", "incomplete", draft="signed")
