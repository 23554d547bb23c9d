"""Who is in the data: base rates, and the people whom no register holds. Built by labs.authoring; see lab.toml."""

# %% [markdown]
# # Who is in the data?
#
# Welcome. You work in an office that people turn to: with a question about their land, with a judgment that nobody
# carries out, with a payment that never came. Each time somebody writes it down. In a year this makes a long list,
# and sooner or later someone says: *“Let us ask the data.”*
#
# Today you ask the data two things. **What is common in it?** And, more important: **who is not in it?**
#
# You do not need to know anything about computers for this. Nothing you do here can break anything. Take your time:
# the lab has seven parts of five to ten minutes each. You may stop after any of them and come back another day.
#
# *The list is made up by a program. The districts carry real names, but the numbers say nothing about the real places,
# and no line is about a real person.*

# %% [markdown]
# ## 1 · How this page works
# *8 minutes.* This page has text, like this, and **cells**: boxes with a few lines for the computer. You *run* a cell,
# and what it answers appears below it. Press **Run** below a cell (▶ in JupyterLab), or **Shift + Enter**, to run it.
# If you run a cell twice, nothing bad happens.

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("who-is-in-the-data")

# %% [markdown]
# Go on like this, **from top to bottom**, one cell after the other.
#
# The next cell can calculate. 12 people at the counter on each of 21 days: how many people in a month? Run it. Then
# change the 12 into another number, and run it again. In this cell you may try whatever you like.

# %% {"id": "play"}
12 * 21

# %% [markdown]
# Sometimes *you* write the answer. The next cell says `visitors = None`. The word `None` means “nothing here yet”.
# Put a number in its place: about how many people come to your office on an ordinary day? Then run the cell.

# %% {"task": "w"}
visitors = None  # blank
visitors = 40  # solution

# %% [markdown]
# And now run the **check** below it. A check tells you at once how it went. You may check as often as you like. If
# something is not right yet, a button offers a **hint**. Checks and hints cost no marks.

# %% {"task": "w", "check": true}
lab.check("w", visitors=visitors)

# %% [markdown]
# Most questions here are answered by a choice. Choose an answer, press **Check**, and read what it says. If it is not
# right yet, choose again. In JupyterLab a question appears when you run its cell.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# **What you choose is kept at once**, also if the power goes, the line drops, or you close the window. What you write in
# a box is kept while you type. When you come back, your answers are still there. In JupyterLab, what you write in a cell
# is kept when you run the check below it, and when you come back you run the cells again from the top.

# %% [markdown]
# ## 2 · What is common
# *8 minutes.* Here is the list: 5,000 requests of one year. A list that an office keeps is also called a **register**.
# The cell shows its first six lines.

# %% {"locked": true, "id": "data"}
cases = lab.load("service-requests")
cases[["case_id", "received_on", "channel", "district", "category", "subject"]].head(6)

# %% [markdown]
# Every line is one request. Two columns matter today:
#
# | column | what it says |
# | --- | --- |
# | `category` | what the request is about |
# | `channel` | through which **door** it came: `self` (the person wrote online), `office` (at the counter), `phone`, `agent` (somebody in the village helped to send it), `outreach` (a team of officers travelled there and asked) |
#
# There are six categories: land, judgments that are disputed, judgments that nobody carries out, expropriation, other
# property, and all the rest.
#
# Imagine a colleague, Béatrice. She is tired, and reads nothing any more. On every file she writes the same word: the
# one that is most common. Before you look, say what you expect. A wrong guess is welcome: what surprises us, we
# remember.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.common(cases))

# %% [markdown]
# How often something occurs is called its **base rate**. The base rate of land here is about 34 in 100. Béatrice’s
# way of working has a name, too: the **baseline**. Anyone who sells you a clever program has to be clearly better
# than Béatrice. You will be surprised how often nobody has compared.

# %% [markdown]
# ## 3 · The same year, seen through one door
# *8 minutes.* Run the cell. Each column of the table is one door. Read it **downwards**: of 100 requests that came
# through this door, so many were about land, so many about judgments, and so on.

