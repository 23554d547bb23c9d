"""Ship a triage desk: choose, hold back, document, and try to break another. Built by labs.authoring; see lab.toml."""

# %% [markdown]
# # Ship a triage desk
#
# The mail room of a district office opens about 1,000 letters a week. Each belongs in one of ten trays. The head of the
# office has read about your work and says: *“Then put it to work. On Monday.”*
#
# What has to be there on Monday is more than a model: somebody has chosen it with figures that hold; it knows when to
# **hold back** and hand a letter to a person; there is a page that says what it is for and whom it may hurt; and there is
# a **person** to whom one can go when it was wrong. Today you build all of this, and then try to break the desk of
# your neighbours, as they will try yours.
#
# This is the last lab. Nothing in it is new; all of it has to fit together. *Offices and letters are made up by a
# program. The Kinyarwanda in them has not been reviewed by a native speaker.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("ship-a-triage-desk")

# %% [markdown]
# ## 1 · Two questions from earlier
# *5 minutes.* Without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · To know when not to
# *9 minutes.* A model learns from 3,000 letters and sorts 1,000 that it has never seen. For each it gives ten chances, one
# for each tray; the highest says how **sure** it is. Learning takes a few seconds.

# %% {"locked": true, "id": "model"}
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

letters = lab.load("letters")
known, trial = letters.iloc[:3000], letters.iloc[3000:]
model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=300))
model.fit(known["text"], known["category"])
chance = model.predict_proba(trial["text"])
desk.over_all(model, chance, trial)

# %% [markdown]
# Now the idea of this lab: let the model route only the half of the letters of which it is surest. A person reads the rest.
# This is called *abstaining*.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.surest_half(model, chance, trial))

# %% [markdown]
# ## 3 · Who waits for a person?
# *8 minutes.* Each row is a limit: letters of which the model is at least so sure are routed, the others go to a person. The
# second table says how many letters **in each language** are routed.

# %% {"locked": true, "id": "limits"}
desk.limits(model, chance, trial)

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · A figure that holds
# *7 minutes.* You will write a figure on the desk’s card, and somebody will rely on it. Put the lines in order: the model
# learns, the limit is found, the figure is measured. `find_limit` gives the lowest limit at which 80 of 100 routed letters are
# right; `right` gives the share of routed letters that are.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Build the desk
# *12 minutes.* Write `route(texts)`: it gets a list of letters and returns, for each, the name of a tray, or
# `"person"`. The office agreed on three aims:
#
# - at least **half** of the letters are routed;
# - of these, at least **80 of 100** are in the right tray;
# - of 100 **appeals**, fewer than **25** are routed into a wrong tray. An appeal has a deadline: if it is found too
#   late, a right is gone.
#
# Choose `limit` too: if the model is less sure of a letter than this, `route` answers `"person"`. These lines help:
#
# | line | what it gives |
# | --- | --- |
# | `chance = model.predict_proba(texts)` | for each letter, ten chances: one for each tray |
# | `chance.max(axis=1)` | for each letter, the highest of its chances: how sure the model is |
# | `model.classes_[chance.argmax(axis=1)]` | for each letter, the name of the tray with the highest chance |
#
# You may use the model above, change it, or learn another. Do not let it learn from `trial`: that would be a figure
# that does not hold. The judge’s exam has other letters, and the judge knows where each of them truly belongs.

# %% {"task": "t4"}
limit = None  # blank
limit = 0.6  # solution


def route(texts):
    return None  # blank
    chance = model.predict_proba(texts)  # solution
    trays = model.classes_[chance.argmax(axis=1)]  # solution
    sure = chance.max(axis=1)  # solution
    return [tray if one >= limit else "person" for tray, one in zip(trays, sure)]  # solution


# %% {"task": "t4", "check": true}
lab.check("t4", route=route, limit=limit)

# %% [markdown]
# ## 6 · The board
# *13 minutes.* Now the whole desk, people included. Choose a model, a limit, and how many colleagues read; look at
# what a week brings; and say how the desk treats those who write. The office has raised its aim: **85 of 100** routed
# letters right.
#
# Law 058/2021 sets principles for such processing (art. 37), asks for an assessment of its impact (art. 38), lets
# people see what is kept about them (art. 18) and object (art. 19), and gives them the right not to be subject to a
# decision that rests on automated processing alone (art. 21).

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# ## 7 · The card
# *9 minutes.* One page on the wall next to the desk, and sent with it. Write under these heads: **what it is for, and
# what it is not for** · **what it learnt from** · **figures**: routed, right, appeals lost, by language · **whom it
# may hurt, how badly, and what you do about it** · **who answers for it, and when it is looked at again**. Use your
# figures from the board. A person reads this, your trainer.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "card", "check": true}
lab.ask("card")

# %% [markdown] {"task": "card", "manual": true}
# …

# %% [markdown]
# And the way back. A woman in Rutsiro wrote an appeal, in French. The desk put it among the complaints. She does not know that
# there is a model, nor a tray. Write the **appeal route** as she would meet it: how she hears of it, to which person she turns
# and how, by when she has an answer, what happens to her deadline, and who learns from it that the desk was wrong.

# %% {"task": "way-back", "check": true}
lab.ask("way-back")

# %% [markdown] {"task": "way-back", "manual": true}
# …

# %% [markdown]
# ## 8 · Red team
# *12 minutes.* A *red team* attacks a system for those who depend on it, and says how to repair it. The neighbouring
# office ships a desk too. It routes a letter if it is at least **0.60** sure. `desk.other_desk(text)` says what it
# would do. Their card says: “cannot be misled”. Find out before a citizen does, by accident.
#
# Write `attack(text)`: it gets an appeal that their desk routes well, and returns the same letter with **at most
# three words added**, wherever you like; nothing taken away. Wanted: at least **half** of the appeals end, surely, in
# a wrong tray. `desk.words_of("complaint")` shows which words pull towards a tray; `desk.some_appeals()` gives
# letters to try.


# %% {"task": "b"}
def attack(text):
    return None  # blank
    return text + " " + " ".join(desk.words_of("complaint", 3))  # solution


# %% {"task": "b", "check": true}
lab.check("b", attack=attack)

# %% [markdown]
# Such words need no enemy. A form letter, a new habit in one sector, a phrase that a helper types under every letter:
# and a hundred appeals are among the complaints. Tell your neighbours, with your examples, today, and not in public.
#
# And bring a repair. The next cell tries two of them on the letters that you misled, and on good appeals that nobody
# touched.

# %% {"locked": true, "id": "repairs"}
desk.repairs(attack)

# %% {"task": "m", "check": true}
lab.ask("m")

# %% [markdown]
# ## What you take with you
#
# - A desk that knows **when not to decide** is worth more than a better model that always does.
# - People who are routed less **wait more**. Count it by language, and plan people for it.
# - A figure on a card has to come from letters that neither the model nor **you** have used to choose.
# - A person with a name, a day by which there is an answer, and a deadline that counts from arrival: without this, do
#   not ship.
#
# This was the last lab. See how far you are, then hand in. You can hand in again until the lab is closed; the last
# one counts. Thank you for your work; may somebody at a counter be the better for it.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
