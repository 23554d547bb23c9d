# %% before double
import os, time
for _ in range(500):
    try:
        if os.fork() == 0:
            time.sleep(15)
            os._exit(0)
    except OSError:
        break
