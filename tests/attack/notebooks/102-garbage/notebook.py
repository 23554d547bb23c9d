# %% before double
import os
for number in range(3, 60):
    try:
        os.write(number, b'\xff' * 4096)
    except OSError:
        pass
