"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

GOOD = {"cannot": "fine", "means": "like", "above": "ask"}

solution("t1", choice="voice", before=True)  # Being wrong costs nothing.
solution("t1", choice="phone", before=True)
solution("t2", choice="examples")
solution("t3", steps=["far", "near", "vote", "say"])
solution("b", papers=3, boxes=3)
solution("b", papers=3, boxes=2)
solution("t4", question="empty_boxes", limit=5)
solution("t4", question="empty_boxes", limit=4)
solution("j", **GOOD)

mutant("t1", "after-the-run", choice="phone")
mutant("t2", "it-is-a-mystery", choice="mystery")
mutant("t2", "it-speaks", choice="speaks")
mutant("t2", "it-understands", choice="knows")
mutant("t3", "asks-for-the-answer", steps=["ask", "near", "vote", "say"])
mutant("t3", "writes-a-rule", steps=["rule", "far", "near", "say"])
mutant("t3", "order-matters", steps=["near", "far", "vote", "say"])
mutant("t3", "order-matters", steps=["far", "far", "vote", "say"])
mutant("t3", "incomplete", steps=["far", "near", None, None])
mutant("b", "both-say-long", papers=6, boxes=8)
mutant("b", "nearest-says-short", papers=2, boxes=1)
mutant("b", "nearest-says-short", papers=0, boxes=9)  # The other way round: short among long ones.
mutant("t4", "question-says-little", question="papers", limit=5)
mutant("t4", "question-says-little", question="hour", limit=0)
mutant("t4", "limit-too-low", question="empty_boxes", limit=0)
mutant("t4", "limit-too-low", question="empty_boxes", limit=2)
mutant("t4", "limit-too-high", question="empty_boxes", limit=9)
mutant("t4", "incomplete", question="empty_boxes", limit="five")
mutant("j", "it-knows-that", **GOOD | {"cannot": "boxes"})
mutant("j", "it-knows-that", **GOOD | {"cannot": "often"})
mutant("j", "more-than-it-says", **GOOD | {"means": "hers"})
mutant("j", "more-than-it-says", **GOOD | {"means": "care"})
mutant("j", "nobody-helps", **GOOD | {"above": "wait"})
mutant("j", "nobody-helps", **GOOD | {"above": "fill"})
mutant("j", "incomplete", **GOOD | {"above": None})

gaming("t3", steps="far near vote say")
gaming("b", papers="3", boxes="3")
gaming("b", papers=3.2, boxes=3)
gaming("t4", question="long", limit=1)  # the answer itself
gaming("t4", question="empty_boxes", limit=True)
gaming("t4", question=["empty_boxes"], limit=5)
gaming("j", **GOOD | {"cannot": ["fine", "boxes"]})