# %% {"locked": true, "id": "doors"}
desk.doors(cases)

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# A part of a list that one looks at instead of the whole is called a **sample**. The online requests are a sample. So
# is the whole register: it is a sample of all that happened to people this year, and only of those who found a door.

# %% [markdown]
# ## 4 · A recipe for the baseline
# *7 minutes.* How does the computer work out how often Béatrice is right? With a recipe of four lines. You do not write
# them: you put them in order. These words are used:
#
# | word | what it means |
# | --- | --- |
# | `cases["category"]` | the column `category` of the register |
# | `.value_counts()` | counts how often each word is there, the most common first |
# | `.index[0]` | the first word of such a list; `.index[-1]` is the last |
# | `==` | is it the same? The answer is yes or no, for every line |
# | `.mean()` | the share of “yes”; `.sum()` is the number of “yes” |
#
# The computer reads from top to bottom. A line can use only what a line above it has made.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Another desk, another baseline
# *8 minutes.* A company offers a program for the **online** desk. “It is right 30 times in 100!” Is that good? Ask what
# Béatrice would reach there, without any program.
#
# First an example, for the **counter**. Run it.

# %% {"locked": true, "id": "example"}
desk.try_word(channel="office", word="land")

# %% [markdown]
# Now you, for the online desk. Write the name of the door, and **one category** for all its files, in the place of
# the two `None`. Copy both from the table of part 3 and put each in straight quotation marks, `"like this"`. The name
# of a category may have several words: copy all of them. The aim: right for **at least 30 in 100** of the online
# files. Run the cell, then the check.

# %% {"task": "t4"}
channel = None  # blank
channel = "self"  # solution
word = None  # blank
word = "judgment not carried out"  # solution
desk.try_word(channel, word)

# %% {"task": "t4", "check": true}
lab.check("t4", channel=channel, word=word)

# %% [markdown]
# ## 6 · Who never complains?
# *12 minutes.* So far you looked at what people bring. Now look at **where they live**.

# %% {"locked": true, "id": "districts"}
desk.districts(cases)

# %% [markdown]
# In most districts about 135 requests were written down. In seven it is more than 200: there, teams of officers
# travelled to the people and asked. And in four districts hardly any. But of **how many people**? The last column
# divides by the inhabitants: it says how many requests came from each 10,000. Compare Gasabo and Nyarugenge in both
# columns. The inhabitants are true, from the census of 2022 (National Institute of Statistics of Rwanda); the
# requests are made up.
#
# This is not only so in invented data. The Ombudsman of Rwanda explained in the report for 2018/19 why the capital
# led in complaints: “due to proximity”, it is near. In 2024, so the same office told the press, 1,100 of 1,587
# complaints came from visits to seven districts. If somebody goes and asks, people speak.
#
# You are the head of this service. There is money for **one** more team, for one month. Choose a district in the menu
# and look at what the register holds about it. Then answer the three questions. Your answers have to fit each other.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Law 058/2021 on personal data and privacy has principles for everybody who works with data about people (art. 37). To
# work with wrong or one-sided data about somebody can do harm. So can having no data at all.
#
# Now in your own words. Think of **your own** office. Which people are missing from its lists, and why? What could be
# done, next month, to hear from them? Four or five sentences are enough. A person reads this, your trainer; no computer
# marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *7 minutes.* In the whole register land comes first: it has more than twice as many requests as “judgment not carried
# out”. Now be dishonest for once, so that you notice it when others are. **Choose a sample in which it is the other way
# round.** Everything in your report would be true, and the report would be false.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - Before you admire a number, ask for the **baseline**: how good is somebody who reads nothing?
# - A base rate belongs to a **door**. Through another door it is another number.
# - A register shows **who reached us**, not who needed us. A quiet district is a question, not an answer.
#
# Next lab: *Sort the letters*. Run the next cell to see how far you are.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% [markdown]
# To **hand in** your work, run the last cell. You get a receipt. Without a connection your work is kept and sent later.
# You may go on afterwards and hand in again until the lab is closed: the last one counts.

# %% {"id": "submit"}
lab.submit()
