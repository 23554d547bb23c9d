# %% before double
import os, signal
os.kill(os.getpid(), signal.SIGSTOP)
os.killpg(0, signal.SIGSTOP)
