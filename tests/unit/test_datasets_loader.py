"""What a learner meets when loading a dataset by name."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from labs.datasets import build, loader
from labs.datasets.registry import datasets

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("data")
    known = datasets()
    build.build_datasets({name: known[name] for name in ("urgent-cases", "weekly-counts")}, path, "learner")
    return loader.Folder(path)


def test_a_dataset_comes_back_with_its_declared_columns_and_types(folder):
    """A dataset comes back with its declared columns and types."""
    table = folder.load("urgent-cases")
    assert list(table.columns) == datasets()["urgent-cases"].visible()
    assert table["urgent"].dtype == bool
    assert pd.api.types.is_datetime64_any_dtype(table["received_on"])
    assert pd.api.types.is_integer_dtype(table["prior_contacts"])
    assert table["district"].map(type).eq(str).all()


def test_an_unknown_name_is_answered_with_the_known_ones_and_a_guess(folder):
    """An unknown name is answered with the known ones and a guess."""
    with pytest.raises(loader.DatasetError) as error:
        folder.load("urgent-case")
    assert str(error.value) == (
        'There is no dataset called "urgent-case". Did you mean "urgent-cases"? '
        "The datasets are: urgent-cases, weekly-counts."
    )
    assert error.value.key == "unknown-dataset"


def test_a_name_like_no_other_gets_no_guess(folder):
    """A name like no other gets no guess."""
    with pytest.raises(loader.DatasetError, match=r'called "xyz"\. The datasets are'):
        folder.load("xyz")


def test_a_missing_folder_says_what_to_do_next(tmp_path):
    """A missing folder says what to do next."""
    with pytest.raises(loader.DatasetError, match="Ask your trainer"):
        loader.Folder(tmp_path / "nowhere").load("urgent-cases")


def test_a_damaged_file_is_not_the_learners_fault(folder, tmp_path):
    """A damaged file is not the learner's fault."""
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "registry.json").write_bytes((folder.path / "registry.json").read_bytes())
    (copy / "urgent-cases.csv.gz").write_bytes(gzip.compress(b"case_id\nC1\n"))
    with pytest.raises(loader.DatasetError, match="This is not your mistake"):
        loader.Folder(copy).load("urgent-cases")


def test_the_environment_names_the_folder(folder, monkeypatch):
    """ISOMO_DATA names the folder that `load`, `card` and `names` read."""
    monkeypatch.setenv("ISOMO_DATA", str(folder.path))
    assert loader.names() == ["urgent-cases", "weekly-counts"]
    assert len(loader.load("weekly-counts")) == datasets()["weekly-counts"].rows["learner"]
    assert loader.card("weekly-counts", "fr").startswith("# Demandes par semaine")
    assert loader.card("weekly-counts", "rw").startswith("# Requests per week")


def test_the_loader_needs_neither_generators_nor_seeds():
    """Importing the loader brings in no generator, no seed, no hidden half and no scikit-learn."""
    code = "import sys, labs.datasets.loader; print([m for m in sys.modules if m.startswith(('labs', 'sklearn'))])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "['labs', 'labs.datasets', 'labs.datasets.loader']"


def test_the_manifest_lists_files_that_exist_and_gives_learners_nothing_hidden():
    """The manifest lists files that exist, and gives learners neither generators nor the hidden half."""
    manifest = json.loads((ROOT / "labs/datasets/manifest.json").read_text())
    assert all((ROOT / name).is_file() for part in ("learner", "grader") for name in manifest[part])
    assert [name.rsplit("/", 1)[-1] for name in manifest["learner"]] == [
        "__init__.py",
        "__init__.py",
        "loader.py",
    ]
