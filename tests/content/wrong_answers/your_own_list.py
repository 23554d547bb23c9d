"""Wrong answers to "Your own list", written by somebody other than the lab's author."""

SHAPE = {"rows": 160, "columns": 5, "countable": 4}
PICKED = {"known": True, "same": False, "values": 3, "doors": 5, "smallest": 9, "biggest_share": 0.58}
GROUP = {"known": True, "rows": 31, "worst": True, "right_share": 0.3, "all_share": 0.6}

mutant(
    "own", "too-few-rows", shape={"rows": 0, "columns": 4, "countable": 0}
)  # a first line and nothing else
mutant("own", "too-few-rows", shape={"rows": 5, "columns": 1, "countable": 1})
mutant("own", "no-repetition", shape=SHAPE | {"countable": 1})
mutant("pick", "no-such-column", picked=PICKED | {"known": False})
mutant("pick", "too-many-entries", picked=PICKED | {"values": 160, "doors": 160})
mutant("pick", "same-column-twice", picked=PICKED | {"same": True, "values": 90})
mutant("t3", "order-matters", steps=["aside", "rest", "count", "say"])
mutant("t3", "saw-the-exam", steps=["all", "say", "same", "count"])
mutant("t3", "order-matters", steps=["rest", "say", "count", "aside"])
mutant("b", "too-small", group=GROUP | {"rows": 1, "right_share": 0.0})
mutant("b", "served-well", group=GROUP | {"worst": False, "right_share": 0.5})
mutant("j", "repairs-unknown", missing="leave", next="rows")

# A second reader's answers, written from what learners see alone.
mutant("own", "too-few-rows", shape=SHAPE | {"rows": 29})
mutant("own", "too-few-rows", shape={"rows": 1, "columns": 1, "countable": 0})  # all in one column
mutant("own", "no-repetition", shape=SHAPE | {"columns": 2, "countable": 0})
mutant("pick", "one-entry", picked=PICKED | {"doors": 1})
mutant("pick", "too-many-entries", picked=PICKED | {"values": 25})
solution("pick", picked=PICKED | {"biggest_share": 0.99, "values": 2})
solution("pick", picked=PICKED | {"smallest": 1})
mutant("t3", "saw-the-exam", steps=["aside", "all", "same", "count"])
mutant("t3", "order-matters", steps=["aside", "say", "rest", "count"])
mutant("b", "served-well", group=GROUP | {"worst": False})
mutant("j", "repairs-unknown", missing="weight", next="start")
mutant("j", "tools-before-reasons", missing="ask", next="rows")

# A third reader's answers, typed as a beginner would; `*_of` in checks.py makes these shapes of them.
mutant("pick", "no-list", picked={"known": False, "list": False})  # before a list was brought
mutant("pick", "incomplete", picked={"known": False, "both": False})  # a question and no door
mutant("pick", "no-such-column", picked={"known": False})  # "Qualities"
mutant("pick", "too-many-entries", picked=PICKED | {"values": 26})  # litres
mutant("pick", "too-many-entries", picked=PICKED | {"doors": 80})  # days
mutant("b", "columns-first", group={"known": False, "counted": False})
mutant("b", "no-such-group", group={"known": False})  # "Rugarama, Kabeza"
mutant("b", "served-well", group=GROUP | {"rows": 38, "worst": False, "right_share": 0.66, "all_share": 0.65})
mutant("own", "too-few-rows", shape={"rows": 3, "columns": 5, "countable": 0})
mutant("t3", "order-matters", steps=["say", "aside", "rest", "count"])

# One more reader's answers.
mutant("pick", "entry-not-column", picked={"known": False, "entry": True})  # "good"
mutant("pick", "no-such-column", picked={"known": False, "entry": False})  # the column itself, or its number
