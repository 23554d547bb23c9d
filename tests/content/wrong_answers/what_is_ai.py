"""Wrong answers to "What is AI?", written by somebody other than the lab's author."""

GOOD = {"cannot": "fine", "means": "like", "above": "ask"}

mutant("t3", "order-matters", steps=["far", "near", "say", "vote"])
mutant("t3", "order-matters", steps=["vote", "near", "far", "say"])
mutant("t3", "asks-for-the-answer", steps=["rule", "ask", "near", "say"])
mutant("b", "both-say-long", papers=9, boxes=9)
mutant("b", "nearest-says-short", papers=5, boxes=2)
mutant("b", "both-say-long", papers=4, boxes=5)
mutant("t4", "question-says-little", question="papers", limit=0)
mutant("t4", "question-says-little", question="hour", limit=12)
mutant("t4", "limit-too-high", question="empty_boxes", limit=17)
mutant("t4", "limit-too-low", question="empty_boxes", limit=1)
mutant("t4", "incomplete", question=None, limit=5)
mutant("j", "it-knows-that", cannot="often", means="care", above="fill")

# A second reader's answers, written from what learners see alone.
mutant("t3", "order-matters", steps=["far", "near", "vote", "vote"])
mutant("t3", "order-matters", steps=["near", "far", "vote", "say"])
mutant("t3", "writes-a-rule", steps=["rule", "far", "near", "say"])
mutant("t3", "incomplete", steps=["far", "near", "vote", None])
mutant("b", "nearest-says-short", papers=0, boxes=0)
mutant("b", "nearest-says-short", papers=9, boxes=0)
mutant("b", "nearest-says-short", papers=0, boxes=9)
mutant("t4", "limit-too-low", question="empty_boxes", limit=0)
mutant("t4", "limit-too-high", question="empty_boxes", limit=9)
mutant("t4", "question-says-little", question="hour", limit=8)
mutant("t4", "question-says-little", question="papers", limit=17)
mutant("j", "more-than-it-says", **GOOD | {"means": "hers"})
mutant("j", "it-knows-that", **GOOD | {"cannot": "boxes"})
mutant("j", "nobody-helps", **GOOD | {"above": "wait"})

# A third reader's answers, chosen as a beginner would.
solution("t4", question="empty_boxes", limit=3)  # good enough for the check, so for the judge
mutant("t4", "limit-too-high", question="empty_boxes", limit=8)
mutant("t4", "limit-too-high", question="empty_boxes", limit=10)  # nobody has so many
mutant("t4", "question-says-little", question="hour", limit=16)
mutant("t4", "incomplete", limit=5)
mutant("b", "nearest-says-short", papers=3, boxes=5)
mutant("b", "nearest-says-short", papers=2, boxes=4)
mutant("b", "both-say-long", papers=4, boxes=4)
mutant("b", "both-say-long", papers=6, boxes=6)
mutant("t3", "incomplete", steps=["near", "vote", "say", None])

# A fourth reader's answers.
mutant("t3", "asks-for-the-answer", steps=["ask", "far", "near", "say"])
mutant("t3", "writes-a-rule", steps=["far", "near", "vote", "rule"])
mutant("b", "both-say-long", papers=5, boxes=5)
mutant("b", "both-say-long", papers=3, boxes=6)
mutant("t4", "question-says-little", question="hour", limit=0)  # nothing was moved
mutant("t4", "question-says-little", question="papers", limit=4)
mutant("t4", "question-says-little", question="hour", limit=10)
mutant("t4", "limit-too-low", question="empty_boxes", limit=2)
mutant("j", "incomplete", cannot="fine")
mutant("j", "nobody-helps", **GOOD | {"above": "fill"})
solution("t4", question="empty_boxes", limit=5)
solution("t4", question="empty_boxes", limit=7)
