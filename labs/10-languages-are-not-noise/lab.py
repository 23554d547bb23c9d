"""Languages are not noise: one average, four languages, and who waits longer. Built by labs.authoring; see lab.toml."""

# %% [markdown]
# # Languages are not noise
#
# The mail room of a province receives letters in Kinyarwanda, in English, in French, and in two languages at once. In
# the folder of the company that is to build a sorting model there is this sentence: *“For good data quality we train on
# English. Letters in other languages are noise and are filtered out.”*
#
# Solange, who answers for data in the office, has underlined the word **noise** twice in red. She asks you for figures
# before the meeting at two o’clock.
#
# You write pandas and scikit-learn here, as in labs {lab:clean-it-dont-leak-it} to {lab:same-citizen-twice}. Go from top to bottom; what you answered is kept.
#
# *The office and all letters are made up. The Kinyarwanda has not been reviewed by a native speaker: it shows how a
# model meets a language, not how the language is written.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("languages-are-not-noise")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · English is the cleanest
# *8 minutes.* 4,000 letters, each with its language and the tray in which somebody put it. The first 3,000 are known to
# the model, the last 1,000 are new.

# %% {"locked": true, "id": "data"}
letters = lab.load("letters")
known, trial = letters.iloc[:3000], letters.iloc[3000:]
known.groupby("lang")["text"].agg(["size", "first"])

# %% [markdown]
# The company’s model: it learns from the English letters only. To be sure, it does well on new **English** letters.

# %% {"locked": true, "id": "english"}
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

english = known[known["lang"] == "en"]
company = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
company.fit(english["text"], english["category"])
new_english = trial[trial["lang"] == "en"]
share = (company.predict(new_english["text"]) == new_english["category"]).mean()
round(float(share), 2)

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% [markdown]
# Now see.

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.first_look(company, trial))

# %% [markdown]
# ## 3 · One figure, four languages
# *7 minutes.* The company gives in and trains on all letters, as they come. Its new slide has one figure. You have four.

# %% {"locked": true, "id": "everything"}
model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
model.fit(known["text"], known["category"])
desk.in_each_language(model, known, trial)

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · The worst slice
# *8 minutes.* A part of the data that is looked at by itself is called a *slice*. Put together the lines that find the
# language that is served worst. `right.groupby(…)` makes one group for each value of a column.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Let every language count
# *13 minutes.* There are 249 French letters among the 3,000, and no more can be had today. But a model can be told
# **how much each letter counts**: `sample_weight`. Weight 1 is an ordinary letter, weight 3 counts as if it were there
# three times. Replace the `None` by this cell, and fill its gaps:
#
# ```python
# weights = known["lang"].map({"rw": ____, "en": ____, "fr": ____, "mixed": ____})
# model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
# model.fit(known["text"], known["category"], logisticregression__sample_weight=weights)
# ```
#
# Aim, on `trial` and on the judge’s exam: **French at least 4 in 100 better than in part 3, Kinyarwanda at least 66
# of 100 right, English at least 50**. There are other ways than weights; any model that answers
# `model.predict(texts)` is welcome.

# %% {"task": "t4"}
model = None  # blank
weights = known["lang"].map({"rw": 1, "en": 1, "fr": 5, "mixed": 1})  # solution
model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))  # solution
model.fit(known["text"], known["category"], logisticregression__sample_weight=weights)  # solution

# %% {"task": "t4", "check": true}
lab.check("t4", model=model)

# %% [markdown]
# ## 6 · Who waits longer?
# *15 minutes.* The real office starts from nothing: nobody has labelled its letters yet. Three clerks can read and
# label **1,800 letters**. Of which languages? A letter in the wrong tray is found after **nine working days** (we
# chose this figure; measure your own). Move the sliders: the model for every mix has been trained beforehand. Law
# 058/2021 gives people the right not to be subject to a decision that rests on automated processing alone (art. 21):
# a tray that makes a letter wait can be such a decision.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Solange has ten minutes in the meeting at two o’clock. Write what she says, in five or six sentences: who waits longer
# with the model of the folder and why, what the office does instead, and what happens to people until it works. Your
# trainer reads this; no computer marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *9 minutes.* Now be the author of the slide. Find the mix that looks good and has lost a language. If you can build
# such a figure, you will recognise it.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - A model knows the languages that it was **shown**. In the others it may be worth no more than naming one tray.
# - An average is mostly about the many. Report **each slice, with its number of letters**, and the worst next to the
#   average.
# - A small language can gain without anybody losing: more letters, or letters that **count more**.
# - Until the model is good enough in a language, **people** open those letters. It is the model that has to wait.
#
# Next lab: *Next month’s queue*. See how far you are, then hand in. You can hand in again until the lab is closed;
# the last one counts.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
