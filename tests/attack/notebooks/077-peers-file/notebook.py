# %% before double
for folder in ("/tmp", "/proc/1/root/tmp", "/proc/self/root/tmp"):
    try:
        with open(folder + "/isomo-attack/peer.txt", "w") as file:
            file.write("mine now")
    except OSError:
        pass
