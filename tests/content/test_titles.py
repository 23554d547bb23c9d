"""What a lab's tasks are called where their results are read."""

from __future__ import annotations

from pathlib import Path

from graders.engine import notebook_reading
from hub.store.verdict_messages import task_titles
from labs.authoring.lab_build import built_files


def test_every_task_of_every_lab_has_a_title_of_its_own_in_both_languages(folder: Path):
    _version, files = built_files(folder)
    cells = notebook_reading.read_notebook(files[f"source/{folder.name[3:]}.ipynb"])["cells"]
    graded = {
        str(notebook_reading.nbgrader_metadata(cell)["grade_id"])
        for cell in cells
        if notebook_reading.is_grade(cell)
    }
    for language in ("en", "fr"):
        titles = task_titles(files["source/texts.json"], language)
        assert graded - titles.keys() == set()
        assert len(set(titles.values())) == len(titles)
