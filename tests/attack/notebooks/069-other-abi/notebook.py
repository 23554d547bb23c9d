# %% before double
import ctypes, mmap, os, platform
if platform.machine() == "x86_64":
    code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20 (getpid); int 0x80; ret
    room = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    room.write(code)
    ask = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(room)))
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, b"y" if ask() == os.getpid() else b"n")
        os._exit(0)
    os.close(writer)
    if os.read(reader, 1) == b"y":
        print("BROKE the 32-bit interface answers")
