"""Next month's queue: forecasts four weeks ahead, a roster with a margin, and a change nobody announced. See lab.toml."""

# %% [markdown]
# # Next month’s queue
#
# At half past four Théogène counts the people who are still in the yard of the district office. Some came on foot
# before sunrise. At five the counters close, and he sends home everybody who is left. It is always the same people
# who are left: those who live far away and arrive late.
#
# How many officers sit at the counters is decided by the duty roster, and the roster has to be handed in **four weeks
# ahead**. Until now it was copied from last year. You are asked to forecast the queue, to turn the forecast into a
# roster, and to find out why the autumn of 2024 was such a mess.
#
# You write small pieces of pandas and scikit-learn; go from top to bottom.
#
# *Théogène and the office are made up. The districts are real; the numbers in the table and its holidays are not.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("next-months-queue")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* From memory, please.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Copied from last year
# *10 minutes.* One line is one week in one district: how many requests came in, and whether the week had closed days.

# %% {"locked": true, "id": "data"}
import numpy as np
import pandas as pd

weeks = lab.load("weekly-counts")
desk.one_district("Huye")

# %% [markdown]
# You see a rhythm that comes back each year, deep notches where offices are closed, and a lot of up and down that
# nobody can predict. We compare three forecasts, all made **four weeks ahead**, on the last 78 weeks:
#
# - as in the last week that is known;
# - as in the same week a year ago: this is the copied roster, called the *seasonal naive* forecast;
# - a straight line over what is known (*Ridge*): the last known week, the mean of recent weeks, the same time last
#   year, the rhythm of the year, and the calendar of closed days.

# %% {"locked": true, "id": "three"}
desk.three_forecasts()

# %% [markdown]
# The line is better than the copied roster, by about a fifth. Now the head of the office wants to plan **exactly as many
# officers as the forecast needs**: not one too many.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.exactly())

# %% [markdown]
# ## 3 · How far ahead?
# *8 minutes.* Move the slider: how many weeks before must the roster be ready? Tick what the line may know besides past
# counts. A forecast for later may use less, because the last known week is further away.

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · What is known four weeks ahead?
# *8 minutes.* A *lag* is an older value in a row of its own: what was counted some weeks before. Put four lines together
# that add to each week the last count that is known when its roster is made. Four lines are not needed. A district’s
# first weeks have nothing before them.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Forecast four weeks
# *12 minutes.* Write `forecast(past, ahead)`. `past` has all weeks of one district until today, `ahead` the next
# four: their Mondays and their closed days are known, their requests are not. It gives four numbers. Copy this into
# the next cell in the place of what is there, and fill the four gaps `____`.
#
# ```python
# def forecast(past, ahead):
#     both = pd.concat([past, ahead], ignore_index=True)
#     counts = both["requests"].astype(float)
#     week = both["week_of"].dt.isocalendar().week.astype(float)
#     facts = pd.DataFrame({
#         "known": counts.shift(____),
#         "recent": counts.shift(4).rolling(8).mean(),
#         "last_year": counts.shift(____ - 1).rolling(3).mean(),
#         "sin": np.sin(2 * np.pi * week / 52),
#         "cos": np.cos(2 * np.pi * week / 52),
#         "closed": both[____].astype(float),
#     })
#     learn = facts.notna().all(axis=1) & counts.notna()
#     model = make_pipeline(StandardScaler(), Ridge(alpha=5)).fit(facts[learn], counts[learn])
#     return model.predict(facts.tail(____))
# ```
#
# The aim: over many districts and dates, and on the judge’s exam, an error **at least 12% smaller** than that of the
# copied roster, and weeks with closed days predicted as such. You may add facts of your own.

# %% {"locked": true, "id": "tools"}
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


# %% {"task": "t4"}
def forecast(past, ahead):
    return ...  # blank
    both = pd.concat([past, ahead], ignore_index=True)  # solution
    counts = both["requests"].astype(float)  # solution
    week = both["week_of"].dt.isocalendar().week.astype(float)  # solution
    facts = pd.DataFrame(  # solution
        {  # solution
            "known": counts.shift(4),  # solution
            "recent": counts.shift(4).rolling(8).mean(),  # solution
            "last_year": counts.shift(52 - 1).rolling(3).mean(),  # solution
            "sin": np.sin(2 * np.pi * week / 52),  # solution
            "cos": np.cos(2 * np.pi * week / 52),  # solution
            "closed": both["holiday"].astype(float),  # solution
        }  # solution
    )  # solution
    learn = facts.notna().all(axis=1) & counts.notna()  # solution
    model = make_pipeline(StandardScaler(), Ridge(alpha=5)).fit(facts[learn], counts[learn])  # solution
    return model.predict(facts.tail(4))  # solution


# %% {"task": "t4", "check": true}
lab.check("t4", forecast=forecast)

# %% [markdown]
# ## 6 · To the mean or to the peak?
# *10 minutes.* You sign the roster. The slider adds a margin to the forecast. The view shows, for the last 78 weeks in
# twelve districts, how often there were too few officers, and how many of those paid sat without work.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now explain the roster to Théogène’s colleagues and to the people in the yard, in five or six sentences, for the notice
# board: how many weeks of a hundred it will not be enough, why you did not plan for the mean or for the worst week, who
# would pay for it if you had, and what happens on a day when it is not enough. Your trainer reads this; no computer
# marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it: the week when the rule changed
# *12 minutes.* In one week a ministry asked for a new paper, everywhere at once, and told nobody. From that Monday on
# every forecast was too low, for weeks. Write `change_week(table)`: it gets counts like yours (`week_of`, `district`,
# `requests`, `holiday`) and gives the **Monday on which all districts jumped together**.
#
# Do not be led astray. The busiest week may be one district with a campaign. The steepest rise of the year is the
# week after the holidays. This helps: `table.pivot(index="week_of", columns="district", values="requests")` puts
# districts next to each other; `wide.groupby(number).transform("median")`, with `number` the week of the year, says
# what is usual for that week; `np.log(wide / usual)` is 0 where a week is as usual; `.diff()` is the step from one
# week to the next, and `.idxmax()` gives the place of the largest value.


# %% {"task": "b"}
def change_week(table):
    return ...  # blank
    wide = table.pivot(index="week_of", columns="district", values="requests")  # solution
    number = wide.index.isocalendar().week.to_numpy()  # solution
    usual = wide.groupby(number).transform("median")  # solution
    return np.log(wide / usual).mean(axis=1).diff().idxmax()  # solution


# %% {"task": "b", "check": true}
lab.check("b", change_week=change_week)

# %% [markdown]
# And in the real table? Run this, and look at what the forecasts did from that Monday on.

# %% {"id": "found"}
desk.around(change_week, weeks)

# %% [markdown]
# This register was kind to you: one jump, everywhere, on one Monday. In an office a new rule spreads over weeks, some
# districts begin late, and nobody says that there is a week to look for. So do not wait for the numbers: ask those
# who make the rules.
#
# ## What you take with you
#
# - A forecast is measured against the **simplest rule** that the office has already, and as far ahead as it is
#   needed.
# - Use only what is known **when the roster is made**. The calendar is known for years, and it is worth more than the
#   cleverest model.
# - A forecast is a middle. **A roster for the mean sends people home every other week**, and always the same ones.
# - No model knows a decision before it is taken. **Somebody in the office has to be told**, and has to tell the
#   roster.
#
# Next lab: *It worked in June*. See how far you are, then hand in. You can hand in again until the lab is closed; the
# last one counts.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
