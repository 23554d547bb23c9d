"""The labs' data, and one warm engine that grades them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.engine.fork_engine import ForkEngine
from graders.engine.learner_view import learners_room
from labs.authoring import lab_preview
from labs.authoring.lab_spec import lab_folders
from labs.datasets.learners_data import ready_data
from tests.support.lab_work import Edition, edition

SEEDS = ("", "2", "3")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that ask for `folder` run once for each lab, those that ask for `edition` once for each lab and seed."""
    if "folder" in metafunc.fixturenames:
        metafunc.parametrize("folder", lab_folders(), ids=[path.name for path in lab_folders()])
    if "lab_edition" in metafunc.fixturenames and not metafunc.definition.get_closest_marker("parametrize"):
        cases = [
            pytest.param(
                (path, seed), id=f"{path.name}-{seed or 1}", marks=[pytest.mark.full] if seed else []
            )
            for path in lab_folders()
            for seed in SEEDS
        ]
        metafunc.parametrize("lab_edition", cases, indirect=True)


@pytest.fixture(scope="session")
def _data() -> dict[str, Path]:
    return {}


@pytest.fixture(scope="session")
def _editions() -> dict[tuple[Path, str], Edition]:
    """Editions made so far: a lab's hidden data may take a minute to make, and three tests ask for it."""
    return {}


@pytest.fixture
def lab_edition(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    _data: dict[str, Path],
    _editions: dict[tuple[Path, str], Edition],
    monkeypatch: pytest.MonkeyPatch,
) -> Edition:
    """A lab with one edition of its data: the learner's, and what its judge knows."""
    folder, seed = request.param
    if seed not in _data:
        _data[seed] = learners_data(seed, tmp_path_factory)
    monkeypatch.setenv("ISOMO_DATA", str(_data[seed]))
    monkeypatch.setenv("ISOMO_HOLDOUT_SECRET", f"content test {seed}")
    if request.param not in _editions:
        _editions[request.param] = edition(folder, seed, _data[seed], tmp_path_factory.mktemp("lab"))
    return _editions[request.param]


def learners_data(seed: str, places: pytest.TempPathFactory) -> Path:
    """What learners have, in one edition."""
    if not seed:
        return ready_data()
    folder = places.mktemp("data")
    folder.chmod(0o755)  # Sandboxes read it as another user.
    words = [
        sys.executable,
        "-m",
        "labs.datasets",
        "build",
        "--part",
        "learner",
        "--seed",
        seed,
        "--out",
        str(folder),
    ]
    subprocess.run(
        words, check=True, cwd=lab_preview.ROOT, env={**os.environ, "PYTHONPATH": str(lab_preview.ROOT)}
    )
    return folder


@pytest.fixture(scope="session")
def engines() -> Iterator[dict[Path, ForkEngine]]:
    made: dict[Path, ForkEngine] = {}
    yield made
    for engine in made.values():
        engine.close()


@pytest.fixture
def engine(lab_edition: Edition, engines: dict[Path, ForkEngine]) -> ForkEngine:
    """The engine whose sandboxes have this edition's data."""
    if lab_edition.data not in engines:
        engines[lab_edition.data] = ForkEngine(learners_room(lab_edition.data))
    return engines[lab_edition.data]
