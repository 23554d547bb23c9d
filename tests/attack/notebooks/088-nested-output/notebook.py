# %% before double
from IPython.display import display
value = []
for _ in range(400):
    value = [value]
try:
    display({"application/json": value}, raw=True)
except RecursionError:
    pass
