# %% answer f
def length(word):
    print("x" * 5_000_000)
    return ["x" * 1_000_000] * 4
