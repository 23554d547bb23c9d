# %% before double
import os, signal, time
time.sleep(0.7)
os.kill(0, signal.SIGKILL)
