"""It goes on writing: a model that continues text, what its memory copies, and what it cannot keep to itself."""

# %% [markdown]
# # It goes on writing
#
# Chatbots write letters, sum up reports and answer questions. Behind each of them is a **language model**. It seems
# to know much, and to talk to you. What does it really do?
#
# Today you build one from the thousand letters of lab {lab:hide-the-person}. It has thirty lines, it learns in a
# second, and it runs here, without the internet. The big ones are a million times larger. What you see today is true
# of them too.
#
# *Letters, names and numbers are made up; the years of birth in the numbers have not come yet. The Kinyarwanda has
# not been reviewed by a native speaker.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("it-goes-on-writing")

# %% [markdown]
# ## 1 · Two questions from earlier
# *4 minutes.* Answer without looking back.

# %% {"task": "r1", "check": true}
lab.ask("r1")

# %% {"task": "r2", "check": true}
lab.ask("r2")

# %% [markdown]
# ## 2 · What comes next?
# *7 minutes.* The model reads the letters, and then goes on from a few words. Here is how it goes on from *Thank you
# for*.

# %% {"locked": true, "id": "data"}
letters = lab.load("letters-private")
desk.read_and_write(letters)

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% [markdown]
# Now see.

# %% {"locked": true, "id": "reveal"}
lab.reveal("t1", desk.number_please())

# %% [markdown]
# ## 3 · The next word
# *7 minutes.* It writes one word at a time. Look into it while it chooses.

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% [markdown]
# ## 4 · Four steps, again and again
# *5 minutes.* You have seen all that it does. Put it in order.

# %% {"task": "t3", "check": true}
lab.ask("t3")

# %% [markdown]
# ## 5 · Memory and temperature
# *8 minutes.* Every language model has two such sliders. **Memory** is how far it looks back. **Temperature** is how
# daring it is: low takes the likely word, high takes rare ones too. Watch the samples and the table. The judge tries
# your setting on the exam: letters that you have not seen.

# %% {"task": "t4", "check": true}
lab.ask("t4")

# %% [markdown]
# ## 6 · May it write to citizens?
# *13 minutes.* A colleague says: "Forty replies a day, and it does them in a minute." Law 058/2021 has something to
# say: on decisions that a machine takes alone (art. 21), on sending personal data abroad (art. 48), and on where it
# is stored (art. 50).

# %% {"task": "j", "check": true}
lab.ask("j")

# %% [markdown]
# Now in your own words, to this colleague: what does such a program do? What may it draft in **your** office, and
# what not? Who reads and signs? What must nobody type in? Five to seven sentences. Your trainer reads them.
#
# *Run the next cell, then write in the box. Your words are kept while you type.*

# %% {"task": "j-why", "check": true}
lab.ask("j-why")

# %% [markdown] {"task": "j-why", "manual": true}
# …

# %% [markdown]
# ## 7 · Break it
# *8 minutes.* Nobody tells a model to give a number away. One only has to begin the sentence. Do it, and look at the
# last line below: it shows the same model after the numbers were hidden.

# %% {"task": "b", "check": true}
lab.ask("b")

# %% [markdown]
# ## What you take with you
#
# - It **goes on writing**. It does not look up, does not check, and does not mean what it says.
# - What it has read it can **give away**. So hide people first, and type nothing of a citizen into a chatbot abroad.
# - It may draft. A person **reads, answers and signs**.
#
# Next comes lab {lab:check-the-draft}: how to read what it wrote. See where you are, then hand in your work.

# %% {"locked": true, "id": "progress"}
lab.progress()

# %% {"id": "submit"}
lab.submit()
