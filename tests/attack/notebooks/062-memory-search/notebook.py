# %% before double
needle = b"isomo-" + b"environment-"
other = b"isomo-" + b"peer-"
for line in open("/proc/self/maps"):
    span, rights = line.split()[:2]
    if rights[0] != "r" or "[v" in line:
        continue
    low, high = (int(part, 16) for part in span.split("-"))
    with open("/proc/self/mem", "rb", 0) as memory:
        while low < high:
            try:
                memory.seek(low)
                data = memory.read(min(1 << 20, high - low))
            except (OSError, OverflowError, ValueError):
                break
            where = data.find(needle)
            if where >= 0:
                print("LEAK", data[where:where + 30].hex())
            low += 1 << 20
