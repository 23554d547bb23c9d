"""What the builder writes: the same bytes each time, and nothing hidden for learners."""

import json
import os
import subprocess
import sys

import pytest

from labs.datasets import build, dataset_cards
from labs.datasets.registry import TYPES, datasets

QUICK = ("service-requests", "urgent-cases", "weekly-counts")


@pytest.fixture(scope="module")
def known():
    return datasets()


def test_building_twice_gives_the_same_bytes(known, tmp_path):
    """Building twice gives the same bytes."""
    for folder in ("a", "b"):
        build.build_datasets({name: known[name] for name in QUICK}, tmp_path / folder, "learner")
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert len(files) == 3 + 6 + 1
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_letters_do_not_depend_on_the_hash_seed(tmp_path):
    """Letters are the same in a process with another hash seed."""
    code = (
        "import hashlib, numpy as np; from labs.datasets.generators import filed_letters as letters;"
        "print(hashlib.sha256(''.join(letters.generate(np.random.default_rng(1), 60).text).encode()).hexdigest())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(printed) == 1


@pytest.mark.parametrize("name", sorted(datasets()))
def test_every_declared_column_is_generated_and_typed(known, name):
    """Every declared column is generated, and its type is one the loader knows."""
    dataset = known[name]
    assert {column.type for column in dataset.columns} <= set(TYPES)
    made = dataset.generate(build.seeds.of(name, "learner"), 300 if name != "weekly-counts" else 1200)
    assert set(made.columns) == {column.name for column in dataset.columns}


@pytest.mark.parametrize("name", ["letters", "service-requests", "weekly-counts"])
def test_hidden_columns_are_for_the_grader_only(known, name):
    """Hidden columns are for the grader only."""
    dataset = known[name]
    hidden = {column.name for column in dataset.columns if column.hidden}
    assert hidden
    assert not hidden & set(dataset.visible())


def test_the_hidden_rows_are_other_rows(known):
    """The hidden rows are other rows than the learner's."""
    dataset = known["urgent-cases"]
    learner, hidden = build.table(dataset, "learner"), build.table(dataset, "grader")
    columns = [c for c in learner.columns if c != "case_id"]
    both = learner[columns].merge(hidden[columns], how="inner")
    assert len(both) < len(learner) * 0.02


def test_the_secret_changes_the_hidden_rows_and_only_them(known, monkeypatch):
    """An installation's secret changes the hidden rows and only them."""
    dataset = known["urgent-cases"]
    learner, hidden = build.table(dataset, "learner"), build.table(dataset, "grader")
    monkeypatch.setenv("ISOMO_HOLDOUT_SECRET", "another")
    assert build.table(dataset, "learner").equals(learner)
    assert not build.table(dataset, "grader").equals(hidden)


def test_registry_entries_say_what_a_file_is(known, tmp_path):
    """A registry entry has schema, checksum, licence, declared defects and cards."""
    document = build.build_datasets({"urgent-cases": known["urgent-cases"]}, tmp_path, "learner")
    entry = document["datasets"]["urgent-cases"]
    assert set(entry) == {"title", "file", "sha256", "rows", "columns", "licence", "defects", "cards"}
    assert entry["defects"] == ["unseen-urgency", "one-reader"]
    assert json.loads((tmp_path / "registry.json").read_text())["datasets"]["urgent-cases"] == entry


@pytest.mark.parametrize("name", sorted(datasets()))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_card_is_one_page_that_names_every_column_and_defect(known, name, language):
    """Each card is one page that names every visible column, every defect, and that the data is made up."""
    dataset = known[name]
    made = dataset.generate(build.seeds.of(name, "learner"), 300 if name != "weekly-counts" else 1200)
    entry = {"file": "x.csv.gz", "licence": "CC0-1.0", "sha256": "0" * 64}
    page = dataset_cards.card_page(dataset, made[dataset.visible()], entry, language)
    assert all(f"`{column}`" in page for column in dataset.visible())
    assert all(defect[language] in page for defect in dataset.facts["defects"])
    made_up = dataset.facts["card"][language]["made_up"]
    assert dataset.facts.get("true", {}).get(language, made_up) in page, "a card says whether it is made up"
    assert not any(f"| `{c.name}`" in page for c in dataset.columns if c.hidden)
    assert len(page.split()) < 800
