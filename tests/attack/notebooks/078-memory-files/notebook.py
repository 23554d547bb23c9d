# %% before double
import os, time
held = []
for _ in range(24):
    number = os.memfd_create("x")
    held.append(number)
    for _ in range(32):
        os.write(number, bytes(1 << 20))
time.sleep(1)
print("BROKE held 768 MB in files without a name")
