"""Same citizen twice: names that nearly match, payments that go out twice, twins. Built by labs.authoring; see lab.toml."""

# %% [markdown]
# # Same citizen twice?
#
# A fund that pays farmers after a lost harvest asks you for help. Its list has 2,500 payments. An inspector drew up
# the question in one line: **who has been paid more than once?**
#
# It sounds like a query for any database: same number, same person. But replacement cards have carried new numbers,
# one clerk writes the family name first, another mishears it, a third swaps day and month. And there are people who
# only *look* like one person: twins, and neighbours with the same name.
#
# Two mistakes are possible. To miss a double payment costs the fund about 17,500 francs. To take two people for one
# stops the money of somebody who did nothing wrong. Today you build the search, and decide what it may do.
#
# You need some pandas. *People, numbers, payments and the fund are made up by a program; no number here can belong to
# anybody.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("same-citizen-twice")

# %% [markdown]
# ## 1 · Two questions from earlier
# *5 minutes.* Without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · The number alone
# *8 minutes.* Inspectors visited every person on this list and wrote down who is who: the column `person`. Two rows
# with the same `person` are one citizen, paid twice. We call them a **true pair**. You have this column to learn on. In
# an ordinary year nobody has it.

# %% [markdown]
# *About names.* In Rwanda a child is traditionally given a name of its own, and twins need not share one. This fund
# writes the **name of a parent** into the column `family`, so brothers and sisters share it. Registers that ask for a
# family name from people who have none are a source of double entries themselves; so is the birthday 1 January, which
# is written where nobody knows the day.

# %% {"locked": true, "id": "data"}
payments = lab.load("same-citizen").fillna({"given": "", "second": "", "family": "", "born": ""})
payments.drop(columns=["payment_id", "amount_rwf"]).head(8)

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.exact_matches(payments))

# %% [markdown]
# The number **or** the phone would find nine in ten. Where a list has both, use both, and you may not need a model at
# all. But the paper lists of the sectors, which the fund has to compare next, have **neither**. They have names, a date
# of birth, and a district. From here on we work with these.

# %% [markdown]
# ## 3 · Alike, but how much?
# *10 minutes.* To compare writings that are nearly the same, we cut each one into pieces of two to four letters
# (*character n-grams*). `bazire` gives `ba`, `az`, `zi`, `baz`, `azi`, and so on. Two names with a slip in one letter
# still share most pieces. Pieces that many names have count less (*TF-IDF*). The **likeness** of two writings goes from
# 0 (no piece shared) to 1 (the same pieces). For each payment, `NearestNeighbors` finds the six that are most alike.
#
# First try: names only. Each row of the table is a bar; pairs at or above it are proposed as “one person”.

# %% {"locked": true, "id": "names"}
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

names = (payments["given"] + " " + payments["family"]).str.lower()
vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit_transform(names)
search = NearestNeighbors(n_neighbors=6, metric="cosine").fit(vectors)
distance, near = search.kneighbors(vectors)
desk.bars(distance, near, payments)

# %% [markdown]
# Two words for reading it. **Precision**: of the pairs proposed, how many are one person? **Recall**: of the true pairs,
# how many are proposed?

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · From neighbours to pairs
# *8 minutes.* `distance` and `near` have one line for each payment: how far its six neighbours are, and who they are.
# **Distance is 1 minus likeness.** Each payment is its own nearest neighbour, and if A is near B, then B is near A. Five
# lines turn this into a set of pairs. Put them in order.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Build the search
# *12 minutes.* The aim of the fund: **at least 80 of 100 true pairs are found** (recall 0.80), and **at least 90 of
# 100 proposed pairs are one person** (precision 0.90).
#
# Write `written(payments)`: one text for each payment, out of everything that helps to tell people apart. Then choose
# the bar `alike`. The columns are `given`, `second`, `family`, `born`, `district`, `payment_id`, `paid_on` and
# `amount_rwf`. Number, phone and `person` are not there, as on the paper lists. Columns of text are joined with `+`,
# and a space between them keeps words apart.
#
# Your function will also be tried on the exam: other payments, which you have never seen.


# %% {"task": "t4"}
def written(payments):
    return None  # blank
    names = payments["given"] + " " + payments["family"]  # solution
    return (names + " " + payments["born"] + " " + payments["district"]).str.lower()  # solution


alike = None  # blank
alike = 0.72  # solution


def find_pairs(payments):
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit_transform(written(payments))
    return desk.pairs(vectors, payments["payment_id"], alike)


# %% {"task": "t4", "check": true}
lab.check("t4", find_pairs=find_pairs, alike=alike)

# %% [markdown]
# ## 6 · Six pairs on your table
# *8 minutes.* Here are six pairs that such a search proposes, with number and phone, as the clerk who checks them would
# have them. Read both entries, line by line, as if each were a person at your counter. They are.

# %% {"task": "p", "check": true}
lab.ask("p")

# %% [markdown]
# ## 7 · What may the search do?
# *14 minutes.* The fund wants to put the search to work: names, date of birth and district, as you have it now. You are
# asked for a decision. Move the two sliders, and read the table. Look at the line about **twins**.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Grace and Diane Nyirasagwira are twins. The search took them for one person, and Grace’s payment was held back. Write to
# Grace: what happened, why her, who decides now, and what she can do. Law 058/2021 gives her the right to see what is
# kept about her (art. 18) and to object (art. 19). Five or six sentences. A person reads this, your trainer; no computer
# marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 8 · Break it
# *8 minutes.* The search of the office compares `given`, `family`, `born` and `district`, with its bar at **0.72**.
# Make it take two people for one, twice:
#
# - **twins**: one family, one birthday, one district, and two different first names;
# - **namesakes**: one name, one family name, but years of birth at least five years apart, so that no slip of the pen
#   explains it.
#
# Each person is four entries, the date as `year-month-day`. Behind the `#` there are two pairs whom the search tells
# apart: cousins. Take the `#` away and change them. Names and districts can be any, for example Huye, Rubavu or
# Nyagatare.

# %% {"task": "b"}
twins = None  # blank
namesakes = None  # blank
grace = {"given": "Grace", "family": "Nyirasagwira", "born": "1988-01-02", "district": "Bugesera"}  # solution
twins = [grace, grace | {"given": "Diane"}]  # solution
monique = {"given": "Monique", "family": "Nyirasagwira", "born": "1961-12-16", "district": "Huye"}  # solution
namesakes = [monique, monique | {"born": "1945-12-17"}]  # solution
# twins = [
#     {"given": "Rose", "family": "Kabazire", "born": "1990-05-14", "district": "Huye"},
#     {"given": "Eric", "family": "Kabazire", "born": "1984-11-02", "district": "Rubavu"},
# ]
# namesakes = [
#     {"given": "Rose", "family": "Kabazire", "born": "1990-05-14", "district": "Huye"},
#     {"given": "Rose", "family": "Kabazire", "born": "1971-08-30", "district": "Rubavu"},
# ]

# %% {"task": "b", "check": true}
lab.check("b", twins=twins, namesakes=namesakes)

# %% [markdown]
# ## What you take with you
#
# - Among millions of pairs, nearly all are two people. “99.9% right” says nothing. Ask for **precision and recall of
#   pairs**.
# - A search that is 95% right over all may be wrong about **almost every twin**. Look at who the errors are.
# - Likeness is a reason to **look**, never a reason to stop somebody’s money. A person asks both before anything
#   stops, and both know how to object.
#
# Next lab: *Languages are not noise*. See how far you are, then hand in. You can hand in again until the lab is
# closed; the last one counts.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
