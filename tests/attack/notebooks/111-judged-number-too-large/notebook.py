# %% answer v
bar = 10 ** 400
