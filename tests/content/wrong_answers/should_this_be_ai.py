"""Wrong answers to "Should this be AI at all?", written by somebody other than the lab's author."""

RULES = dict.fromkeys(("fee", "sixty", "remind", "hours"), "rule")
MODELS = dict.fromkeys(("post", "queue", "twice", "scan"), "model")
PEOPLE = dict.fromkeys(("refuse", "despair", "cheat", "bridge"), "people")
CARDS = RULES | MODELS | PEOPLE
TICKS = ["eviction date", "illness", "violence", "no shelter"]
RULE = {"ticks": TICKS, "group": "nobody", "days": 22}
NOTE = {
    "affects": "when",
    "data": "sensitive",
    "undo": "never",
    "looks": "all",
    "use": "rule",
    "because": "equal",
    "told": "poster",
}

mutant("cards", "incomplete", fee="rule", post="model")
mutant("cards", "computer-decides", **CARDS | {"refuse": "rule"})
mutant("cards", "profiles-people", **CARDS | {"despair": "rule"})
mutant("cards", "too-few-cases", **CARDS | {"bridge": "rule"})  # inspect by a calendar
mutant("cards", "afraid-of-every-model", **CARDS | dict.fromkeys(("fee", "hours", "remind"), "people"))
mutant("t3", "not-the-same-number", lines=["rule", "many", "half", "right"])
mutant("t3", "order-matters", lines=["many", "rule", "picked", "gain"])
mutant("t4", "who-they-are", **RULE | {"ticks": [], "group": "rural"})
mutant("t4", "reads-too-many", **RULE | {"days": 1})
mutant("t4", "waits-longest", **RULE | {"ticks": [], "days": 1})
mutant("j", "nobody-told", **NOTE | {"told": "asked"})
mutant("j", "nothing-at-all", **NOTE | {"use": "nothing", "because": "cheap"})
mutant("j", "nobody-looks", **NOTE | {"looks": "nobody"})
mutant("j", "model-for-nothing", **NOTE | {"use": "model", "because": "cheap"})
mutant("b", "model-wins-here", desk="letters", learnt="300")

# A second reader's answers, written from what learners see alone.
mutant("cards", "one-answer-for-all", **dict.fromkeys(CARDS, "model"))
mutant("cards", "one-answer-for-all", **dict.fromkeys(CARDS, "people"))
mutant("cards", "one-answer-for-all", **dict.fromkeys(CARDS, "rule"))
mutant("cards", "profiles-people", **CARDS | {"cheat": "model", "bridge": "model"})
mutant(
    "cards",
    "rule-for-what-nobody-can-write-down",
    **CARDS | {"queue": "rule", "twice": "rule", "scan": "people"},
)
mutant("t3", "counts-right-answers", lines=["rule", "many", "picked", "right"])
mutant("t3", "not-the-same-number", lines=["all", "rule", "picked", "gain"])
untouched("t4", **RULE | {"ticks": []})
mutant("t4", "tick-left-out", **RULE | {"ticks": ["illness"]})
mutant("t4", "who-they-are", **RULE | {"group": "women"})
mutant("t4", "reads-too-many", **RULE | {"days": 8})
mutant("j", "only-the-order", **NOTE | {"affects": "nothing", "data": "none"})
mutant("j", "can-be-undone", **NOTE | {"undo": "once"})
mutant("j", "nobody-looks", **NOTE | {"use": "model", "because": "trial", "looks": "nobody"})
mutant("b", "too-few-to-count", desk="urgent", learnt="40")
untouched("b", desk="letters", learnt="3000")

# A third reader's answers: one mistake of each kind, and settings that are half right.
mutant(
    "cards", "model-where-a-rule-is-written", **CARDS | {"fee": "model", "queue": "rule", "post": "people"}
)
mutant("cards", "model-where-a-rule-is-written", **CARDS | dict.fromkeys(RULES, "model"))
mutant("cards", "computer-decides", **CARDS | {"refuse": "model"})
mutant("t3", "not-the-same-number", lines=["rule", "many", "half", "gain"])
mutant("t4", "who-they-are", **RULE | {"group": "rural"})  # all ticks, and a group besides
mutant("t4", "tick-left-out", **RULE | {"ticks": ["violence"]})
mutant("j", "somebody-is-refused", **NOTE | {"affects": "whether"})
mutant("j", "data-looks-harmless", **NOTE | {"data": "personal"})
mutant("j", "model-for-nothing", **NOTE | {"use": "model"})
mutant("j", "reason-does-not-hold", **NOTE | {"because": "new"})
mutant("b", "nearly-the-same", desk="letters", learnt="40")
mutant("b", "nearly-the-same", desk="urgent", learnt="3000")
solution("cards", **CARDS | {"hours": "model", "queue": "rule"})  # another opinion, twice
solution("j", **NOTE | {"use": "model", "because": "trial"})
