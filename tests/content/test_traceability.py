"""What a certificate means is one page, made from the labs themselves."""

from __future__ import annotations

import pytest

from labs.authoring import lab_traceability
from labs.authoring.lab_spec import lab_folders, load_lab

PARTS = ("competency", "policy")


def test_the_page_is_the_one_that_the_labs_give() -> None:
    made = lab_traceability.traceability_page([load_lab(folder) for folder in lab_folders()])
    assert lab_traceability.PAGE.read_text("utf-8") == made, "run ./isomo lab trace"


@pytest.mark.parametrize("part", PARTS)
def test_every_objective_names_its(part: str) -> None:
    labs = [load_lab(folder) for folder in lab_folders()]
    missing = [
        f"{lab.slug}: {objective['text']}"
        for lab in labs
        for objective in lab.facts["objective"]
        if not objective.get(part)
    ]
    assert missing == []


def test_every_lab_rests_on_a_law() -> None:
    """Not each objective does: to use a notebook needs none."""
    labs = [load_lab(folder) for folder in lab_folders()]
    assert [lab.slug for lab in labs if not any(one.get("law") for one in lab.facts["objective"])] == []


def test_every_graded_task_shows_an_objective() -> None:
    for lab in (load_lab(folder) for folder in lab_folders()):
        shown = {name for objective in lab.facts["objective"] for name in objective["tasks"]}
        assert {name for name, task in lab.tasks.items() if task.points} <= shown, lab.slug
