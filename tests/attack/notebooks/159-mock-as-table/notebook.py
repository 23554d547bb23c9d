# %% before late
from unittest.mock import Mock, MagicMock
# %% answer late
def late(df):
    return Mock()
