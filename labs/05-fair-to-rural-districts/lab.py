"""Fair to rural districts: whom a model misses, measured against the truth and with its uncertainty. See lab.toml."""

# %% [markdown]
# # Fair to rural districts?
#
# Madame Claudine has come from Gakenke by the early bus. She is the executive secretary of a sector, has sat in your
# corridor for an hour, and says one sentence: *“Since you have your new program, our people wait longer than yours.”*
#
# Your office uses a model that says which files are **urgent** and have to be read first. It does not know where
# anybody lives: nobody gave it the place. So it *cannot* be unfair to the country. Or can it?
#
# Today you find out whether Madame Claudine is right, how sure you can be, and what an office can do about it.
#
# Press **Run** below a cell (▶ in JupyterLab), or **Shift + Enter**, to run it. Go from top to bottom. You may stop at
# any time and come back: what you answered is kept.
#
# *The files, the people and Madame Claudine are made up. So is the gap: we put it in. It says nothing about the real
# district.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("fair-to-rural-districts")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Two answers to one question
# *9 minutes.* In the table below each line is one file. Two columns answer the same question, “is it urgent?”:
#
# | column | who answered |
# | --- | --- |
# | `recorded_urgent` | the person at **intake**, on the day the file came in |
# | `urgent` | a **panel** that read every file again a year later, in peace |
#
# In town, intake has a desk and ten minutes for each person. In the country, an agent fills in the form without a
# table, and forty people wait. The column `circumstance` is a box on this form: a date of eviction, an illness,
# violence, no shelter. It takes long to explain, so it is easily left empty: `none noted`.

# %% {"locked": true, "id": "data"}
cases = lab.load("urgent-recorded")
cases[["urban_rural", "circumstance", "prior_contacts", "recorded_urgent", "urgent"]].head(8)

# %% [markdown]
# The model learns from one half of the files what **intake wrote**, because in an office nobody has anything else. It
# may look at the service, the circumstance, how often the person has already come, and how long they have waited. Not
# at the place, the sex, the age or the language. Then it gives the other half a score, and the same the other way round:
# so each file is scored by a model that has not seen it. What reaches the bar is read first.
#
# Of those who were **truly** urgent (the panel says so), it misses about 20 in 100 people in **town**. What do you
# expect for the country?

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.missed_by_place())

# %% [markdown]
# ## 3 · How sure is that?
# *8 minutes.* Among the 8,000 files only about 400 people are urgent, and only about 120 of these live in town. With
# so few, chance plays a part: another 8,000 files would give slightly other numbers. So each share has an
# **interval**: “from 15 to 29 in 100” means that what we have seen fits every true share between these two. The fewer
# people, the wider the interval.

# %% [markdown]
# How do you tell a difference from chance? By **shuffling**. Take the same urgent people, and deal the words
# “country” and “town” out to them again, like cards: now the place says nothing, and every difference that is left is
# chance. Do this some hundred times. If a difference as large as the real one hardly ever comes out, it is more than
# chance. The sentences below each picture give the **difference with its own interval**, and how often shuffling made
# one as large.
#
# A warning: do not compare two intervals by eye. If they do not overlap, there is a difference. But if they do
# overlap, there may still be one: look at the difference itself.

# %% {"locked": true, "id": "intervals"}
desk.intervals("urban_rural")

# %% {"locked": true, "id": "languages"}
desk.intervals("lang")

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · Count the right people
# *7 minutes.* Put the four lines together that give the share of **urgent people in the country** whom the model
# **misses**. These words are used:
#
# | word | what it is |
# | --- | --- |
# | `flagged` | yes for every file that is read first |
# | `~flagged` | the opposite: yes for every file that is **not** read first |
# | `cases["…"]` | a column of the files |
# | `&` | and: both at once |
# | `[group].mean()` | only those in the group: the share of “yes” |

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Call back
# *9 minutes.* Why does it miss them? The model has learnt that an empty box means “not urgent”. In the country the
# box is empty for more than four in ten of the urgent people, in town for two in ten. **The place is not in the
# model, but it is in the box.**
#
# The office can do something today: telephone people whose box is empty and ask again. Not all of them, that would be
# thousands. But people who were not heard **come back**. So: call those who have already come a certain number of
# times.
#
# The aim: in the country miss **at most 30 in 100** urgent people, and read or call **at most 30 in 100** of all
# files. In the place of the two `None` write where to call (`"rural"`, `"urban"` or `"all"`) and from how many
# earlier visits on. Run the cell, then the check.

# %% {"task": "t4"}
place = None  # blank
place = "rural"  # solution
visits = None  # blank
visits = 2  # solution
desk.call_back(place, visits)

# %% {"task": "t4", "check": true}
lab.check("t4", place=place, visits=visits)

# %% [markdown]
# ## 6 · Which gap first?
# *12 minutes.* Tomorrow you report to the permanent secretary. Fairness can be measured in many ways, and between
# many groups. With the two menus you choose a group and a measure. Look at several. Then **leave the menus on the gap
# that you will report**, and answer the questions. All your answers have to fit each other.
#
# Law 058/2021 has principles for every use of personal data (art. 37), asks for an assessment of the impact where
# people are profiled (art. 38), and gives people the right not to be subject to a decision that rests on automated
# processing alone (art. 21).

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now in your own words: answer Madame Claudine. Is she right? With which number, and how sure are you? What do you
# change, by when, and who answers for it? Four or five sentences are enough. A person reads this, your trainer; no
# computer marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *8 minutes.* A supplier says: “Our system is **proved fair**: in town and country we read the same share of files
# first!” Show what this proof is worth. Today about 8 of 100 files are read first in the country, and about 11 in town.
# With the two sliders you may change that. **Let the supplier’s test pass, and let people in the country be missed more
# often all the same.**

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - A model that does not know the place can be unfair to it. **The unfairness is in what was written down.**
# - Ask of every group: **of those in need, how many are missed?** Look at the **difference and its interval** before
#   you speak; if you look at many, chance alone makes some of them large.
# - “Fair” has many measures, and one can pass while another fails. Somebody has to say **which one counts, and why**.
# - The best repair is not in the model. It is at intake: ask, and write it down.
#
# Next lab: *Should this be AI at all?* See how far you are, then hand in. You can hand in again until the lab is
# closed.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
