"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

GOOD = {"bar": 45, "worst": "appeal", "because": "lost", "answers": "head"}
MINE = "I write to complain about the office in our sector, nobody answers since May."
APPEAL = (
    "Dear Mayor, in May you refused my request for a pension. The decision came after many days. "
    "I ask you to reconsider this decision."
)
RECOURS = (
    "Monsieur, le comité a refusé mon dossier. Cette décision ne tient pas compte de mes preuves. "
    "J'ai écrit dans le délai. Je vous prie de reconsidérer ma demande."
)


def swapped(text, **words):
    """`text` with some of its words replaced, wherever they are."""
    for old, new in words.items():
        text = text.replace(old, new)
    return text


solution("t1", choice="95", before=True)  # Being wrong costs nothing.
solution("t2", choice="half")
solution("w", letter=MINE, order="same")
solution("t3", lines=["split", "fit", "guess", "share"])
solution("t4", kind="logistic", size=3000)
solution("t4", kind="logistic", size=2900)
solution("j", **GOOD)
solution("j", **GOOD | {"bar": 48})
solution("b", letter=swapped(APPEAL, decision="form", reconsider="grant"))
here.solution("b", letter=swapped(RECOURS, décision="attestation", comité="bureau", preuves="conditions"))
here.solution("b", letter=swapped(RECOURS, décision="demande", comité="bureau", reconsidérer="recevoir"))

mutant("t1", "after-the-run", choice="70")
mutant("t2", "average-for-all", choice="seven")
mutant("t2", "wrong-line", choice="most")
mutant("w", "too-short", letter="a b c d e f g h", order="same")
mutant("t2", "rare-does-not-matter", choice="rare")
mutant("w", "too-short", letter="Please help me", order="same")
mutant("w", "order-counts", letter=MINE, order="other")
mutant("w", "reads-like-us", letter=MINE, order="unsure")
mutant("w", "incomplete", letter=MINE, order=None)
mutant("t3", "order-matters", lines=["fit", "split", "guess", "share"])
mutant("t3", "order-matters", lines=["split", "guess", "fit", "share"])
mutant("t3", "learnt-the-exam", lines=["split", "fit-all", "guess", "share"])
mutant("t3", "tested-on-what-it-learnt", lines=["split", "fit", "guess-known", "share-known"])
mutant("t3", "mixed-piles", lines=["split", "fit", "guess", "share-known"])
mutant("t3", "mixed-piles", lines=["split", "fit", "guess-known", "share"])
mutant("t3", "no-share", lines=["split", "fit", "guess", "guess"])
mutant("t3", "incomplete", lines=["split", "fit", None, None])
mutant("t4", "not-a-kind", kind="logistics", size=3000)
mutant("t4", "not-a-kind", kind=None, size=3000)
mutant("t4", "not-a-size", kind="logistic", size="3000")
mutant("t4", "not-a-size", kind="logistic", size=None)
mutant("t4", "not-a-size", kind="logistic", size=2.5)
mutant("t4", "learnt-the-exam", kind="logistic", size=4000)  # "the more the better"
mutant("t4", "rare-trays-empty", kind="bayes", size=3000)
mutant("t4", "too-few-letters", kind="logistic", size=300)
mutant("t4", "too-few-letters", kind="logistic", size=1000)
mutant("j", "all-mistakes-equal", **GOOD | {"worst": "same"})
mutant("j", "office-first", **GOOD | {"worst": "invoice"})
mutant("j", "office-first", **GOOD | {"worst": "question"})
mutant("j", "counts-not-harm", **GOOD | {"because": "often"})
mutant("j", "counts-not-harm", **GOOD | {"because": "statistics"})
mutant("j", "nobody-answers", **GOOD | {"answers": "model"})
mutant("j", "nobody-answers", **GOOD | {"answers": "nobody"})
mutant("j", "says-harm-sorts-alone", **GOOD | {"bar": 0})  # speaks of harm, lets the model sort everything
mutant("j", "more-than-staff-can-read", **GOOD | {"bar": 90})
mutant("j", "incomplete", **GOOD | {"answers": None})
mutant(
    "b",
    "too-many-changes",
    letter="Dear Mayor, I request a birth certificate for my son, and meet all conditions.",
)
mutant("b", "no-word-changed", letter=APPEAL.upper())
mutant("b", "still-an-appeal", letter=swapped(APPEAL, May="June"))
mutant("b", "still-an-appeal", letter=swapped(RECOURS, Monsieur="Madame"))

gaming("t2", choice={"half": 1})
gaming("w", letter="same " * 50, order="same")
gaming("w", letter=["a"] * 20, order="same")
gaming("t3", lines=["share", "share", "share", "share"])
gaming("t3", lines=["split", "fit", "guess", "__import__('os')"])
gaming("t4", kind="logistic", size=True)
gaming("t4", kind="logistic", size=float("inf"))
gaming("t4", kind=["logistic"], size=[3000])
gaming("j", **GOOD | {"bar": 1000})
gaming("j", **GOOD | {"bar": "45"})
gaming("j", **GOOD | {"worst": ["appeal", "same"]})
gaming("b", letter=APPEAL)  # nothing changed
gaming("b", letter="")
gaming("b", letter=["reroute"])
gaming("b", letter=APPEAL + " certificate request form birth pension shop")  # more than three words
