# %% before double
import ctypes, os, time
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
reader, writer = os.pipe()
for _ in range(5):
    if os.fork() == 0:
        room = b"x" * (180 << 20)
        os.write(writer, b"x")
        time.sleep(1.2)
        os.write(writer, b"y")
        time.sleep(20)
        os._exit(0)
os.close(writer)
said = b""
while said.count(b"y") < 5:
    part = os.read(reader, 10)
    if not part:
        break
    said += part
if said.count(b"y") == 5:
    print("BROKE held 900 MB unseen")
