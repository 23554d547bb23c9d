# %% drop expected
# %% answer summed
total_days = 0
def summed(df):
    return 0
