"""Wrong answers to "Who is in the data?", written by somebody other than the lab's author."""

from labs.datasets.loader import load

register = load("service-requests")

GOOD = {"district": "Gakenke", "because": "unheard", "report": "unknown", "who": "head"}
ANY = {"channel": "any", "province": "any", "urban_rural": "any"}

mutant("w", "in-quotes", visitors="40 people")
mutant("w", "not-a-count", visitors=(1, 200))  # 1,200 as one writes it in English
mutant("w", "not-a-count", visitors=0.5)
mutant("t3", "order-matters", lines=["counts", "first", "share", "right"])
mutant("t3", "no-share", lines=["counts", "counts", "first", "right"])
mutant("t3", "rarest-word", lines=["counts", "last", "right", "sum"])
mutant("t4", "swapped", channel="judgment not carried out", word="self")
mutant("t4", "not-in-the-register", channel="self (online)", word="land")
mutant("t4", "not-in-the-register", channel="self", word="JUDGMENT NOT CARRIED OUT")
mutant("t4", "not-in-the-register", channel="self", word=3)
mutant("t4", "other-door", channel="phone", word="judgment not carried out")
mutant("j", "silence-is-content", district="Gasabo", because="most", report="content", who="register")
mutant("b", "still-land-first", **ANY | {"urban_rural": "urban"})
mutant("b", "too-few-files", channel="phone", province="City of Kigali", urban_rural="rural")
solution("t4", channel=" self ", word="judgment not carried out ")  # copied with a space

# A second reader's answers, written from what learners see alone.
mutant("w", "not-a-count", visitors=(40,))  # a comma at the end
mutant("w", "in-quotes", visitors="quarante")
mutant("w", "not-a-count", visitors=1.2)  # 1.200 with a point between thousands
mutant("t3", "order-matters", lines=["share", "right", "first", "counts"])  # from the bottom up
mutant("t3", "no-share", lines=["counts", "first", "right", "right"])
mutant("t4", "not-in-the-register", channel="self", word="judgments not carried out")
mutant("t4", "not-in-the-register", channel="self", word="jugement non exécuté")
mutant("t4", "land-everywhere", channel="online (self)", word="land")
mutant("t4", "other-door", channel="office", word="judgment not carried out")
mutant("t4", "not-in-the-register", channel="self", word="30")
mutant("t4", "more-than-one", channel="self", word=("judgment not carried out", "land"))
mutant("j", "says-one-does-another", **GOOD | {"district": "Musanze"})
mutant("j", "silence-is-content", district="Nyabihu", because="calm", report="content", who="loudest")
mutant("b", "land-even-stronger", **ANY | {"channel": "agent"})
solution("b", **ANY | {"channel": "self", "urban_rural": "rural"})

# A third reader's answers: lists and whole columns where one value is asked for, and reasons that do not fit.
mutant("w", "not-a-count", visitors=[35, 42, 40])  # several days
mutant("w", "not-a-count", visitors=register["case_id"])
mutant("t3", "number-not-share", lines=["counts", "first", "right", "sum"])
mutant("t4", "more-than-one", channel=register["channel"], word=register["category"])
mutant("t4", "more-than-one", channel=["self", "phone"], word="judgment not carried out")
mutant("t4", "more-than-one", channel="self", word=register["category"].value_counts())
mutant("t4", "not-in-the-register", channel="self", word="judgments that nobody carries out")
mutant("t4", "not-in-the-register", channel="self", word=34)
mutant("j", "most-but-fewest", **GOOD | {"because": "most"})
mutant("j", "says-one-does-another", **GOOD | {"district": "Gasabo"})
mutant("b", "too-few-files", channel="self", province="Eastern", urban_rural="urban")
solution("w", visitors=12 * 21)
solution("w", visitors=0)
