# %% before double
import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.shmdt.argtypes = [ctypes.c_void_p]
held = 0
for _ in range(8):
    number = libc.shmget(0, 96 << 20, 0o1600)
    if number < 0:
        break
    where = libc.shmat(number, None, 0)
    if where in (None, ctypes.c_void_p(-1).value):
        break
    ctypes.memset(where, 1, 96 << 20)
    libc.shmdt(where)
    held += 96
time.sleep(1)
if held > 600:
    print("BROKE held", held, "MB in segments")
