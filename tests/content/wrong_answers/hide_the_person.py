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
mutant("t4", "names-themselves", **RULES | {"clues": "Josiane, Habakabuzo, Mukaharare, Tuyibonezu"})
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

# A third reader's answers: lists that hold names or lack commas, and ways of writing that a pen has.
mutant("t3", "counts-seventeen", pieces=["start", "one", "many", "end"])
mutant("t3", "one-run-only", pieces=["start", "one", "run", "end"])
mutant("t4", "no-commas", **RULES | {"clues": "Mr Ms Bwana"})
mutant("t4", "no-commas", **RULES | {"clues": "Mr Ms, Bwana Madamu Nitwa, veuve de"})
mutant("t4", "names-themselves", **RULES | {"clues": "Mr, Ms, Josiane Tuyibonezu"})
mutant("t4", "too-few-clues", **RULES | {"clues": "Mr, Ms, Mrs, my name is"})
mutant("t4", "hides-every-capital", **RULES | {"clues": WORDS, "sweep": "capitals"})
mutant("j", "good-enough-for-whom", **GOOD | {"give": "all"})
mutant("b", "rule-sees-it", sentence="My ID is 1-2071-7-0045318-0-62.")
mutant("b", "not-the-number", sentence="My ID is 1 2071 7 / 004538 / 0 62.")  # a digit is missing
mutant("b", "could-be-somebody", sentence="My number is 1/1985/8/0012345/0/11, thanks")
solution("b", sentence="The first half is 1 2071 7 00 and the second half 45318 0 62.")
solution("b", sentence="My ID: 1  2071  7  0045318  0  62")
