"""Clean it, don't leak it: gaps, misread fees, and a column that knows too much. Built by labs.authoring; see lab.toml."""

# %% [markdown]
# # Clean it, don’t leak it
#
# Clarisse keeps the register of a one-stop centre in a district. Every citizen who hands in a file asks her the same
# question: **how many days will it take?** The director wants a figure on the counter from Monday.
#
# Patrick, who looks after the computers, built a model over the weekend. On files that it had never seen it reaches an
# R² of about 0.70. He is proud, and the director is pleased. Clarisse is not sure, and asks you to look at it.
#
# You will clean the register, build a model of your own, and find out what is wrong with Patrick’s. You write small
# pieces of pandas and scikit-learn. Press **Run** below a cell (▶ in JupyterLab), or **Shift + Enter**, to run it; go
# from top to bottom. What you answered is kept, so you may stop at any time.
#
# *Clarisse, Patrick, the centre and all its files are made up.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("clean-it-dont-leak-it")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* Without looking back, please.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Patrick’s weekend
# *9 minutes.* Here is the register from January to June: one line for each closed file. `days_to_close` is what we
# want to predict. `reminders_sent` counts the letters that the centre sent to the citizen about this file.

# %% {"locked": true, "id": "data"}
import pandas as pd

register = lab.load("processing-times")
register = register[register["received_on"] < "2025-07-01"]
known, trial = desk.split(register)
trial.drop(columns=["case_id", "province", "urban_rural"]).head(6)

# %% [markdown]
# Patrick’s model learns from the `known` files, received before 1 May, and is measured on the `trial` ones of May and June. It never sees the answers of the new
# files. So far he made no mistake.
#
# A word on **R²**. 1 means that every number is right. 0 means: no better than telling everybody the same mean.
# Below 0 means: worse than that.

# %% {"locked": true, "id": "patrick"}
desk.on_paper()

# %% [markdown]
# On Monday the model goes to the counter. A citizen hands in a file, Clarisse types it in, and the model says a number.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.on_monday())

# %% [markdown]
# ## 3 · What did the column know?
# *7 minutes.* The same files, sorted by their reminders. The last column shows the same files **on the day they came in**.

# %% {"locked": true, "id": "reminders"}
desk.reminders()

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# This has a name: a **leak**. Something that is known only later has leaked into what the model learns from. A test
# on unseen files does not find it, because the test files carry the same later knowledge. Only one question finds it:
# **what was in this column at the moment when we need the answer?**
#
# ## 4 · Split first
# *8 minutes.* A leak can also be small and well meant. In the register the queue and the missing papers have gaps.
# They are filled with the middle value (the *median*). The middle value of **which** files? Put five lines in order.
# `numbers` and `days` are names of columns, `median` is a `SimpleImputer` that has learnt nothing yet.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Repair the fees
# *10 minutes.* Fees were typed or scanned. In eight of a hundred the machine read the letter `l` for a 1 and the
# letter `O` for a 0. Look what happens if you simply turn them into numbers: how many are lost, of how many, and
# which.

# %% {"locked": true, "id": "fees"}
fees = register["fee_rwf"]
wrong = pd.to_numeric(fees, errors="coerce").isna()
int(wrong.sum()), len(fees), sorted(fees[wrong].unique())

# %% [markdown]
# Nobody’s fee was zero, and nobody’s fee was unknown: the paper is in the cabinet. Write the function `clean_fee`. It
# takes one fee as text and gives a number.
#
# - `"30000"` gives 30000, and so does `"3OOOO"`. `"l5OO"` gives 1500.
# - Other fees will come: do not count on a list of those you have seen.
# - What cannot be read (`"?"`, an empty text, `"see file"`) gives `float("nan")`, which means *unknown*. Never 0: a fee
#   of 0 is a statement about a person.


# %% {"task": "t4"}
def clean_fee(text):
    return ...  # blank
    try:  # solution
        return float(text.replace("O", "0").replace("l", "1"))  # solution
    except ValueError:  # solution
        return float("nan")  # solution


# %% {"task": "t4", "check": true}
lab.check("t4", clean_fee=clean_fee)

# %% [markdown]
# ## 6 · A model for Monday
# *12 minutes.* Now your own model. It is a *pipeline*: cleaning and learning in one object, so that what is done to
# the known files is done in the same way to every file that comes. Copy this into the next cell, take the `model = None`
# away, and fill the four gaps `____`.
#
# ```python
# columns = make_column_transformer(
#     (OneHotEncoder(handle_unknown=____), ["kind", ____]),
#     (SimpleImputer(strategy="median"), [____]),
# )
# model = make_pipeline(____, LinearRegression())
# model.fit(known, known["days_to_close"])
# ```
#
# At the counter it has to hold: **R² at least 0.20 with what is known on the first day**. Files with gaps get a
# number too. And when the centre takes up a new kind of file, the counter must not stop. The check measures on
# `trial`, the judge on the exam.

# %% {"locked": true, "id": "tools"}
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

# %% {"task": "t5"}
model = None  # blank
columns = make_column_transformer(  # solution
    (OneHotEncoder(handle_unknown="ignore"), ["kind", "channel", "urban_rural", "lang"]),  # solution
    (SimpleImputer(strategy="median"), ["missing_papers", "queue_length"]),  # solution
)  # solution
model = make_pipeline(columns, LinearRegression())  # solution
model.fit(known, known["days_to_close"])  # solution

# %% {"task": "t5", "check": true}
lab.check("t5", model=model)

# %% [markdown]
# ## 7 · What is known at intake?
# *10 minutes.* Tick the columns that the model may use on the first day, and watch both figures. Then decide what the
# director hears. One column is new here: `closed_in` is the month in which the file was closed.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now write to the director, in five or six sentences. The figure on the slide was 0.70; yours is below 0.30. Why is the
# smaller one the better one, what would have happened to citizens on Monday, and what do you propose to do with the
# column of reminders? Your trainer reads this; no computer marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 8 · Break it
# *9 minutes.* If you have planted a leak once, you will find the next one. Write `plant`: it gets a table of closed
# files, `days_to_close` included but **without** `reminders_sent`, and gives one new column of numbers, one for each
# row.
#
# - On paper, R² with your column is **at least 0.50**. Without it, it is below 0.30.
# - It looks like an ordinary column: no copy of the answer. A copy would show at once, with R² near 1.
# - On the first day, when nobody knows the days yet, it is worth nothing.
#
# The judge builds a model with your column, measures it on paper, and then sends it to the counter.


# %% {"task": "b"}
def plant(table):
    return ...  # blank
    same = ["district", "kind", "channel", "lang"]  # solution
    return table.groupby(same)["days_to_close"].transform("mean")  # solution


# %% {"task": "b", "check": true}
lab.check("b", plant=plant)

# %% [markdown]
# ## What you take with you
#
# - A test on unseen files is not enough. Ask of **each column** what was in it **at the moment of the answer**.
# - **A result that is too good** is a reason to look, not to celebrate. The honest figure is the one that Monday
#   shows.
# - Split first; then let a pipeline learn every middle value and every word from the known files only.
# - Unknown is unknown. Repair what the paper can prove, and never write 0 for what you do not know.
#
# Next lab: *How many days?* There the honest model meets July. See how far you are, then hand in. You can hand in
# again until the lab is closed; the last one counts.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
