# %% before double
pass
# %% answer double
import os
def double(x):
    os._exit(1)
