"""Honest submissions: what learners of Python courses write, and which no engine may flag or mark down.

One TOML file for each subject, one table for each submission. A small one has one task: `answer` is the learner's cell,
`solution` and `test` are the teacher's (by default `def f(x)` with `assert f(1) == 2`). Optional keys: `given` (a locked
cell above), `before` and `after` (the learner's own cells around the answer), `files` (text files that the lab brings)
and `earns` (the marks that stock nbgrader gives, where these are not the full ones). A longer one has `notebook`, a
percent text whose headings say whose cell follows: `given NAME`, `solution NAME`, `answer NAME`, `test NAME POINTS`,
`cell` for a cell of the learner's own.
"""
