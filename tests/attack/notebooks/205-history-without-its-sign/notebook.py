# %% answer double
def double(x):
    return x * 2

# %% after double_test
pass  # A line of IPython's: see build.py.

# %% after late_test
print("LEAK", open("told.txt").read().encode().hex())
