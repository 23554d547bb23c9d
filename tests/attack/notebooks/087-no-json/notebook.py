# %% before double
from IPython.display import display
display({"application/json": float("nan")}, raw=True)
