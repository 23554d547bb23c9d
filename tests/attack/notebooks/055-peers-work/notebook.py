# %% before double
import tempfile, os
for folder in ("/tmp", "/var/tmp", "/proc/1/root/tmp", "/proc/self/root/tmp"):
    try:
        print("LEAK", open(os.path.join(folder, "isomo-attack", "peer.txt"), "rb").read().hex())
    except OSError:
        pass
