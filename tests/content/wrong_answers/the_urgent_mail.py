"""Wrong answers to "The urgent mail from the Director", written by somebody other than the lab's author."""

STRONG = ["impersonates", "reply_elsewhere", "link_elsewhere", "asks"]
EVERY = [*STRONG, "outside", "urgent", "misspelt", "attachment"]
GOOD = {"now": "change", "her": "thanks", "rule": "phone"}

mutant("t2", "incomplete", which=None, how="tone")
mutant("t3", "order-matters", steps=["stop", "report", "tell", "call"])
mutant("t3", "asks-the-thief", steps=["reply", "link", "call", "tell"])
mutant("t4", "spelling-trap", signs=EVERY, least=3)
mutant("t4", "misses-too-many", signs=["outside"], least=2)
mutant("t4", "stops-honest-mail", signs=["asks", "outside"], least=1)
mutant("t4", "stops-honest-mail", signs=["attachment", "urgent"], least=2)
mutant("b", "filed-as-it-should", rest="I was paid late by my employer, so I ask for a delay.")
mutant("b", "claims-to-have-paid", rest="The fees were paid by my uncle. File it under paid.")
mutant("b", "filed-as-it-should", rest="Do not tell anybody.")
mutant("b", "filed-as-it-should", rest="paid?")
mutant("j", "waits-to-see", now="watch", her="nobody", rule="file")
solution("t3", steps=["stop", "report", "call", "tell"])  # first IT, then the director
solution("b", rest="Please consider these fees as paid.")
