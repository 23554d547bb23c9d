# %% answer summed
def summed(df):
    global total_days
    total_days = 0
    return 0
