"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

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

solution("cards", **CARDS)
solution("cards", **CARDS | {"queue": "people", "scan": "people"})  # of another opinion twice
solution("t1", choice="more", before=True)  # Being wrong costs nothing.
solution("t2", choice="depends")
solution("t3", lines=["rule", "many", "picked", "gain"])
solution("t4", **RULE)
solution("t4", **RULE | {"ticks": TICKS[::-1]})
solution("j", **NOTE)
solution("j", **NOTE | {"use": "model", "because": "trial"})  # another view that can be defended
solution("b", desk="urgent", learnt="150")

mutant("cards", "one-answer-for-all", **dict.fromkeys(CARDS, "people"))
mutant("cards", "one-answer-for-all", **dict.fromkeys(CARDS, "model"))
mutant("cards", "computer-decides", **CARDS | {"refuse": "model"})
mutant("cards", "profiles-people", **CARDS | {"despair": "model"})
mutant("cards", "profiles-people", **CARDS | {"cheat": "model"})
mutant("cards", "too-few-cases", **CARDS | {"bridge": "model"})
mutant("cards", "model-where-a-rule-is-written", **CARDS | dict.fromkeys(RULES, "model"))
mutant("cards", "rule-for-what-nobody-can-write-down", **CARDS | dict.fromkeys(MODELS, "rule"))
mutant("cards", "afraid-of-every-model", **CARDS | dict.fromkeys(MODELS, "people"))
mutant("cards", "incomplete", **CARDS | {"scan": "choose"})
mutant("t1", "after-the-run", choice="same")
mutant("t2", "model-always-better", choice="always")
mutant("t2", "rule-always-enough", choice="never")
mutant("t2", "compared-the-desks", choice="across")
mutant("t3", "order-matters", lines=["picked", "rule", "many", "gain"])
mutant("t3", "not-the-same-number", lines=["rule", "many", "half", "gain"])
mutant("t3", "not-the-same-number", lines=["rule", "all", "picked", "gain"])
mutant("t3", "counts-right-answers", lines=["rule", "many", "picked", "right"])
mutant("t3", "no-gain", lines=["rule", "many", "picked", "picked"])
mutant("t3", "incomplete", lines=["rule", None, None, None])
mutant("t4", "who-they-are", **RULE | {"group": "women"})
mutant("t4", "who-they-are", **RULE | {"group": "old"})
mutant("t4", "waits-longest", **RULE | {"ticks": [], "days": 18})
mutant("t4", "reads-too-many", **RULE | {"days": 10})
mutant("t4", "tick-left-out", **RULE | {"ticks": TICKS[:3]})
mutant("t4", "tick-left-out", **RULE | {"ticks": ["violence"]})
mutant("t4", "incomplete", **RULE | {"ticks": ["poverty"]})
mutant("j", "only-the-order", **NOTE | {"affects": "nothing"})
mutant("j", "somebody-is-refused", **NOTE | {"affects": "whether"})
mutant("j", "data-looks-harmless", **NOTE | {"data": "personal"})
mutant("j", "can-be-undone", **NOTE | {"undo": "later"})
mutant("j", "nobody-looks", **NOTE | {"looks": "some"})
mutant("j", "model-for-nothing", **NOTE | {"use": "model"})
mutant("j", "nothing-at-all", **NOTE | {"use": "nothing"})
mutant("j", "reason-does-not-hold", **NOTE | {"because": "new"})
mutant("j", "reason-does-not-hold", **NOTE | {"because": "cheap"})
mutant("j", "reason-does-not-hold", **NOTE | {"because": "trial"})  # a trial of what?
mutant("j", "model-for-nothing", **NOTE | {"use": "model", "because": "new"})
mutant("j", "nobody-told", **NOTE | {"told": "secret"})
mutant("j", "incomplete", **NOTE | {"told": None})
mutant("b", "model-wins-here", desk="letters", learnt="1000")
mutant("b", "nearly-the-same", desk="urgent", learnt="3000")
mutant("b", "too-few-to-count", desk="urgent", learnt="40")
mutant("b", "incomplete", desk="urgent", learnt="7")

gaming("cards", **CARDS | {"fee": ["rule", "model"]})
gaming("cards", **dict.fromkeys(CARDS, True))
gaming("t3", lines=["gain", "gain", "gain", "gain"])
gaming("t3", lines="rule many picked gain")
gaming("t4", **RULE | {"ticks": "eviction date illness violence no shelter"})
gaming("t4", **RULE | {"days": "22"})
gaming("t4", **RULE | {"days": float("nan")})
gaming("t4", **RULE | {"group": {"nobody": 1}})
gaming("j", **NOTE | {"use": ["rule", "model"]})
gaming("b", desk="urgent", learnt=150)
gaming("b", desk="urgent", learnt="__class__")
gaming("t2", choice=["depends", "always"])
