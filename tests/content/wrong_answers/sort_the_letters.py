"""Wrong answers to "Sort the letters", written by somebody other than the lab's author."""

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
mutant("b", "still-an-appeal", letter=APPEAL.upper())  # capitals change nothing for it
mutant("b", "still-an-appeal", letter=APPEAL + " Please, please, thanks.")
