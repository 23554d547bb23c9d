"""Wrong answers to "Sort the letters", written by somebody other than the lab's author."""

from labs.datasets.loader import load

GOOD = {"bar": 45, "worst": "appeal", "because": "lost", "answers": "head"}
APPEAL = (
    "Dear Mayor, in May you refused my request for a pension. The decision came after many days. "
    "I ask you to reconsider this decision."
)

mutant("w", "incomplete", letter="", order="same")
mutant("w", "too-short", letter="Mimi naomba cheti cha kuzaliwa kwa mtoto wangu leo", order="same")  # Swahili
mutant("w", "too-short", letter="help help help help help help help help help help", order="other")
mutant("t3", "learnt-the-exam", lines=["fit-all", "split", "guess", "share"])
mutant("t3", "no-share", lines=["split", "fit", "guess-known", "guess"])
mutant("t3", "order-matters", lines=["guess", "split", "fit", "share"])
mutant("t4", "not-a-kind", kind="Logistic", size=3000)
mutant("t4", "not-a-kind", kind=3000, size="logistic")  # the other way round
mutant("t4", "not-a-size", kind="logistic", size=10)
mutant("t4", "not-a-size", kind="logistic", size=(3, 0))  # 3,000
mutant("t4", "not-a-size", kind="bayes", size="all")
mutant("t4", "rare-trays-empty", kind="bayes", size=300)
mutant("j", "all-mistakes-equal", bar=95, worst="same", because="statistics", answers="nobody")
mutant("j", "incomplete", bar=45, worst="appeal")
mutant("b", "no-word-changed", letter=APPEAL.upper())  # capitals change nothing for it
mutant("b", "still-an-appeal", letter=APPEAL + " Please, please, thanks.")

# A second reader's answers, written from what learners see alone.
mutant("w", "too-short", letter="1 2 3 4 5 6 7 8 9 10 11 12", order="same")
mutant("w", "too-short", letter="I want my pension. " * 5, order="same")
mutant(
    "w",
    "reads-like-us",
    letter="My neighbour moved the stones between our two fields last week.",
    order="unsure",
)
mutant("t3", "mixed-piles", lines=["split", "fit", "guess", "share-known"])
mutant("t3", "mixed-piles", lines=["split", "fit", "guess-known", "share"])
mutant("t4", "not-a-kind", kind="naive Bayes", size=3000)
mutant("t4", "not-a-kind", kind="logistic regression", size=3000)
mutant("t4", "learnt-the-exam", kind="logistic", size=4000)
mutant("t4", "not-a-size", kind="logistic", size="3000")
mutant("t4", "too-few-letters", kind="logistic", size=68)  # the aim, not the number of letters
mutant("t4", "not-a-size", kind="logistic", size=-3000)
mutant("j", "office-first", **GOOD | {"worst": "question"})
mutant("j", "counts-not-harm", **GOOD | {"because": "often", "bar": 10})
mutant("j", "says-harm-sorts-alone", **GOOD | {"bar": 0})
untouched("b", letter="")
untouched("b", letter=APPEAL)
mutant(
    "b",
    "too-many-changes",
    letter="Monsieur le Maire, je vous demande de revoir votre décision du mois de mai.",
)

# A third reader's answers: columns and lists where one value is asked for, letters changed by a slip of the pen.
LETTERS = load("letters")
MISSPELT = (
    APPEAL.replace("reconsider", "reconsidr").replace("refused", "refusd").replace("decision.", "decison.")
)

mutant("t4", "not-a-kind", kind=["bayes", "logistic"], size=3000)
mutant("t4", "not-a-kind", kind=LETTERS["category"], size=3000)
mutant("t4", "not-a-size", kind="logistic", size=LETTERS["text"])
mutant("t4", "not-a-size", kind="logistic", size=0.75)
mutant("j", "more-than-staff-can-read", **GOOD | {"bar": 95})
mutant("b", "no-word-changed", letter=APPEAL.replace(".", " !"))
mutant("b", "still-an-appeal", letter=APPEAL.replace("Mayor", "Sir"))
mutant("b", "too-many-changes", letter="Dear Mayor, thank you for my pension.")
solution("b", letter=MISSPELT)  # right for the check, so for the judge
solution("t4", kind="logistic", size=2900)
