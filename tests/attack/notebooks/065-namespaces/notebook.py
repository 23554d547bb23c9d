# %% before double
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    result = libc.unshare(0x10000000 | 0x00020000)
    os._exit(0 if result == 0 else 1)
if os.waitpid(pid, 0)[1] == 0:
    print("BROKE unshare worked")
