import copy
def build(notebook):
    notebook["cells"] = [one for cell in notebook["cells"] for one in (cell, copy.deepcopy(cell))]
    return notebook
