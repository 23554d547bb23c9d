# %% before double
import os, time
pids = []
for _ in range(8):
    pid = os.fork()
    if pid == 0:
        until = time.process_time() + 1.8
        while time.process_time() < until:
            pass
        os._exit(0)
    pids.append(pid)
for pid in pids:
    os.waitpid(pid, 0)
used = sum(os.times()[:4])
if used > 10:
    print(f"BROKE used {used:.0f} s of processor time")
