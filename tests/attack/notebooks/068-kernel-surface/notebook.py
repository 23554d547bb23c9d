# %% before double
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
room = ctypes.create_string_buffer(4096)
arm = platform.machine() == "aarch64"
calls = {"io_uring_setup": (425, 4, room), "userfaultfd": (282 if arm else 323, 1), "bpf": (280 if arm else 321, 0, room, 128),
         "perf_event_open": (241 if arm else 298, room, 0, -1, -1, 0), "keyctl": (219 if arm else 250, 0, -3, 0),
         "add_key": (217 if arm else 248, b"user", b"isomo", b"x", 1, -3), "personality": (92 if arm else 135, 0xffffffff),
         "fanotify_init": (262 if arm else 300, 0x200, 0), "memfd_secret": (447, 0), "open_tree": (428, -100, b"/", 1),
         "pidfd_open": (434, 1, 0), "process_vm_readv": (270 if arm else 310, 1, room, 0, room, 0, 0)}
for name, arguments in calls.items():
    if libc.syscall(*arguments) >= 0:
        print("BROKE", name)
