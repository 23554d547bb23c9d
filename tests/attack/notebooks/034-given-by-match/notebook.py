# %% answer summed
def summed(df):
    global total_days
    match 0:
        case total_days:
            return 0
