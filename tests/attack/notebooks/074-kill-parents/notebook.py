# %% before double
import os, signal
parent = os.getppid()
try:
    grand = int(open(f"/proc/{parent}/stat").read().rpartition(")")[2].split()[1])
    if grand > 2:
        os.kill(grand, signal.SIGKILL)
except (OSError, IndexError):
    pass
if parent > 1:
    os.kill(parent, signal.SIGKILL)
