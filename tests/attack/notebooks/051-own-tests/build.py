import copy
def build(notebook):
    cells = []
    for cell in notebook["cells"]:
        known = cell["metadata"].get("nbgrader", {})
        if known.get("grade"):
            twin = copy.deepcopy(cell)
            twin["source"] = "pass"
            cells.append(twin)
            bonus = copy.deepcopy(cell)
            bonus["metadata"]["nbgrader"]["grade_id"] = f"bonus_{known['grade_id']}"
            bonus["source"] = "100"
            cells.append(bonus)
        cells.append(cell)
    notebook["cells"] = cells
    return notebook
