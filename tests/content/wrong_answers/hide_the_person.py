"""Wrong answers to "Hide the person", written by somebody other than the lab's author."""

RULES = {
    "between": "signs",
    "lookalikes": "yes",
    "phones": "yes",
    "last": "yes",
    "sweep": "nothing",
    "clues": "Mr, Ms",
}
GOOD = {
    "remains": ["parcel", "job", "family"],
    "still": "yes",
    "give": "read",
    "because": "person",
    "signs": "head",
    "leak": "report",
}

mutant("t3", "order-matters", pieces=["one", "more", "start", "end"])
mutant("t3", "counts-seventeen", pieces=["start", "one", "one", "end"])
mutant("t3", "one-run-only", pieces=["start", "run", "end", "end"])
mutant("t4", "incomplete", **RULES | {"clues": "Mr Ms Bwana Madamu Nitwa Jyewe Ni na Hari Mubaze"})
mutant("t4", "too-few-clues", **RULES | {"clues": ""})
mutant("t4", "hides-every-capital", sweep="capitals")
mutant("t4", "one-run-only", phones="yes")
mutant("j", "names-only", **GOOD | {"remains": ["parcel", "job"]})
mutant("j", "everything-is-personal", **GOOD | {"remains": ["greeting"]})
mutant("j", "nobody-decides", **GOOD | {"signs": "university"})
mutant("b", "rule-sees-it", sentence="My number is 12071 70045 31806 2")
mutant("b", "not-the-number", sentence="2605 4318 0 7 2071 1")
mutant("b", "could-be-somebody", sentence="1199080012345678")
solution("t3", pieces=["start", "many", "end", "end"])  # sixteen digits in another way
solution("b", sentence="Numéro : un 2071 sept 0045318 zéro soixante-deux 1_2071_7_0045318_0_62")

# A second reader's answers, written from what learners see alone.
WORDS = "Mr, Ms, Bwana, Madamu, Nitwa, veuve de, My name is, Je m'appelle"
mutant("t3", "sign-every-time", pieces=["start", "one", "each", "end"])
mutant("t3", "counts-seventeen", pieces=["start", "many", "more", "end"])
mutant("t4", "too-few-clues", **RULES | {"clues": "Mr; Ms; Bwana; Madamu; Nitwa; veuve de"})
mutant("t4", "too-few-clues", **RULES | {"clues": "Josiane, Habakabuzo, Mukaharare, Tuyibonezu"})
mutant("t4", "phones-forgotten", **RULES | {"clues": WORDS, "phones": "no"})
mutant("t4", "signs-forgotten", **RULES | {"clues": WORDS, "between": "space"})
mutant("t4", "misread-forgotten", **RULES | {"clues": WORDS, "lookalikes": "no"})
mutant("t4", "too-few-clues", **RULES | {"clues": WORDS + ", the, a, in, of, to"})
mutant("t4", "hides-every-number", **RULES | {"clues": WORDS, "sweep": "numbers"})
mutant("j", "everything-is-personal", **GOOD | {"remains": ["parcel", "greeting", "job", "family", "thanks"]})
mutant("j", "incomplete", **GOOD | {"remains": []})
mutant("j", "says-both", **GOOD | {"still": "number", "give": "all"})
mutant("j", "kept-quiet", **GOOD | {"leak": "complaint"})
mutant("b", "not-the-number", sentence="My number ends in 62.")
mutant("b", "rule-sees-it", sentence="1207170045318062")
solution("b", sentence="My number is 12071 70045318 06, and then 2.")
solution("b", sentence="one two zero seven one seven zero zero four five three one eight zero six two")
