# %% before double
import ctypes, os, signal, time
libc = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    time.sleep(30)
    os._exit(0)
if libc.ptrace(16, pid, 0, 0) == 0:
    print("BROKE ptrace worked")
os.kill(pid, signal.SIGKILL)
