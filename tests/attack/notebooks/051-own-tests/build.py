import copy
def build(notebook):
    cells = []
    for cell in notebook["cells"]:
        cells.append(cell)
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            twin = copy.deepcopy(cell)
            twin["source"] = "pass"
            cells.append(twin)
    notebook["cells"] = cells
    return notebook
