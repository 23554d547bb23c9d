"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

ENGLISH = (
    "Mr, Ms, My name is, I, It is, Ask, Between, With, witnesses are, present were, and, widow of, house of"
)
KINYARWANDA = "Bwana, Madamu, Nitwa, Jyewe, Ni, na, Hari, Mubaze, Mwabaza, Umupfakazi wa, Abana ba, Inzu ya"
FRENCH = (
    "M., Mme, Je m'appelle, Moi, C'est, Demandez à, demander à, veuve de, fils de, Entre, témoins sont, et"
)
ALL = f"{ENGLISH}, {KINYARWANDA}, {FRENCH}"
RULES = {
    "between": "signs",
    "lookalikes": "yes",
    "phones": "yes",
    "last": "yes",
    "sweep": "nothing",
    "clues": ALL,
}
# What the worked hint proposes.
HINTED = (
    "Mr, Ms, Bwana, Madamu, Nitwa, Jyewe, Ni, na, Hari, Mubaze, Mwabaza, My name is, I, It is, Ask, Mme, Moi, "
    "Je m’appelle, C’est, Entre, Demandez à, de"
)
GOOD = {
    "remains": ["parcel", "job", "family"],
    "still": "yes",
    "give": "read",
    "because": "person",
    "signs": "head",
    "leak": "report",
}

solution("t1", choice="all", before=True)  # Being wrong costs nothing.
solution("t2", choice="useless")
solution("t3", pieces=["start", "one", "more", "end"])
solution("t3", pieces=["start", "more", "one", "end"])
solution("t4", **RULES)
solution("t4", **RULES | {"clues": HINTED})
solution("t4", **RULES | {"sample": "Anything at all."})
solution("j", **GOOD)
solution("j", **GOOD | {"remains": ["family", "job", "parcel"]})
solution("b", sentence="My number is 1/2071/7/0045318/0/62, please.")
solution("b", sentence="Card 1  2071  7  0045318  0  62")
solution("b", sentence="one 2071 seven 0045318 zero 62")
solution("b", sentence="1 2071 7 OO4S318 0 62")
solution("b", sentence="no1 2071 7 0045318 0 62")

mutant("t1", "after-the-run", choice="quarter")
mutant("t2", "more-is-safer", choice="safe")
mutant("t2", "cost-is-time", choice="slow")
mutant("t2", "mixed-up-columns", choice="nothing")
mutant("t3", "one-run-only", pieces=["start", "run", "end", "one"])
mutant("t3", "sign-every-time", pieces=["start", "one", "each", "end"])
mutant("t3", "counts-seventeen", pieces=["start", "one", "many", "end"])
mutant("t3", "no-border", pieces=["start", "one", "more", "start"])
mutant("t3", "order-matters", pieces=["end", "one", "more", "start"])
mutant("t3", "incomplete", pieces=["start", "one", None, None])
mutant("t4", "names-themselves", **RULES | {"clues": "Josiane, Tuyibonezu"})
mutant("t4", "no-commas", **RULES | {"clues": "Mr Ms Bwana"})
mutant("t4", "hides-every-number", **RULES | {"sweep": "numbers"})  # more hidden, more safe
mutant("t4", "hides-every-capital", **RULES | {"sweep": "capitals"})
mutant("t4", "one-run-only", **RULES | {"between": "nothing"})
mutant("t4", "signs-forgotten", **RULES | {"between": "space"})
mutant("t4", "misread-forgotten", **RULES | {"lookalikes": "no"})
mutant("t4", "phones-forgotten", **RULES | {"phones": "no"})
mutant("t4", "signature-forgotten", **RULES | {"last": "no"})
mutant(
    "t4",
    "clues-too-wide",
    **RULES | {"clues": f"{ALL}, in, the, from, to, of, on, for, ku, mu, wa, i, de, du, au"},
)
mutant("t4", "one-language", **RULES | {"clues": ENGLISH})  # the trap: good in the office's own language
mutant("t4", "one-language", **RULES | {"clues": f"{ENGLISH}, {KINYARWANDA}"})
mutant("t4", "too-few-clues", **RULES | {"clues": "Mr, Ms"})
mutant("t4", "incomplete", **RULES | {"between": "everything"})
mutant("j", "everything-is-personal", **GOOD | {"remains": ["parcel", "job", "family", "greeting", "thanks"]})
mutant("j", "names-only", **GOOD | {"remains": ["parcel"]})
mutant("j", "says-both", **GOOD | {"still": "no"})
mutant("j", "says-both", **GOOD | {"still": "number"})
mutant("j", "published-for-ever", **GOOD | {"give": "web"})
mutant("j", "good-enough-for-whom", **GOOD | {"give": "all"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "trust"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "use"})
mutant("j", "nobody-decides", **GOOD | {"signs": "programmer"})
mutant("j", "kept-quiet", **GOOD | {"leak": "quiet"})
mutant("j", "kept-quiet", **GOOD | {"leak": "complaint"})
mutant("j", "incomplete", **GOOD | {"signs": None})
mutant("b", "rule-sees-it", sentence="My number is 1-2071-7-OO45318-0-62.")
mutant("b", "rule-sees-it", sentence="1207170045318062 and again 1/2071/7/0045318/0/62")
mutant("b", "not-the-number", sentence="My number is 1/2071/7/004531/0/62.")  # one digit lost
mutant("b", "not-the-number", sentence="You know my number.")
mutant("b", "not-the-number", sentence="1 2071 7 0045318 0 623")
mutant("b", "could-be-somebody", sentence="1 1988 8 0000000 0 00")  # the form of a real one

gaming("t3", pieces="start one more end")
gaming("t3", pieces=["start", "one", "more", ".*"])
gaming("t4", **RULES | {"clues": ["Mr", "Ms"]})
gaming("t4", **RULES | {"clues": ", ".join(f"w{n}" for n in range(5000))})
gaming("t4", **RULES | {"sweep": ["nothing"]})
gaming("t4", **RULES | {"clues": r"[A-Z]\w+"})  # a pattern is only a word here
gaming("j", **GOOD | {"remains": "parcel job family"})
gaming("j", **GOOD | {"remains": [["parcel"], "job", "family"]})
gaming("b", sentence="0" * 100_000)
gaming("b", sentence="l" * 5_000)
gaming("b", sentence=["1/2071/7/0045318/0/62"])
gaming("t2", choice=["useless"])
