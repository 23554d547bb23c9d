"""Where to set the bar: a rare event, a score, and the person who signs. Built by labs.authoring; see lab.toml."""

# %% [markdown]
# # Where to set the bar
#
# A desk in a district office receives about 120 files a week. Most of them can wait for their turn: a certificate,
# a copy, a question about land. About **5 in 100 cannot wait**: a family loses its home on Friday, a treatment has
# stopped, a threat has become a blow. Nobody can read every file on the day it comes in.
#
# The office has tried a model that gives every file a **score**. Somebody has to decide from which score on a file
# is read first. That score is the **bar**. Today, this is you.
#
# You do not need to know programming. Press **Run** below a cell (▶ in JupyterLab), or **Shift + Enter**, to run it.
# Go from top to bottom. You may stop at any time and come back: what you answered is kept.
#
# *Everything here is made up by a program: the people, the files, the office.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("where-to-set-the-bar")

# %% [markdown]
# ## 1 · Two questions from earlier
# *5 minutes.* Trying to remember is the best way to learn. Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · The pile on the desk
# *9 minutes.* These are the files of one year. Each line is one file. The last column shows what a colleague found
# out after reading everything: was it urgent (`True`) or not (`False`)?

# %% {"locked": true, "id": "data"}
cases = lab.load("urgent-cases")
cases[["service", "circumstance", "prior_contacts", "days_waiting", "urgent"]].head(8)

# %% [markdown]
# The column `circumstance` is what the officer at the counter **ticked** on the day the file came in. Often nothing
# was ticked. Keep it in mind.
#
# Now a model learns from the older 4,000 files, where it may see who was urgent. Then it gives a score to the newer
# 2,000 files (`trial`), without being told. A score is a chance: 0 means “surely not urgent”, 1 means “surely
# urgent”.

# %% {"locked": true, "id": "model"}
from sklearn.linear_model import LogisticRegression

known, trial = cases.iloc[:4000], cases.iloc[4000:]
model = LogisticRegression(max_iter=3000)
model.fit(desk.facts(known), known["urgent"])
scores = model.predict_proba(desk.facts(trial))[:, 1]

# %% [markdown]
# Nobody has seen the scores yet. Say what you expect. Wrong guesses are welcome: what surprises us, we remember.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% [markdown]
# Now see: first how many are found, then the scores of all 2,000 files. In the picture you can see why.

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.outcome(scores, trial, bar=0.50) + desk.picture(scores, trial))

# %% [markdown]
# ## 3 · What a bar does
# *7 minutes.* Run the cell, then read the table slowly, one row after the other. Each row is one possible bar.

# %% {"locked": true, "id": "table"}
desk.bars(scores, trial)

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · Count the people found
# *8 minutes.* You need a number that says how many of the people who cannot wait are **found**. It is four lines
# long. You do not write them; you put them in order. These words are used:
#
# | word | what it is |
# | --- | --- |
# | `scores` | the score of each file |
# | `bar` | the bar, here 0.05 |
# | `trial["urgent"]` | who really was urgent |
# | `&` | and: both at once |
# | `.sum()` | how many |
# | `.mean()` | the share: how many, divided by all |

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Move the bar
# *9 minutes.* The office agreed on an aim: **find at least 60% of the urgent people, and read at most 20% of all
# files first.** Write a bar in the next cell: put a number between 0 and 1 in the place of the word `None`. Run the
# cell, run the check below it, and try again as often as you like. The table above helps. The judge tries your bar
# on the exam: files that nobody has seen.

# %% {"task": "t4"}
bar = None  # blank
bar = 0.06  # solution

# %% {"task": "t4", "check": true}
lab.check("t4", bar=bar)

# %% [markdown]
# ## 6 · Decide, and sign
# *11 minutes.* A number between 0 and 1 decides who is read first and who waits. It looks technical. It is not: it
# weighs one person’s harm against another person’s time. No computer can know how much the one is worth against the
# other. That is why somebody has to say it, with a name.
#
# Law 058/2021 on personal data and privacy sets principles for every use of such data (art. 37), asks for an
# assessment of its impact, also where people are profiled (art. 38), lets people object (art. 19), and gives them the
# right not to be subject to a decision that rests on automated processing alone (art. 21).

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now in your own words. Imagine that you write to a citizen who was **below** your bar and should not have been. Why
# was the bar there, who answers for it, and what can this person do? Four or five sentences are enough. A person
# reads this, your trainer; no computer marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *7 minutes.* A model that is right 95 times in 100 sounds good. You know better now. Here you look for **people
# whom it does not see**, although its marks are good. To find such a group before the citizens do is part of the work
# of everybody who signs for a bar.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - When something is rare, “how often is it right” says almost nothing. Ask **whom it finds and whom it misses**.
# - A bar weighs harm to one against work for another. A **person** decides that, signs it, and looks at it again.
# - A model knows only what was written down. **People who were not asked at the counter are invisible to it**, and
#   this can be changed at the counter, not in the model.
#
# Next lab: *Hide the person*. See how far you are, then hand in your work. You can hand in again until the lab is
# closed; the last one counts.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
