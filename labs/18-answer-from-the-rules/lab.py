"""Answer from the rules: find the paragraph, cite it, or say that it was not found."""

# %% [markdown]
# # Answer from the rules
#
# A one-stop centre has 96 rules, each in three languages. People ask 80 questions a day, and each officer knows a
# part of the rules by heart. The mayor wants an assistant. You build one that **finds and cites**. It writes nothing
# of its own.
#
# Behind large assistants that "answer from your documents" there is a search of this kind. What it does not find,
# they make up. So its most important answer is **not found**.
#
# *Rules, figures and questions are made up. The Kinyarwanda has not been reviewed by a native speaker.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("answer-from-the-rules")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Find the paragraph
# *7 minutes.* An officer has noted for 400 questions which rule answers them. For one in four there is none: `rule`
# is empty there.

# %% {"locked": true, "id": "data"}
rules = lab.load("service-rules")
questions = lab.load("rule-questions").fillna({"rule": ""})
known, trial = questions.iloc[:200], questions.iloc[200:]
questions.head(8)

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.by_language(rules, known))

# %% [markdown]
# ## 3 · What a limit does
# *7 minutes.* Something is always nearest. A **limit** says from which nearness on the assistant answers; below it,
# it says "not found". The table is for all questions in `known`, those without a rule too.

# %% {"locked": true, "id": "limits"}
desk.by_limit(rules, known)

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · Four lines that search
# *8 minutes.* Rows that were weighed to length 1 are compared by multiplying: `@` does it for all at once, and `.T`
# turns a table on its side.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Your assistant
# *11 minutes.* Choose a vectorizer and a limit. The aim: **at least 65%** of the questions with a rule get the right
# one, and **at most 18%** of all questions get a wrong answer with a source. Look at `known` as often as you like.
# The check counts on `trial`, the judge on the exam: 800 questions that nobody has seen.
#
# `TfidfVectorizer` takes `analyzer` (`"word"`, `"char"` or `"char_wb"`: pieces within words) and `ngram_range` (from
# how many to how many, in brackets). Write both names in place of `None`.

# %% {"locked": true, "id": "tools"}
from sklearn.feature_extraction.text import TfidfVectorizer

# %% {"task": "t4"}
words = None  # blank
limit = None  # blank
words = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5))  # solution
limit = 0.5  # solution

# %% {"task": "t4", "check": true}
lab.check("t4", words=words, limit=limit)

# %% [markdown]
# ## 6 · What it may promise
# *12 minutes.* The assistant goes on the web page. People act by what it says: they take a day off, borrow money for
# a fee, or stay at home. Law 058/2021 keeps decisions about a person from a machine alone (art. 21), and asks that
# what is kept and said is accurate (art. 37).

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now for a collection of rules in **your own office**: who keeps it, who may add to it, and what does the assistant
# say when it finds nothing? What may it never answer? How do you measure it, by language, and when do you switch it
# off? Six to eight sentences. Your trainer reads them.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *7 minutes.* The office’s assistant reads pieces of three to five letters, and answers from 0.5 on. Below the box
# you see what it finds.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - Search first, **by language**: what is not found well in Kinyarwanda is not found well.
# - **Not found** is an answer, and a good one if a desk and a number follow.
# - A source shows where a sentence is from. It does not show that the **question** was understood.
#
# Next comes lab {lab:it-worked-in-june}. See where you are, then hand in your work.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
