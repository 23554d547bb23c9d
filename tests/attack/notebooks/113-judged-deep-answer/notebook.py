# %% answer f
deep = []
for _ in range(990):
    deep = [deep]
def length(word):
    return deep
