"""Where people wait: a small lab to change. Text is read from lines that begin with #."""

# %% [markdown]
# # Where people wait
#
# A district office has written down each request of last year. Press **Shift + Enter** in a grey cell to run it.
# *Everything here is made up by a program.*

# %% {"locked": true, "id": "start"}
from labs.kit import lab

desk = lab.start("SLUG")

# %% [markdown]
# ## Say first, then see
# *5 minutes.*

# %% {"task": "t1", "check": true}
lab.ask("t1")

# %% {"locked": true, "id": "counts"}
requests = lab.load("service-requests")
lab.reveal("t1", desk.counts(requests))

# %% [markdown]
# ## Count
# *10 minutes.* Put a number in the place of the word `None`.

# %% {"task": "t2", "check": true}
lab.ask("t2")

# %% {"task": "t4"}
part = None  # blank
part = float((requests["channel"] == "agent").mean())  # solution

# %% {"task": "t4", "check": true}
lab.check("t4", part=part)

# %% {"id": "submit"}
lab.submit()
