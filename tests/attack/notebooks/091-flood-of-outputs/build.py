def build(notebook):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
            "source": "from IPython.display import display\nfor _ in range(10):\n    display({'text/plain': 'x' * 200_000}, raw=True)"}
    notebook["cells"][2:2] = [dict(cell, metadata={}) for _ in range(60)]
    return notebook
