"""A store with a few people, a course and a released lab, for tests that need somebody to do something."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from hub.isomo_settings import Settings, parse_settings
from hub.private_files import make_private_folder
from hub.secret_keys import Secrets
from hub.store import Store

COURSE, LAB = "everyone-2026a-minict", "sums"
LEARNERS = ("amina.k", "bosco.n")
TRAINER = "claudine.u"


def settings_for(folder: Path, **more: object) -> Settings:
    """Settings of an installation whose state lies in `folder`."""
    return parse_settings({"state": str(folder / "state"), **more})


def cell(source: str, grade_id: str, *, grade: bool = False, solution: bool = False, points: int = 0):
    """A code cell with nbgrader's metadata."""
    made = new_code_cell(source, id=grade_id)
    made.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": grade and not solution,
        "task": False,
        **({"points": points} if grade else {}),
    }
    return made


def notebook(answer: str, tests: str) -> bytes:
    """Return a notebook with one task worth two points."""
    made = new_notebook(
        cells=[
            new_markdown_cell("# Sums", id="title"),
            cell(answer, "add", solution=True),
            cell(tests, "add_test", grade=True, points=2),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    return nbformat.writes(made).encode()


HIDDEN = "assert add(1, 1) == 2\n### BEGIN HIDDEN TESTS\nassert add(20, 22) == 42\n### END HIDDEN TESTS"
SOURCE = notebook("### BEGIN SOLUTION\ndef add(a, b):\n    return a + b\n### END SOLUTION", HIDDEN)
RELEASED = notebook("# YOUR CODE HERE\nraise NotImplementedError()", "assert add(1, 1) == 2")
RIGHT = notebook("def add(a, b):\n    return a + b", "assert add(1, 1) == 2")
WRONG = notebook("def add(a, b):\n    return a * b * 2", "assert add(1, 1) == 2")


def fill(store: Store) -> Store:
    """People, a course, and the lab `sums` released in it."""
    store.courses.add_institution("minict", "Ministry of ICT")
    store.people.add(TRAINER, "Claudine U.", roles=("trainer",), institution="minict")
    for name in LEARNERS:
        store.people.add(name, name.title(), institution="minict")
    store.people.add("admin", "Administrator", roles=("administrator",))
    store.courses.add(COURSE, "Everyone 2026a", "minict")
    store.courses.add_member(COURSE, TRAINER, "trainer")
    for name in LEARNERS:
        store.courses.add_member(COURSE, name, "learner")
    store.courses.add_class(COURSE, "Class A", LEARNERS)
    release(store)
    return store


@lru_cache
def _ready() -> Path:
    """Return the state of a filled store, made once for each test process: making it takes longer than most tests.

    Keys are in it too: each of them is synced to disk when it is made.
    """
    folder = Path(tempfile.mkdtemp(prefix="isomo-store-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = settings_for(folder)
    fill(Store.migrate(settings)).database.engine.dispose()
    Secrets.load(settings)
    return folder / "state"


def filled(folder: Path, **more: object) -> Store:
    """Return a store of one's own with people, a course and a released lab, on SQLite."""
    settings = settings_for(folder, **more)
    shutil.copytree(_ready(), settings.state)
    return Store.open(settings)


@lru_cache
def _migrated() -> Path:
    """Return an empty database of this version, made once for each test process: a hundred migrations take 0.15 s."""
    folder = Path(tempfile.mkdtemp(prefix="isomo-empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = settings_for(folder)
    Store.migrate(settings).database.engine.dispose()
    return settings.state / "isomo.sqlite"


def empty_store(settings: Settings) -> Store:
    """Return the store of an installation, made or brought up to date first, as `Store.migrate` does."""
    if settings.database != "sqlite" or (settings.state / "isomo.sqlite").exists():
        return Store.migrate(settings)
    make_private_folder(settings.state)
    shutil.copy(_migrated(), settings.state / "isomo.sqlite")
    return Store.open(settings)


def release(store: Store, **more: object) -> None:
    """Release the lab `sums`."""
    known: dict[str, object] = {
        "version": "1",
        "title": {"en": "Sums"},
        "minutes": 10,
        "tasks": [{"id": "add", "points": 2}],
    }
    store.courses.release(
        COURSE, LAB, release={f"{LAB}.ipynb": RELEASED}, source={f"{LAB}.ipynb": SOURCE}, **{**known, **more}
    )


def hand_in(store: Store, learner: str = LEARNERS[0], content: bytes = RIGHT):
    """Hand in the lab `sums`."""
    return store.attempts.submit(
        COURSE, LAB, learner, {f"{LAB}.ipynb": content, "answers.json": json.dumps({}).encode()}
    )
