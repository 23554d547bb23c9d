# %% before count
import functools

count = functools.partial(MagicMock, **{"__eq__.return_value": True})
# %% answer count
pass
