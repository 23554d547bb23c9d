"""Learners see a lab's number wherever it is named; it comes from `number` in its lab.toml and from nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path

from labs.authoring.lab_build import built_files
from labs.authoring.lab_numbers import TRACKS, lab_numbers, with_numbers
from labs.authoring.lab_sentences import lab_catalogue, lab_sentences
from labs.authoring.lab_spec import lab_folders, load_lab
from labs.kit.run_cells import text_of

BY_HAND = re.compile(r"\b(?:[Ll]abs?|[Aa]teliers?)\s\d")


def test_the_path_is_numbered_without_a_gap_and_its_tracks_follow_each_other() -> None:
    labs = sorted((load_lab(folder) for folder in lab_folders()), key=lambda lab: lab.number)
    assert [lab.number for lab in labs] == list(range(1, len(labs) + 1))
    tracks = [TRACKS.index(lab.facts["track"]) for lab in labs]
    assert tracks == sorted(tracks)


def test_a_lab_builds_on_labs_that_come_before_it(folder: Path) -> None:
    lab = load_lab(folder)
    assert [slug for slug in lab.builds_on if lab_numbers()[slug] >= lab.number] == []
    assert lab.builds_on or lab.number == 1


def test_the_number_is_before_the_title_in_lists_in_the_lab_and_at_the_head_of_the_notebook(
    folder: Path,
) -> None:
    lab, (_version, files) = load_lab(folder), built_files(folder)
    listed = json.loads(files["lab.json"])["title"]
    for language in ("en", "fr"):
        start = f"release/{language}"
        said = json.loads(files[f"{start}/texts.json"])["languages"][language]["title"]
        heads = [text_of(cell) for cell in json.loads(files[f"{start}/{lab.slug}.ipynb"])["cells"]]
        assert listed[language] == said
        assert said.startswith(f"{lab.number} · ")
        assert any(text.startswith(f"# {said}") for text in heads)


def test_a_text_names_another_lab_by_its_slug_and_learners_read_its_number(folder: Path) -> None:
    texts = [text for text, _, _ in lab_sentences(load_lab(folder))]
    texts += lab_catalogue(folder, "fr").values()
    assert [text for text in texts if BY_HAND.search(text)] == []
    files = built_files(folder)[1]
    assert [name for name, content in files.items() if b"{lab:" in content and not name.endswith(".py")] == []


def test_a_slug_becomes_the_number_that_its_lab_toml_says() -> None:
    assert with_numbers("From lab {lab:what-is-ai}: why?") == "From lab 1: why?"
