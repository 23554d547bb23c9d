# %% answer late
def late(df):
    return call
