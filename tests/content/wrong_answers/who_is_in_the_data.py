"""Wrong answers to "Who is in the data?", written by somebody other than the lab's author."""

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
mutant("t4", "not-in-the-register", channel="self", word=("judgment not carried out", "land"))
mutant("j", "says-one-does-another", **GOOD | {"district": "Musanze"})
mutant("j", "silence-is-content", district="Nyabihu", because="calm", report="content", who="loudest")
mutant("b", "land-even-stronger", **ANY | {"channel": "agent"})
solution("b", **ANY | {"channel": "self", "urban_rural": "rural"})
