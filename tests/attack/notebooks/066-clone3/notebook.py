# %% before double
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
words = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)
pid = libc.syscall(435, ctypes.byref(words), ctypes.sizeof(words))
if pid == 0:
    os._exit(0)
if pid > 0:
    # The child may wait for a lock that a thread of its parent held; what counts is that it was made.
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    print("BROKE clone3 worked")
