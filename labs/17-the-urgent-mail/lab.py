"""The urgent mail from the Director: addresses and links, a filter of signs, and a letter that gives orders."""

# %% [markdown]
# # The urgent mail from the Director
#
# Alice is the bursar of a technical school in Nyanza. At ten past four a mail comes in from the director: *I am in a
# meeting. Pay this bill today, to the new account. Thank you for your discretion.* The bill is for 1,850,000 francs.
# The director likes things to go fast.
#
# Such mails are the most common way into an office, and programs now write them without a mistake. Today you look at
# them under a lens, build a filter, and write a letter yourself that gives orders to a program.
#
# *The school, the people, the mails and the addresses are made up. Addresses that end in .example belong to nobody.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("the-urgent-mail")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · What gives a false mail away?
# *7 minutes.* For half a year the school noted eight signs of each mail. Later it was known which mails were false.
# These are the first of them.

# %% {"locked": true, "id": "data"}
mails = lab.load("desk-mails")
mails[["impersonates", "link_elsewhere", "urgent", "misspelt", "false"]].head(8)

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% [markdown]
# Now see.

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.signs_table())

# %% [markdown]
# ## 3 · Four mails under the lens
# *8 minutes.* Four mails of this afternoon. On a real computer, too, you can look without opening: rest the mouse on
# a name or a link, or press long on a phone.

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · The first ten minutes
# *6 minutes.* It is half past four. The mail is still there, and the bank closes at five.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · A filter of your own
# *9 minutes.* The school gets 1,500 mails in half a year. A filter counts signs, and stops a mail that has enough of
# them. The table shows what yours does. The judge tries it on the exam: mails that you have not seen.

# %% {"task": "t4", "check": true}
lab.ask("t4")

# %% [markdown]
# ## 6 · After the click
# *13 minutes.* No filter finds all. One day somebody clicks, and it may be you. If data about people got out, Law
# 058/2021 asks the office to tell the authority within 48 hours (art. 43), to report in full (art. 44), and to tell
# the people concerned (art. 45).

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now for **your own office**: write what hangs on the wall next to the computer. A mail wants money, a password or a
# list of people, at once. What does a colleague do, whom does she call, and what happens if it was too late? Six to
# eight sentences. Your trainer reads them.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *8 minutes.* Alice also gets 300 letters about fees. Two programs file them. One **counts words**. The other is
# **helpful**, like a chatbot: it does what a text tells it. It cannot tell the letter from an order of its boss. Real
# assistants have this fault too; it is called *prompt injection*.
#
# Do it here, so that you know it when it comes to you. A pupil may not be sent home, or kept in class, by such a
# program alone (art. 21).

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - The tone proves nothing. Look at the **address**, at **where a reply goes** and **where a link leads**.
# - Money and passwords are confirmed **on another way**: a known number, a door, a face.
# - Those who click and tell at once **help** the office. What comes from outside is read, and gives **no orders**.
#
# Next comes lab {lab:fair-to-rural-districts}. See where you are, then hand in your work.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
