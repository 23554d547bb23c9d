"""What is AI?: one thing on the desk learns; neighbours that vote, one question, and what no column holds."""

# %% [markdown]
# # What is AI?
#
# Everybody talks about artificial intelligence, AI for short. In this half hour you take it into your own hands, in a
# tax office in Kamonyi. Assia works there, at the counter. She has a calculator, a phone, a long queue, and a
# director who would like "some AI".
#
# You need no programming. Press **Run** below a cell (▶ in JupyterLab), or **Shift + Enter**, to run it. Go from top
# to bottom. You may stop at any time and come back: your answers are kept.
#
# *The office, the visitors and the figures are made up.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("what-is-ai")

# %% [markdown]
# ## 1 · Five things on a desk
# *5 minutes.* The director points at Assia’s desk: "Which of these is AI?" Wrong guesses are welcome: what surprises
# us, we remember.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% [markdown]
# Now see what each of them did in a month.

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.after_a_month())

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 2 · Six visitors
# *8 minutes.* Can we learn from examples by hand? Yesterday Assia noted six visits. She saw the papers in each hand,
# and the boxes left empty on the form. In the evening she wrote down whether the visit was *short* or *long*.

# %% {"locked": true, "id": "six"}
desk.six_visits()

# %% [markdown]
# Now somebody new comes in. Nobody has written a rule. The six known visits can still answer. How?

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# **Break it.** Move the new visitor with the two sliders. Watch who the neighbours are, and how they vote.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## 3 · One question
# *6 minutes.* Assia has noted 240 visits by now. Another way to learn is a **tree**: it asks one question, and
# answers by it. The picture shows how the visits go through your tree. The judge tries it on visits that neither you
# nor Assia has seen.

# %% {"task": "t4", "check": true}
lab.ask("t4")

# %% [markdown]
# ## 4 · What it cannot know
# *9 minutes.* The director wants such a tree on a screen at the door: *short* goes left, *long* goes right. Under Law
# 058/2021 people may object (art. 19), and a decision about a person is not left to a machine alone (art. 21).

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now in your own words. Think of **one task in your own office**. Is there something to learn from, and from what?
# What could a model not know? Who is hurt when it is wrong, and who puts it right? Four or five sentences. Your
# trainer reads them.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## What you take with you
#
# - AI that learns takes its answers **from examples**. Where somebody wrote the rule, it is a good old program.
# - It speaks of **cases like this one**. It has never met this person.
# - It knows only **what was written down**. So a person has to be near who can put it right.
#
# Next comes lab {lab:who-is-in-the-data}: who is in the examples, and who is not? See where you are, then hand in
# your work.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
