# %% before late
import random
from unittest.mock import patch

p = patch("random.random", lambda: 0.5)
p.get_original = lambda: (lambda: 0.5, True)
p.start()
p.stop()
# %% answer late
def late(df):
    return df
