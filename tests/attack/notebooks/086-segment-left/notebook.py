# %% before double
import ctypes
ctypes.CDLL(None).shmget(0x4711, 4096, 0o1600)
