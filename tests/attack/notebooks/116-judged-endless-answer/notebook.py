# %% answer f
def length(word):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
