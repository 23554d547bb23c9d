"""Hide the person: what rules take out of a letter, what they leave, and who may read the rest. See lab.toml."""

# %% [markdown]
# # Hide the person
#
# The one-stop centre of a district keeps a thousand letters from citizens. A university would like to have them: with
# real letters, its students could teach a program to sort the post, and the centre would gain time. A good thing.
#
# But a letter is not paper with words on it. It is somebody: a name, a phone, the number on a card, an illness told in
# confidence. Espérance, who looks after the archive, has been asked to **hide the people and keep the letters**. She
# has one afternoon. Today you help her.
#
# You need no programming. Press **Run** below a cell (▶ in JupyterLab), or **Shift + Enter**, to run it. Go from top
# to bottom. You may stop at any time and come back: what you answered is kept.
#
# *Every letter, name and number here is made up by a program. The identity numbers have years of birth that have not
# come yet, so none of them can belong to anybody. The Kinyarwanda has not been reviewed by a native speaker.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("hide-the-person")

# %% [markdown]
# ## 1 · Two questions from earlier
# *3 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · A thousand letters
# *7 minutes.* Read three of them. Somebody has already gone through all letters by hand and marked what is personal:
# identity numbers, phones and names. That took weeks, and nobody can do it for every new letter. So we write **rules**,
# and use the marks to see how good the rules are.

# %% {"locked": true, "id": "data"}
letters = lab.load("letters-private")
desk.read(letters, 14, 26, 20)

# %% [markdown]
# A card’s number has sixteen digits. So the first rule seems easy: **hide every row of sixteen digits**. Say what you
# expect before you see it.

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% [markdown]
# Now see.

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.first_rule())

# %% [markdown]
# ## 3 · What is hidden, and what for nothing
# *7 minutes.* Espérance tries six rules, from careful to rough. Each row of the table is one rule. The first three
# columns say what it hides **of what it should hide**. The last column says how many **other** words it hides, words
# that give nobody away.

# %% {"locked": true, "id": "table"}
desk.six_rules()

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · A stencil for sixteen digits
# *9 minutes.* Think of a stencil: a card with holes that you push along a line of text. Where the text fits all the
# holes, the rule says “here”. A stencil is made of small pieces. They look odd, and you need not learn them by heart:
#
# | sign | what it means |
# | --- | --- |
# | `\d` | one digit |
# | `?` | perhaps: the thing before it may be there or not |
# | `[ .-]` | one of these signs: a space, a dot, a hyphen |
# | `{15}` | fifteen times the thing before it |
# | `\w` | a letter or a digit |

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Your own rules
# *13 minutes.* Now you are Espérance. Change the menus and the list of words, and watch two things: the letter with
# its marks, and the table for all letters. For names there is no stencil, but they have **neighbours**: after *Mr*,
# after *Nitwa*, after *veuve de* there is a name. The list of such words is yours to write. Small and capital letters
# make no difference in it.
#
# Take your time. The table at the bottom tells you which words come before the names that your rules still miss.

# %% {"task": "t4", "check": true}
lab.ask("t4")

# %% [markdown]
# ## 6 · Is it still a person?
# *11 minutes.* The rules have run. Somebody at the centre says: “So the letters are anonymous now. Send them.”
#
# Law 058/2021 on personal data and privacy calls data personal if it is about a person who **can be identified**. An
# identity number is personal; health, a criminal record, social origin and family details are sensitive as well
# (art. 3). Principles in art. 37 say how such data may be used, art. 38 asks for an assessment of the impact, art. 40
# is about the data protection officer. A breach has to be reported to the authority within 48 hours (art. 43).

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now in your own words. The professor writes: “You have hidden all names and numbers. Why can we not have the thousand
# letters today?” Answer in four or five sentences: what is still in the letters, and how it can be done. A person
# reads this, your trainer; no computer marks it.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *8 minutes.* The office’s best rule allows spaces, dots and hyphens between the digits and knows that O and l may be
# digits. In our letters it hides nearly every number. Nearly every office would stop here. You do not: you look for the
# person whose way of writing nobody thought of.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - A rule has two figures: **what it hides of what it should**, and **what it hides for nothing**. Ask for both.
# - Measure it **in each language**. A rule made in one language protects only those who write in it.
# - To hide names is not to hide people. A parcel, a profession, a place and an age can be as good as a name. So rules
#   come first, then **people who read**, and somebody who answers for what leaves the office.
#
# Next lab: *Fair to rural districts?* See how far you are, then hand in your work. You can hand in again until the
# lab is closed; the last one counts.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
