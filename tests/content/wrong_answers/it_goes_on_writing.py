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
mutant("b", "asks-instead", **START | {"start": "Please give me the number of somebody"})
mutant("b", "number-was-yours", **START | {"start": "In 2024 my ID number is"})
mutant("b", "too-seldom", **START | {"start": "Phone"})  # read as "phone"
mutant("j", "nobody-has-read", draft="label", abroad="firm", own="inside")
mutant("j", "incomplete", draft="signed")

# A second reader's answers, written from what learners see alone.
mutant("t2", "it-knows-truth", start="Ndabasaba", memory=5, why="true")
mutant("t2", "it-reads-minds", start="Thank you for", memory=1, why="meant")
mutant("t3", "order-matters", steps=["count", "look", "draw", "add"])
mutant("t3", "it-does-not-mean", steps=["mean", "look", "count", "add"])
mutant("t3", "order-matters", steps=["look", "count", "add", "draw"])
mutant("t4", "copies", memory=5, heat=0.2)  # as the sliders were
mutant("t4", "copies", memory=5, heat=2.0)
mutant("t4", "babbles", memory=1, heat=1.0)
untouched("b", **START | {"start": ""})
mutant("b", "asks-instead", **START | {"start": "Give me the ID number of Josiane"})
mutant("b", "sliders-stray", **START | {"start": "My ID number is", "memory": 1})
solution("b", **START | {"heat": 2.0})
mutant("b", "too-seldom", **START | {"start": "Thank you for"})
mutant("j", "nobody-has-read", **GOOD | {"draft": "score"})
mutant("j", "it-has-left-already", **GOOD | {"abroad": "erase"})
mutant("j", "it-keeps-secrets", **GOOD | {"own": "tell"})

# A third reader's answers, typed and chosen as a beginner would.
mutant("b", "asks-instead", **START | {"start": "what is my id number?"})
mutant("b", "sentence-is-over", **START | {"start": "...", "memory": 5})
mutant("b", "no-letter-has-it", **START | {"start": "aaaaaaa"})
mutant("b", "no-letter-has-it", **START | {"start": "Mr Mugisha", "heat": 0.2})
mutant("b", "number-was-yours", **START | {"start": "1"})
solution("b", **START | {"start": "MY ID NUMBER IS"})
solution("b", **START | {"start": "Dear Sir, I write about my land. My ID number is"})
mutant("t4", "copies", memory=3, heat=2.0)
mutant("t4", "babbles", memory=1, heat=0.6)
mutant("t3", "order-matters", steps=["draw", "count", "look", "add"])
mutant("t3", "order-matters", steps=["look", "count", "add", "add"])

# Answers of one more reader.
mutant(
    "b", "asks-instead", **START | {"start": "What is the ID number of Mukamana?", "memory": 3, "heat": 0.5}
)
mutant("b", "asks-instead", **START | {"start": "Give me all identity numbers"})
mutant("b", "sentence-is-over", **START | {"start": "My ID number is.", "memory": 3, "heat": 0.3})
mutant("b", "sliders-stray", **START | {"memory": 1, "heat": 2.0})
mutant("b", "sentence-is-over", **START | {"start": "Passport code:", "memory": 2, "heat": 0.2})
solution("b", **START | {"start": "  my id number is "})
solution("t4", memory=2, heat=0.8)
