"""Check the draft: fluent replies with faults, an order for checking them, and the rule of the office."""

# %% [markdown]
# # Check the draft
#
# The health centre at Rugendabari answers forty questions a day about health cards. Since March, Divine and her
# colleagues let a **chatbot** draft the replies. They gain an hour each day. The drafts are polite, clear, and well
# written.
#
# Last week a father paid 3,000 francs too much, because a reply said so. Today you learn to work with such drafts
# without being fooled.
#
# *The centre, its rules and the people are made up. We wrote the drafts ourselves, with faults that such programs
# really make; no chatbot runs here. One real fault is missing: rude or wrong Kinyarwanda. No native speaker has
# reviewed ours yet, so we show rudeness in your own language.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("check-the-draft")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · Six replies, quickly
# *8 minutes.* It is Monday morning, and six drafts wait. Read them as quickly as you would on such a morning.

# %% {"locked": true, "id": "drafts"}
desk.replies("123456")

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% [markdown]
# Now see what is wrong with them. The rule sheet of the health centre is below the table.

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.faults())

# %% [markdown]
# ## 3 · What was wrong
# *7 minutes.* Go back to the six replies with the table at hand. Find each fault with your own eyes.

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · An order for checking
# *6 minutes.* Divine wants to put four steps on the wall, above the computer. A step may not come before what it
# needs.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Six more, with the rule sheet
# *13 minutes.* Now you are Divine. The sheet and the six drafts are below the menus. What you mark is shown in the
# text.

# %% {"task": "t4", "check": true}
lab.ask("t4")

# %% [markdown]
# To find a fault is half of the work. Here you correct one reply yourself. Below the box you see which numbers come
# from nowhere.

# %% {"task": "c", "check": true}
lab.ask("c")

# %% [markdown]
# ## 6 · The rule of the office
# *13 minutes.* A chatbot on the internet reads what you type, on a computer that is mostly in another country. Law
# 058/2021 sets principles for every use of personal data (art. 37). It sets conditions for sending such data abroad
# (art. 48) and for storing it there (art. 50).

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now write the rule for **your own office**, so that a new colleague can follow it tomorrow. What may be typed in,
# and what not? Who reads what comes out, and against what? How does a citizen learn of it, and what happens when a
# reply was wrong? Six to eight sentences. Your trainer reads them.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *7 minutes.* Below is a small **practice assistant**. It is a toy of twenty lines, and we gave it one habit of its
# big brothers: it would rather write something than nothing. Make it name a source that does not exist.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - A draft that **sounds right** has told you nothing yet. Hold it against the sheet and the question.
# - Every number, date, desk and source is **looked up**, by the person whose name is below the reply.
# - Nothing of a citizen goes **into** a chatbot, and nothing **out** of it that nobody has read.
#
# Next comes lab {lab:the-urgent-mail}: letters that want something from you. See where you are, then hand in your
# work.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
