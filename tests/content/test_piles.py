"""Three piles in every lab that learns: `known`, `trial`, and the exam, which only the judge has."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from labs.authoring.lab_spec import Lab, lab_folders, load_lab

NAMES = {path.name[3:]: path for path in lab_folders()}
OWN_MODELS = {
    "sort-the-letters": ("t4", "learnt-the-exam"),
    "clean-it-dont-leak-it": ("t5", "learnt-from-the-exam"),
    "how-many-days": ("t4", "learnt-from-the-exam"),
    "languages-are-not-noise": ("t4", "has-seen-the-exam"),
    "ship-a-triage-desk": ("t4", "too-good-to-be-true"),
}
"""Labs whose learners hand in what has learnt, and the verdict on one that learnt from `trial`."""
SPEAK_OF_THE_EXAM = {*OWN_MODELS, "where-to-set-the-bar", "should-this-be-ai", "answer-from-the-rules",
                     "same-citizen-twice", "next-months-queue", "it-worked-in-june", "it-goes-on-writing",
                     "the-urgent-mail"}  # fmt: skip


def code_names(lab: Lab) -> set[str]:
    """Return the names that the cells of a lab assign."""
    source = "\n".join(cell.source for cell in lab.cells if not cell.markdown)
    nodes = ast.walk(ast.parse(source))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def test_a_lab_that_learns_from_known_tries_on_trial(folder: Path) -> None:
    names = code_names(load_lab(folder))
    assert ("known" in names) == ("trial" in names)
    assert not {"known", "new"} <= names


@pytest.mark.parametrize("slug", sorted(SPEAK_OF_THE_EXAM))
def test_learners_read_that_the_judge_has_an_exam_of_its_own(slug: str) -> None:
    lab = load_lab(NAMES[slug])
    text = " ".join(cell.source for cell in lab.cells if cell.markdown)
    assert "exam" in text


@pytest.mark.parametrize("slug", sorted(OWN_MODELS))
def test_a_model_that_learnt_from_trial_is_tried_in_its_lab(slug: str) -> None:
    task, key = OWN_MODELS[slug]
    assert f'mutant("{task}", "{key}"' in (NAMES[slug] / "mutants.py").read_text("utf-8")
