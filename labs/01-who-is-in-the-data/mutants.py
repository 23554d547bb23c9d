"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

GOOD = {"district": "Gakenke", "because": "unheard", "report": "unknown", "who": "head"}
ANY = {"channel": "any", "province": "any", "urban_rural": "any"}

solution("w", visitors=40)
solution("w", visitors=0)  # Saturday
solution("w", visitors=40.0)
solution("t1", choice="17", before=True)  # Being wrong costs nothing.
solution("t2", choice="executed")
solution("t3", lines=["counts", "first", "right", "share"])
solution("t4", channel="self", word="judgment not carried out")
solution("t4", channel="online (self)", word="judgment not carried out")  # the door as the table labels it
solution("j", **GOOD)
solution("j", **GOOD | {"district": "Nyamagabe"})
solution("b", **ANY | {"channel": "self"})
solution("b", **ANY | {"channel": "self", "urban_rural": "urban"})
solution("b", **ANY | {"channel": "self", "province": "City of Kigali"})

mutant("w", "in-quotes", visitors="40")
mutant("w", "in-quotes", visitors="about forty")
mutant("w", "not-a-count", visitors=-3)
mutant("w", "not-a-count", visitors=12.5)
mutant("t1", "after-the-run", choice="34")
mutant("t2", "whole-is-part", choice="land")
mutant("t2", "wrong-column", choice="expropriation")
mutant("t2", "small-is-useless", choice="nothing")
mutant("t3", "order-matters", lines=["first", "counts", "right", "share"])
mutant("t3", "order-matters", lines=["counts", "right", "first", "share"])
mutant("t3", "rarest-word", lines=["counts", "last", "right", "share"])
mutant("t3", "number-not-share", lines=["counts", "first", "right", "sum"])
mutant("t3", "no-share", lines=["counts", "first", "last", "right"])
mutant("t3", "incomplete", lines=["counts", "first", None, None])
mutant("t4", "not-in-the-register", channel="online", word="judgment not carried out")
mutant("t4", "not-in-the-register", channel="self", word="Judgment not carried out")
mutant("t4", "more-than-one", channel="self", word=["judgment not carried out", "land"])
mutant("t4", "swapped", channel="land", word="office")
mutant("t4", "incomplete", channel="self", word=None)
mutant("t4", "incomplete", channel=None, word="land")
mutant("t4", "not-in-the-register", channel="self", word="judgment")  # one word of three
mutant("t4", "other-door", channel="outreach", word="land")  # the highest number of the whole table
mutant("t4", "other-door", channel="office", word="land")  # copied the example
mutant("t4", "land-everywhere", channel="self", word="land")
mutant("t4", "not-the-commonest", channel="self", word="judgment disputed")
mutant("j", "silence-is-content", **GOOD | {"report": "content"})
mutant("j", "left-out", **GOOD | {"report": "left-out"})
mutant("j", "nobody-answers", **GOOD | {"who": "register"})
mutant("j", "nobody-answers", **GOOD | {"who": "loudest"})
mutant("j", "most-is-worst", **GOOD | {"district": "Gasabo", "because": "most"})
mutant("j", "most-but-fewest", **GOOD | {"because": "most"})  # a quiet district because of its many requests
mutant("j", "little-work", **GOOD | {"because": "calm"})
mutant("j", "says-one-does-another", **GOOD | {"district": "Nyamasheke"})
mutant("j", "says-one-does-another", **GOOD | {"district": "Huye"})
mutant("j", "incomplete", **GOOD | {"who": None})
mutant("j", "incomplete", **GOOD | {"district": "none"})
mutant("b", "too-few-files", channel="self", province="Western", urban_rural="rural")
mutant("b", "still-land-first", **ANY | {"channel": "office"})
mutant("b", "still-land-first", **ANY | {"province": "City of Kigali"})
mutant("b", "land-even-stronger", **ANY | {"channel": "outreach"})
mutant("b", "neck-and-neck", **ANY | {"channel": "phone"})

gaming("w", visitors=True)
gaming("w", visitors=float("inf"))
gaming("w", visitors=[40])
gaming("t2", choice=["executed"])
gaming("t3", lines=["share", "share", "share", "share"])
gaming("t3", lines=["counts", "first", "right", "__import__('os')"])
gaming("t3", lines="counts first right share")
gaming("t4", channel=["self"], word=["judgment not carried out"])
gaming("t4", channel="self", word=True)
gaming("j", **GOOD | {"district": "Everywhere"})
gaming("j", **GOOD | {"because": ["unheard", "most"]})
gaming("b", **ANY | {"channel": {"self": 1}})
gaming("b", **ANY | {"channel": "self", "province": "Nowhere"})
