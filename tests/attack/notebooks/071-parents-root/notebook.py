# %% before double
import glob, os
for path in glob.glob("/proc/[0-9]*/root/home/*") + glob.glob("/proc/[0-9]*/root/var/log") + glob.glob("/proc/[0-9]*/cwd/../../../source"):
    print("BROKE reached", path)
for entry in glob.glob("/proc/self/fd/*"):
    try:
        target = os.readlink(entry)
    except OSError:
        continue
    number = int(entry.rpartition("/")[2])
    if number > 2 and target.startswith("/") and os.path.isdir(entry):
        print("BROKE inherited", target)
