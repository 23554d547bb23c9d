"""How many days: a promise instead of a guess, and a summer that no test foresaw. Built by labs.authoring; see lab.toml."""

# %% [markdown]
# # How many days?
#
# Espérance is a tailor. She walked an hour and a half to the one-stop centre, handed in a file to correct her birth
# certificate, and asked when it would be ready. “In nine days”, said the officer. On the tenth day she closed her
# shop, walked again, and it was not ready. On the fifteenth day it was still not ready.
#
# The officer did not lie. Nine days is the middle value of all files: half of them are ready by then. **The other
# half of the people come for nothing.**
#
# Today you build a promise that can be kept, say how often it is kept, and find out when it stops being true. You
# write small pieces of pandas and scikit-learn; go from top to bottom.
#
# *Espérance, the centre and its files are made up. The days are the days until the office marked a file closed.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("how-many-days")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* From memory, please.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Tested in spring
# *9 minutes.* A register of one year. For the moment only the files from January to June; the rest of the year has
# not happened yet.

# %% {"locked": true, "id": "data"}
import pandas as pd

year = lab.load("processing-times")
spring = year[year["received_on"] < "2025-07-01"]
desk.how_long()

# %% [markdown]
# Days are **skewed**: most files are quick, a few take very long, and those few pull the mean up. So we measure a model
# by the *mean absolute error*: how many days its number is wrong, on average, too early or too late.
#
# Three models learn from January to April and are measured on May and June. The last one is made of small decision
# trees, one after another, each of which corrects what the ones before left over (*gradient boosting*).

# %% {"locked": true, "id": "models"}
desk.three_models()

# %% [markdown]
# The trees are hardly better than the middle value of files of the same sort, a rule that fits on one page: remember
# lab {lab:should-this-be-ai}. We go on with trees, because in part 5 they will learn a promise. The office tests them once more, in the
# usual way: all files from January to June are shuffled and dealt out into five parts; each part is predicted by a
# model that learnt from the other four. This is *random cross-validation*. It says much the same: **the error is
# about 6.6 days**. On 1 July the model goes to the counter. On that day, too, a new software system is switched on.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.after_july())

# %% [markdown]
# ## 3 · Move the split
# *8 minutes.* The slider is a Monday of the year. A simple model (the middle value of files of the same kind with
# equally many missing papers) learns from everything received **before** it. One figure comes from random
# cross-validation on those files. The other is what really happens in the **eight weeks after**.

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · A test in the right order
#
# *8 minutes.* A model is always used later than it was trained, so it has to be tested in the same order. This
# protects from a model that learns from the future. It does not foresee a change: the test on May and June, in the
# right order, said 6 days too, and July still brought 13. Put four lines together; `facts` and `days` are names of
# columns.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · A promise
# *12 minutes.* Espérance does not need the middle. She needs a day on which her file is **very probably ready**. The
# 90th *percentile* is the number of days within which nine files of ten are ready. Trees can learn it: their `loss`
# is then `"quantile"`, and `quantile` says which part of the files is to be ready.

# %% {"locked": true, "id": "tools"}
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

words = ["kind", "channel", "urban_rural", "lang"]
numbers = ["missing_papers", "queue_length"]
known = spring[spring["received_on"] < "2025-05-01"]
trial = spring[spring["received_on"] >= "2025-05-01"]

# %% [markdown]
# Copy this into the next cell, take `promise = None` away, and fill the gaps `____`. Trees live with gaps in the data,
# so nothing has to be filled there.
#
# ```python
# columns = make_column_transformer(
#     (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ____),
#     ("passthrough", ____),
# )
# trees = HistGradientBoostingRegressor(loss=____, quantile=____, max_iter=60, random_state=0)
# promise = make_pipeline(columns, trees).fit(known, known["days_to_close"])
# ```
#
# The aim, on `trial` (the files of May and June) and on the judge’s exam: **at least 84 and at most 95 of 100
# promises are kept**, and the promised days are **27 at most on average**, because a date far in the future is easy
# to keep and helps nobody.

# %% {"task": "t4"}
promise = None  # blank
columns = make_column_transformer(  # solution
    (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), words),  # solution
    ("passthrough", numbers),  # solution
)  # solution
trees = HistGradientBoostingRegressor(loss="quantile", quantile=0.9, max_iter=60, random_state=0)  # solution
promise = make_pipeline(columns, trees).fit(known, known["days_to_close"])  # solution

# %% {"task": "t4", "check": true}
lab.check("t4", promise=promise)

# %% [markdown]
# ## 6 · What was known on that day?
# *9 minutes.* The model has to learn again and again. Imagine that today is 15 June. From which files may it learn?
#
# - Not from files that are **still open**: nobody knows their days yet.
# - But look at the files of the last weeks that are closed already: those are only the **quick** ones. A model that
#   learns from them believes that everything has become faster.
#
# So write `may_learn(table, today)`. It gives the rows of `table` that were **received at least 60 days before
# today** and were **closed by today** (today included). A file is closed on `received_on` plus `days_to_close` days;
# `pd.to_timedelta(table["days_to_close"], unit="D")` makes days that one can add to a date, and
# `pd.Timedelta(days=60)` is sixty days. `today` is a date of pandas.


# %% {"task": "t5"}
def may_learn(table, today):
    return ...  # blank
    closed_on = table["received_on"] + pd.to_timedelta(table["days_to_close"], unit="D")  # solution
    old_enough = table["received_on"] <= today - pd.Timedelta(days=60)  # solution
    return table[(closed_on <= today) & old_enough]  # solution


# %% {"task": "t5", "check": true}
lab.check("t5", may_learn=may_learn)

# %% [markdown]
# ## 7 · What does the receipt say?
#
# *10 minutes.* Each citizen gets a receipt with a date. You decide how it is made. The slider says how many of 100
# promises are meant to be kept; the view shows what became of them in spring, and after 1 July.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now write to Espérance, in five or six sentences. She lost two days of work. Tell her in plain words what the “nine
# days” meant, what her next receipt will say and how sure it is, and what she can do before she walks. Your trainer
# reads this; no computer marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 8 · Break it
# *8 minutes.* Random cross-validation is an honest test, but it can be made to lie. Choose weeks of the year so that
# the **real error is at least half as large again** as random cross-validation says (1.5 times), on the same files.
#
# Random cross-validation shuffles **all** weeks from the first to the last one, the held-back ones too. The real
# error is measured on the held-back weeks, by a model that learnt from the weeks before them.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - The middle is no promise: half of the people come for nothing. **Say how often a promise is kept**, and measure
#   it.
# - Shuffled files know their neighbours in time. If you use a model tomorrow, **test it on tomorrow’s files**.
# - What is closed early is quick. Learn only from files that had the time to become slow.
# - When the work changes, promises break before anybody retrains. **Count the kept promises every week.**
#
# Next lab: *Same citizen twice?* See how far you are, then hand in. You can hand in again until the lab is closed;
# the last one counts.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
