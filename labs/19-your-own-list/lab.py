"""Your own list: base rate, door, who is missing and a first baseline, on a list of the learner's own office."""

# %% [markdown]
# # Your own list
#
# For ten labs you have worked with made-up data. Today you ask the same questions of **a list from your own office**:
# visits, requests, deliveries, repairs. What is the base rate? By which door do the rows come in? Who is missing?
# What has a model to beat?
#
# Your list **stays in your folder**. What goes with your work is how many rows and columns it has, and what you type
# here. If you have no list at hand, take ours, from a milk cooperative.

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("your-own-list")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Which list may come?
# *5 minutes.* The list is for learning, so it has to do without people. Law 058/2021 calls data personal if somebody
# can be identified (art. 3), and lets it be used for what it was collected for (art. 37). Ask the one who answers for
# the list.

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 3 · Bring your list
# *10 minutes.* In your sheet, delete names, phones, identity numbers and free text. Keep 30 rows or more. The first
# line holds the names of the columns. Save it as Excel (.xlsx) or CSV, and upload it next to this notebook. Then
# write its name here, in quotation marks. For our list: `file = "example-list.csv"`.

# %% {"task": "own"}
file = None  # blank
file = "example-list.csv"  # solution

# %% {"locked": true, "id": "list"}
mine = lab.load_own(file) if file else None
desk.columns_of(mine)

# %% {"task": "own", "check": true}
lab.check("own", shape=desk.shape_of(mine))

# %% [markdown]
# ## 4 · How often, and by which door?
# *13 minutes.* First say what you expect. Then name two columns: your **question** (what you would like to know
# beforehand) and your **door** (the way by which rows come in: desk, channel, district, day).

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"task": "pick"}
question, door = None, None  # blank
question, door = "quality", "cell"  # solution

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.base_rate(mine, question, door))

# %% {"task": "pick", "check": true}
lab.check("pick", picked=desk.picked_of(mine, question, door))

# %% [markdown]
# ## 5 · A first baseline
# *10 minutes.* The simplest rule there is says the same for everybody. How do you measure it?

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# Here it is on your list. **Break it**: write the group of your door that it serves worst, in quotation marks.

# %% {"locked": true, "id": "baseline"}
desk.baseline(mine, question, door)

# %% {"task": "b"}
worst = None  # blank
worst = "Rugarama"  # solution

# %% {"task": "b", "check": true}
lab.check("b", group=desk.group_of(mine, question, door, worst))

# %% [markdown]
# ## 6 · Your report
# *16 minutes.* Two decisions first.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now write to the one who answers for this list, in ten to fifteen sentences: what the list is and by which door rows
# come in; your question and its base rate; who is missing; what you took out and why; the baseline, and whom it
# serves worst; one decision that this list can carry, and one that it cannot; the next step, with a name and a day.
# Your trainer reads it. **Write nobody’s name into it, and copy no rows.**
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## What you take with you
#
# - Each list has a **door**. People who do not come through it are not in it.
# - The **base rate** comes first, and then the simplest rule, measured on rows that it has not seen.
# - A model begins with a report like yours: a figure to beat, whom it may hurt, who answers.
#
# This was the last lab of the path for everyone. See where you are, then hand in your work.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
