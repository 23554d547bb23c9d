# %% before double
import os
for entry in os.environb.values():
    print("LEAK", entry.hex())
