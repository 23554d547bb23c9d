"""Should this be AI at all? Twelve proposals, a one-line rule against a model, and a note to sign. See lab.toml."""

# %% [markdown]
# # Should this be AI at all?
#
# Every second Thursday a small committee meets in the meeting room of a district. The chair is the executive
# secretary, Athanase. He has a folder with twelve proposals, one for each department. Every cover says: “with
# artificial intelligence”. Since last week you are the committee’s secretary.
#
# Athanase closes the door. “They all want it. Nobody can tell me **why**. Before we spend a single franc, I want to
# hear three things about each: is there a rule that already does it? What happens to people when it goes wrong? And
# if we need a model, how much better is it than the simplest thing we could do?”
#
# No programming is needed. Press **Run** below a cell (▶ in JupyterLab), or **Shift + Enter**, to run it. Go from top
# to bottom. You may stop at any time and come back: what you answered is kept.
#
# *The district, the committee, the proposals and all files are made up.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("should-this-be-ai")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Twelve proposals
# *13 minutes.* First a word on the word. **Artificial intelligence** is a name for programs that do what usually
# takes a person’s judgment: read, sort, predict, write. Most of them today are **models**: nobody wrote down how they
# decide; they learnt it from examples. A calculator, a calendar or a list does what somebody wrote down, step by
# step. That is no artificial intelligence, and often it is better. So there are three kinds of work.
#
# - **A fixed rule**: somebody can write it on one card, and it is right every time. A price list, a calendar, a law.
# - **A model that prepares**: nobody can write the rule down, but there are thousands of examples. It may be wrong
#   now and then, because a person checks before anything happens to a citizen.
# - **Not for a computer**: it would decide about somebody’s life, look into lives without being asked, or learn from
#   next to nothing.

# %% {"task": "cards", "check": true}
lab.ask("cards")

# %% [markdown]
# ## 3 · One line against a model
# *10 minutes.* One proposal divides the committee. The desk for urgent files (you know it from lab {lab:where-to-set-the-bar}) would like a
# model that says which files to read first. An old officer, Philomène, stands up. “We have a rule. At the counter we
# tick what has happened: a date of eviction, an illness, violence, no shelter. **Read first the people who have
# something ticked.** It is one line.” Run the cell.

# %% {"locked": true, "id": "rule"}
cases = lab.load("urgent-cases")
known, trial = cases.iloc[:4000], cases.iloc[4000:]
rule = trial["circumstance"] != "none noted"
desk.rule_alone(rule, trial)

# %% [markdown]
# The supplier smiles. The model has learnt from 4,000 files. Besides the tick, it looks at the service, the channel,
# town or country, earlier contacts, the days of waiting and the papers attached. To be fair, it may pick **just as many
# files** as the rule.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% [markdown]
# Now see.

# %% {"locked": true, "id": "reveal"}
scores = desk.trained(known, trial)
lab.reveal("t1", desk.race(rule, scores, trial))

# %% [markdown]
# The supplier has a second proposal: the mail room. There, too, somebody has written a rule: it looks for some thirty
# words, “invoice”, “plainte”, “ndasaba”, and puts the letter into the tray of the first one that it finds. Run the
# cell. It takes a few seconds, because a model learns from 3,000 letters in it.

# %% {"locked": true, "id": "table"}
desk.two_desks()

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · A fair comparison
# *8 minutes.* Next time you want to make this comparison yourself. It is four lines long; you put them in order. These
# words are used:
#
# | word | what it is |
# | --- | --- |
# | `trial` | the new files, with what was ticked |
# | `urgent` | who really was urgent |
# | `scores` | the score that the model gives to each file |
# | `.rank(ascending=False)` | the place in the ranking: 1 is the highest score |
# | `&` | and: both at once |
# | `.sum()` | how many |

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Write the rule
# *9 minutes.* “Good,” says Athanase, “then let us have the rule in writing.” Put it together and watch the table,
# which counts on `trial`. The judge counts on the exam.

# %% {"task": "t4", "check": true}
lab.ask("t4")

# %% [markdown]
# ## 6 · The impact note
# *13 minutes.* Law 058/2021 asks for an assessment of the impact before personal data is used in a way that may harm
# people, profiling included (art. 38). Health and family details are sensitive data (art. 3), people may object (art.
# 19), and they have the right not to be subject to a decision that rests on automated processing alone (art. 21).
# Other countries think alike: in the European Union’s law on artificial intelligence, deciding who is helped first in
# an emergency counts as high risk, and a program that only prepares narrow office work does not.
#
# A long assessment begins with a short note. Fill it in for the **desk for urgent files**. The note is drawn up below
# the menus while you choose. It has to agree with itself, and you will put your name to it.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now in your own words. The supplier writes to Athanase: “Your committee is against progress.” Draft his answer, in four
# or five sentences: why the desk does not get a model now, and what would have to be shown for the committee to look at
# it again. A person reads this, your trainer; no computer marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *8 minutes.* “But a model **learns**,” says the supplier at the door. “Give it time.” Time means: examples. Find out how
# many it needs, and where a rule wins by far.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - First ask whether **a rule is already written** somewhere. Then it is a rule that you need.
# - Compare a model with **the simplest rule**, with the same number of files to pick, on cases that are new to both.
# - Where the two are close, **take what people can read**, explain and complain about.
# - Some work is not for a computer at all: to decide about a life, to suspect a village, to learn from three
#   examples.
#
# Next lab, for those who write programs: *Clean it, don’t leak it*. See how far you are, then hand in your work. You
# can hand in again until the lab is closed; the last one counts.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
