# %% before double
while True:
    print('x' * 100_000)
