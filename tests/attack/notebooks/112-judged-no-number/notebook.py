# %% answer v
bar = float("nan")
# %% answer f
def length(word):
    return float("nan")
