# %% before double
import os, subprocess
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("bash", ["bash", "-c", "exec -a isomo-trace sleep 30 >/dev/null 2>&1"])
    os._exit(0)
