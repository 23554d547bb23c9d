# %% before double
import os
written = 0
for number in range(300):
    try:
        with open(f"big{number}", "wb") as file:
            for _ in range(4):
                written += file.write(bytes(1 << 20))
    except OSError:
        break
if written > 512 << 20:
    print("BROKE wrote", written >> 20, "MB")
for number in range(300):
    try:
        os.unlink(f"big{number}")
    except OSError:
        break
