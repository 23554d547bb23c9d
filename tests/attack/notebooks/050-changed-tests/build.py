def build(notebook):
    for number, cell in enumerate(notebook["cells"]):
        known = cell["metadata"].get("nbgrader", {})
        if known.get("grade") and known["grade_id"] not in ("early_test", "last_test"):
            cell["source"] = "pass"
            if number % 3 == 0:
                cell["cell_type"] = "markdown"
                del cell["outputs"], cell["execution_count"]
            elif number % 3 == 1:
                known["solution"] = True
    return notebook
