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
