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
