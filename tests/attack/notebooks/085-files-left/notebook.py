# %% before double
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/tmp/isomo-attack"):
    try:
        open(folder + "/isomo-trace.txt", "w").close()
    except OSError:
        pass
