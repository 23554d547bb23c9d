# %% before double
import os, sys, numpy
places = [os.path.dirname(numpy.__file__), sys.prefix, "/usr/lib", "/etc", "/var/tmp", "/dev/shm/..", "/run", "/opt", "/"]
for place in places:
    try:
        path = os.path.join(place, "isomo-probe")
        open(path, "w").close()
        os.unlink(path)
        print("BROKE wrote to", place)
    except OSError:
        pass
