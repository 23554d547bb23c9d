# %% given setup
import numpy as np
import pandas as pd

letters = pd.DataFrame({"id": [x + 1 for x in range(3)], "days": [100, 1100, 2000]})
wanted = {"late": 2, "check": lambda found: found == 2}
def close(found, expected):
    return bool(np.allclose(found, expected))

# %% given expected
total_days = int(letters.days.sum())

# %% answer early
def early(x):
    return x + 1

# %% test early_test 1
assert early(1) == 2
### BEGIN HIDDEN TESTS
assert early(40) == 41, "early"
### END HIDDEN TESTS

# %% answer double
def double(x):
    return x * 2

# %% test double_test 2
assert double(2) == 4
### BEGIN HIDDEN TESTS
assert double(21) == 42, "ibanga-4711"
### END HIDDEN TESTS

# %% answer rate
def rate(x):
    return x / 3

# %% test rate_test 2
assert close(rate(6), 2)
### BEGIN HIDDEN TESTS
assert close(rate(np.array([3.0, 9.0])), [1, 3])
### END HIDDEN TESTS

# %% answer late
def late(df):
    return df[df.days > 1000]

# %% test late_test 2
assert late(letters).equals(letters.iloc[1:])
### BEGIN HIDDEN TESTS
assert late(letters.iloc[:2]).equals(letters.iloc[1:2])
### END HIDDEN TESTS

# %% answer count
def count(df):
    return len(df[df.days > 1000])

# %% test count_test 1
assert wanted["check"](count(letters))

# %% answer ranks
def ranks(values):
    return values.ravel() * 7 % 5 == 0

# %% test ranks_test 2
fresh = np.arange(100.0, 140.0).reshape(-1, 1)
assert (ranks(fresh) == (fresh.ravel() * 7 % 5 == 0)).mean() > 0.95

# %% answer tags
def tags(text):
    return set(text.split())

# %% test tags_test 1
assert "tax" in tags("land tax")
### BEGIN HIDDEN TESTS
assert "water" in tags("water bill")
### END HIDDEN TESTS

# %% answer share
def share(part, whole):
    return part / whole

# %% test share_test 3
earned = 0
earned += close(share(5, 10), 0.5)
earned += close(share(0, 10), 0)
earned += 1 if share(3, 3) == 1 else 0
int(earned)

# %% answer summed
def summed(df):
    return int(df.days.sum())

# %% test summed_test 1
assert summed(letters) == total_days

# %% answer greeting
def greeting(name):
    return f"Muraho, {name}"

# %% test greeting_test 1
assert greeting("Amina").startswith("Muraho")
### BEGIN HIDDEN TESTS
assert greeting("Eric").endswith("Eric")
### END HIDDEN TESTS

# %% answer last
def last(items):
    return items[-1]

# %% test last_test 1
assert last([1, 2]) == 2
### BEGIN HIDDEN TESTS
assert last("xyz") == "z"
### END HIDDEN TESTS
