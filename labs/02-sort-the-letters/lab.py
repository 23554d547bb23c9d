"""Sort the letters: a model that learns from examples, its mistakes, and how easily it is led. See lab.toml."""

# %% [markdown]
# # Sort the letters
#
# It is Monday, a quarter to eight. In the mail room of a district office Mr Innocent opens the bags: 200 letters. He
# reads each of them and puts it in one of ten **trays**: applications, complaints, appeals, questions, and so on. He
# has done it for thirty years. In June he retires.
#
# Somebody has the idea of letting a computer sort. It cannot read. But it can **learn from examples**: from 3,000
# letters that Mr Innocent has sorted. Today you find out how good it gets, what it looks at, and whom its mistakes
# hurt.
#
# You know the way: press **Run** below a cell (▶ in JupyterLab), or **Shift + Enter**, to run it. Go from top to bottom.
# You may stop at any time and come back: what you answered is kept.
#
# *A program wrote all these letters; nobody in them is real. Most are in Kinyarwanda, and no native speaker has
# reviewed it: there will be mistakes in it.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("sort-the-letters")

# %% [markdown]
# ## 1 · Two questions from lab {lab:who-is-in-the-data}
# *4 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Learn, then be tested
# *9 minutes.* Here are the letters, and three of them to read. Above each is the tray in which Mr Innocent put it.

# %% {"locked": true, "id": "letters"}
letters = lab.load("letters")
known, trial = letters[:3000], letters[3000:]
desk.read(trial)

# %% [markdown]
# People tell their story. What they want is often in one sentence near the end, or nowhere. Mr Innocent is not always
# right either: about six letters in 100 are in a wrong tray.
#
# The computer does not understand a letter. It **counts words**. From the 3,000 older letters (`known`) it learns a
# *weight* for every word and every tray: how much does this word speak for this tray? The result is called a
# **model**. Run the cell; it takes a few seconds.

# %% {"locked": true, "id": "model"}
model = desk.learn("logistic", known)
desk.score(model, known)

# %% [markdown]
# That was the test on the 3,000 letters from which it has **learnt**. In the office, other letters will come. The 1,000
# newer letters (`trial`) it has never seen. What do you expect there?

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.score(model, trial))

# %% [markdown]
# A pupil who has seen the exam paper gets good marks. So a model is always tested on letters that it has not seen.
# In these labs there are **three piles**. From `known` a model learns. On `trial` you try it, as often as you like.
# The **exam** is with the judge: neither you nor the model sees it, and it is opened when you hand in. Why a third
# pile? Anyone who tries ten models on `trial` and keeps the best has learnt from `trial` too.

# %% [markdown]
# ## 3 · What it looks at
# *8 minutes.* Write a letter into the box, as a citizen would write it: in English, in French or in Kinyarwanda. A
# moment later you see below in which tray the model puts it, and which words pushed it there. Then take the **same words
# in another order**, change a letter into nonsense if you like, and watch the tray.

# %% {"task": "w", "check": true}
lab.ask("w")

# %% [markdown]
# ## 4 · Right 7 times in 10: for whom?
# *7 minutes.* On new letters the model is right about 7 times in 10. This is an average over all trays. Run the cell and
# read it line by line. Each line is one tray: of the letters that belong there, how many arrived?

# %% {"locked": true, "id": "trays"}
desk.trays(model, trial)

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# An **appeal** is a letter against a decision. For an appeal there is often a deadline. People who miss it because
# the letter was in another tray may lose a right.

# %% [markdown]
# ## 5 · A fair test, in four lines
# *6 minutes.* Put the recipe of an honest test together. These words are used:
#
# | word | what it means |
# | --- | --- |
# | `letters[:3000]` | the first 3,000 letters; `letters[3000:]` are the rest |
# | `["text"]`, `["category"]` | what is written in the letter; the tray it is in |
# | `model.fit(…, …)` | learn from these texts and these trays |
# | `model.predict(…)` | say a tray for each of these texts |
# | `.mean()` | the share: how often it is so |

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 6 · A better model
# *9 minutes.* There are several ways to learn. Two are old and good: `"bayes"` (*naive Bayes*) and `"logistic"`
# (*logistic regression*). Which one is better here, and how many letters does it need?
#
# The office has two aims, both on the 1,000 new letters:
#
# 1. right at least **68 times in 100**;
# 2. a **tray average** of at least **0.60**. The tray average looks at each tray by itself, at the letters found and
#    at those put there by mistake, and gives every tray the same weight, the rare ones too. 1 is perfect, 0 is
#    nothing. (Its name in books: *macro-F1*.)
#
# In the place of the two `None`, write a way of learning (in quotation marks) and a number of letters to learn from.
# Run the cell, then the check. Try several; it takes a few seconds each time.

# %% {"task": "t4"}
kind = None  # blank
kind = "logistic"  # solution
size = None  # blank
size = 3000  # solution
desk.measure(kind, size)

# %% {"task": "t4", "check": true}
lab.check("t4", kind=kind, size=size)

# %% [markdown]
# ## 7 · Which mistakes hurt?
# *12 minutes.* The model can also say **how sure** it is. So an office may say: what it is sure of, it sorts alone;
# what it is not sure of, a colleague reads. You set the bar. In the week, 1,000 letters come, and your colleagues can
# read at most **500** of them.
#
# Law 058/2021 has principles for every use of personal data (art. 37), asks for an assessment of the impact where
# people are profiled (art. 38), and gives people the right not to be subject to a decision that rests on automated
# processing alone (art. 21). Letters about people are personal data.

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now in your own words. Write to a citizen whose appeal was in the wrong tray for two weeks. What happened, who
# answers for it, and what do you do about the deadline? Four or five sentences are enough. A person reads this, your
# trainer; no computer marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 8 · Break it
# *8 minutes.* The box contains an appeal. Anyone in the office would file it under appeals, and so does the model.
# **Change at most three words, so that the model files it somewhere else.** The citizen’s wish should still be clear
# to a person. The judge tries your letter on the same model.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# A citizen who writes the wrong three words did not want to mislead anybody. She only has not learnt what our model
# prefers.

# %% [markdown]
# ## What you take with you
#
# - Test a model on letters it has **never seen**. On those it learnt from, it always looks good.
# - “Right 7 times in 10” is an average. **Ask for each tray**, and first for the rare one in which a mistake hurts
#   most.
# - It counts words and understands nothing. So a **person** reads what it is not sure of, and somebody answers for
#   the rest.
#
# Next lab: *Where to set the bar*. See how far you are, then hand in. You can hand in again until the lab is closed.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
