"""It worked in June: drift, an index, an alarm, calibration, and when to stop. Built by labs.authoring; see lab.toml."""

# %% [markdown]
# # It worked in June
#
# *December. A message from the one-stop centre: “The desk’s model puts the wrong people on top. We noticed because
# someone shouted.” A message from the company that sold it: “We cannot see anything. It worked in June.”*
#
# The model gives each case a chance of being urgent. It was tested, it was good, it was signed for. Then two things
# happened, and neither made a sound. A model does not break like a printer. It goes on printing.
#
# You are the data team. You build what the centre should have had from the first day: an **index** that sees other
# people coming, an **alarm** that sounds in time and seldom for nothing, a **correction**, and a written rule for
# **switching off**. This is a capstone: you write small functions in numpy and pandas, with less help than before.
#
# *Centre, company and cases are made up by a program.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("it-worked-in-june")

# %% [markdown]
# ## 1 · Two questions from earlier
# *5 minutes.* Without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Two changes
# *9 minutes.* Two years, 150 cases a week: what came in, the model’s `score`, and `urgent`, what an officer found out.
# Mind the last one: the truth comes **about four weeks later**, when the case is closed.

# %% {"locked": true, "id": "data"}
import numpy as np
import pandas as pd

cases = lab.load("weekly-desk")
cases.tail(5)

# %% [markdown]
# - **June 2025.** A campaign brings other people to the counter. More of them have written before, and more have a
#   circumstance ticked.
# - **October 2025.** The same people come, with the same ticks. But what *makes* a case urgent has changed: one
#   programme closed, another opened.
#
# The company’s monitor compares, week by week, this week’s **scores** with those of the first half year. It needs no
# truth, so it answers on the same day.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.weeks(cases))

# %% [markdown]
# ## 3 · What became wrong?
# *8 minutes.* Now with the truth, as one knows it afterwards. **Promised** is the mean score: if the model is
# *calibrated*, as many in 100 turn out urgent. **Ranking** (AUC) is the chance that an urgent case is above one that
# is not: 0.5 is tossing a coin. **Found** is the share of urgent cases with a score of 0.20 or more, the desk’s bar.

# %% {"locked": true, "id": "periods"}
desk.periods(cases)

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · The index, line by line
# *8 minutes.* The *population stability index* (PSI) cuts the old scores into ten parts of equal size, and asks how many
# of the new scores fall into each. It adds up, over the parts,
#
# $$\sum (\text{now} - \text{before}) \cdot \ln \frac{\text{now}}{\text{before}}$$
#
# It is 0 when nothing moved. Banks have long read 0.10 as “look” and 0.25 as “act”: habits, not laws of nature. Put it
# together. `reference` are the scores of the first half year, `new` those of one week.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · An alarm
# *13 minutes.* The centre agreed: **an alarm within 4 weeks after other people begin to come, and at most one false alarm
# a year.** Write `psi`, and choose `limit`. The first 26 weeks are the reference. `alarms` gets a table with `week_of` and
# `score`, and returns the Mondays on which the alarm sounds.
#
# The judge’s exam has other years in store, in which the change comes in another week, or not at all.


# %% {"task": "t4"}
def psi(reference, new):
    return None  # blank
    edges = np.quantile(reference, np.linspace(0.1, 0.9, 9))  # solution
    before = np.bincount(np.searchsorted(edges, reference), minlength=10) / len(reference)  # solution
    now = np.bincount(np.searchsorted(edges, new), minlength=10) / len(new)  # solution
    before, now = before.clip(0.001), now.clip(0.001)  # solution
    return float(((now - before) * np.log(now / before)).sum())  # solution


limit = None  # blank
limit = 0.25  # solution


def alarms(cases):
    mondays = sorted(cases["week_of"].unique())
    reference = cases[cases["week_of"].isin(mondays[:26])]["score"].to_numpy()
    found = []
    for monday in mondays[26:]:
        new = cases[cases["week_of"] == monday]["score"].to_numpy()
        if psi(reference, new) >= limit:
            found.append(monday)
    return found


# %% {"task": "t4", "check": true}
lab.check("t4", alarms=alarms, limit=limit)

# %% [markdown]
# ## 6 · Keep the order, correct the promise
# *10 minutes.* It is September. The alarm has sounded, and you have outcomes since June. The order of the cases is as
# good as ever; the chances are too high. Write `recalibrate(score)`: it takes an array of scores as the model gives
# them since July, and returns chances that come true. The order of the cases must stay as it was.
#
# `september` holds the cases from July to September. In each row of the table, compare what was promised with what
# came.

# %% {"locked": true, "id": "september"}
september = cases[(cases["week_of"] >= "2025-06-30") & (cases["week_of"] < "2025-10-06")]
desk.promises(september["score"], september["urgent"])


# %% {"task": "c"}
def recalibrate(score):
    return None  # blank
    return 0.75 * score  # solution


# %% {"task": "c", "check": true}
lab.check("c", recalibrate=recalibrate)

# %% [markdown]
# ## 7 · When to switch it off
# *14 minutes.* Move the slider through two years. The picture shows **only what the centre could know in that week**: the
# index at once, ranking and promises four weeks late, over the four weeks known last. The centre’s rule, written down in
# spring: *below a ranking of 0.70, the model is switched off.* Leave the slider in the week in which you switch it off.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# The head of the centre asks for a **rule of operation**, one page, before any model is switched on again. Write it: what is
# measured, by whom and how often; which figures lead to what; who switches off, by name of the post; what happens to the
# cases meanwhile; and what is owed to those who were put too low before anybody noticed. A person reads this, your
# trainer; no computer marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 8 · Break it
# *10 minutes.* Make an October of your own: a change that the index **cannot** see. Write `october(cases)`. It gets
# cases with `score`, `prior_contacts`, `words_n`, `circumstance_ticked` and `urgent`, and returns a table of at least
# 300 cases with the same columns. The model stays as it is: people with the same signs keep the same score. You may
# change who comes (take some rows more often, others less), and who of them is `urgent`.
#
# Wanted: the index stays **below 0.10**, the **number** of urgent cases stays within a tenth of what it was, so that
# nobody notices by counting, and the ranking falls **below 0.60**.


# %% {"task": "b"}
def october(cases):
    return None  # blank
    changed = cases.copy()  # solution
    changed["urgent"] = cases["urgent"].sample(frac=1, random_state=1).to_numpy()  # solution
    return changed  # solution


# %% {"task": "b", "check": true}
lab.check("b", october=october)

# %% [markdown]
# ## What you take with you
#
# - An index on scores sees **other people**. It cannot see that the **same signs mean something else**. For that you
#   need outcomes, and you have to wait for them.
# - Drift is not always a broken model. Ranking and promise are two things: one was sound in June, the other was not.
# - A rule for switching off is written **before** it is needed, with a figure, a post, and what happens to people
#   meanwhile. And those who were put too low are looked at **again**.
#
# Next lab: *Ship a triage desk*, the last. See how far you are, then hand in. You can hand in again until the lab is
# closed; the last one counts.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
