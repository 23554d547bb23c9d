"""The grading wheel, installed next to nbgrader far from this checkout, grades as nbgrader does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from bench import bench_courses
from images.lock_files import LOCKS, pinned_versions

ROOT = Path(__file__).resolve().parents[2]
LAB = "sums"
CONFIG = "c = get_config()\n"
OURS = CONFIG + "from graders.nbgrader import drop_in; drop_in.install(c)\n"
ANSWERS = {
    "amina": "def add(a, b):\n    return a + b",
    "bosco": "def add(a, b):\n    return a - b",
    "chloe": "def add(a, b):\n    raise ValueError('not yet')",
    "denis": "def add(a, b)\n    return a + b",
    "emery": "def add(a, b):\n    return max(a + b, 3)",
}
USES_THE_HUB = {"graders.nbgrader.gradebook_verb"}
"""Modules of the wheel that belong to Isomo's own deployment; nothing of the drop-in imports them."""
IMPORT_ALL = """
import importlib, pkgutil, sys
import graders
failed = []
for found in pkgutil.walk_packages(graders.__path__, "graders."):
    if not found.name.endswith(".__main__") and "migrations" not in found.name:
        try:
            importlib.import_module(found.name)
        except ImportError:
            failed.append(found.name)
print(*failed)
"""


def run(words: list[str], **more: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=400, **more)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{words}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done


def tracked_copy(to: Path) -> Path:
    """The checkout without what is not tracked: a build leaves folders next to its sources."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in run(words, cwd=ROOT).stdout.split("\0"):
        if name and (ROOT / name).is_file() and name.split("/")[0] not in ("tests", "docs", "images"):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("build")
    uv = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--no-build-isolation"]
    run(
        [
            *uv,
            "--python",
            sys.executable,
            "--out-dir",
            str(folder / "out"),
            str(tracked_copy(folder / "source")),
        ]
    )
    (built,) = (folder / "out").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment with the wheel and what it asks for, in the locked versions."""
    folder = tmp_path_factory.mktemp("fresh")
    locked = folder / "locked.txt"
    locked.write_text(pinned_versions((LOCKS / "test.txt").read_text("utf-8")))
    uv = [sys.executable, "-m", "uv"]
    run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder / "env")])
    python = folder / "env" / "bin" / "python"
    run([*uv, "pip", "install", "--quiet", "--python", str(python), "--constraints", str(locked), str(wheel)])
    return python


def environment(python: Path) -> dict[str, str]:
    """What a trainer's shell has, with the fresh environment first and nothing of this checkout."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "JUPYTER_PATH")}
    path = f"{python.parent}:/usr/bin:/bin"
    # With CI, no run leaves a warm engine behind.
    return {**kept, "PATH": path, "USER": "trainer", "PYTHONNOUSERSITE": "1", "CI": "true"}


def nbgrader(python: Path, course: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run([str(python), "-m", "nbgrader", *words], cwd=course, env=environment(python))


def graded(name: str, source: str, **meta: object) -> nbformat.NotebookNode:
    cell = new_code_cell(source, id=name)
    kinds = {"grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, **kinds, **meta}
    return cell


def make_course(folder: Path, python: Path) -> Path:
    """A released lab and work handed in for it."""
    (folder / "source" / LAB).mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    marked = f"### BEGIN SOLUTION\n{ANSWERS['amina']}\n### END SOLUTION"
    cells = [graded("add", marked, solution=True)]
    cells += [
        graded(f"test-{number}", text, grade=True, locked=True, points=points)
        for number, (text, points) in enumerate([("assert add(1, 2) == 3", 1), ("assert add(0, 0) == 0", 2)])
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / "source" / LAB / "sums.ipynb")
    nbgrader(python, folder, "generate_assignment", LAB)
    for learner, answer in ANSWERS.items():
        book = nbformat.read(folder / "release" / LAB / "sums.ipynb", as_version=4)
        book.cells[0].source = answer
        there = folder / "submitted" / learner / LAB
        there.mkdir(parents=True)
        nbformat.write(book, there / "sums.ipynb")
    return folder


def test_the_wheel_holds_the_engine_and_its_sentences_and_neither_hub_nor_labs(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    at_top = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert at_top == {"graders", "labs", "isomo-warm-autograde.pth"}
    assert {
        "graders/sandbox/template_process.py",
        "graders/engine/judged_cell.py",
        "graders/nbgrader/drop_in.py",
    } <= set(names)
    assert {"labs/kit/locale/fr.po", "labs/kit/static/form.js"} <= set(names)
    assert not [name for name in names if name.startswith(("graders/agent", "labs/datasets", "labs/0"))]
    assert any(name.endswith("/LICENSE") for name in names)


def test_every_module_of_the_wheel_finds_what_it_imports(fresh, tmp_path):
    done = run([str(fresh), "-c", IMPORT_ALL], cwd=tmp_path, env=environment(fresh))
    assert set(done.stdout.split()) <= USES_THE_HUB


def test_the_check_of_the_wheel_says_that_this_machine_can_grade(fresh, tmp_path):
    done = run([str(fresh.parent / "isomo-sandbox-check")], cwd=tmp_path, env=environment(fresh))
    assert done.stdout == "This machine can run the grading sandbox.\n"


def test_the_line_of_the_wheel_for_the_start_of_python_acts_for_nbgrader_autograde_alone(fresh, tmp_path):
    course = make_course(tmp_path / "course", fresh)
    (course / "nbgrader_config.py").write_text(f"{OURS}import sys\nprint(*sorted(sys.modules))\n")
    seen = {}
    for verb in ("autograde", "list"):
        words = [str(fresh.parent / "nbgrader"), verb, LAB]
        done = subprocess.run(
            words, cwd=course, env=environment(fresh), capture_output=True, text=True, check=False
        )
        seen[verb] = "graders.nbgrader.command_shortcut" in done.stdout.split()
    assert seen == {"autograde": True, "list": False}


def test_uninstalling_the_wheel_takes_its_line_for_the_start_of_python_along(fresh):
    """Read in the list by which installers take away what they brought."""
    found = "import importlib.metadata as m; print(*m.files('isomo'), sep='\\n')"
    files = run([str(fresh), "-c", found]).stdout.splitlines()
    assert "isomo-warm-autograde.pth" in files
    assert (next(fresh.parents[1].glob("lib/python*/site-packages")) / "isomo-warm-autograde.pth").is_file()


def test_the_script_of_the_wheel_grades_a_course_without_the_line(fresh, tmp_path):
    course = make_course(tmp_path / "course", fresh)
    script = str(fresh.parent / "isomo-autograde")
    run([script, LAB, "--student", "amina"], cwd=course, env=environment(fresh))
    assert bench_courses.gradebook_scores(course) == {
        ("amina", "test-0"): (1, None, None),
        ("amina", "test-1"): (2, None, None),
    }


@pytest.mark.full
def test_one_line_in_a_course_grades_with_the_engine_as_stock_does(fresh, tmp_path):
    stock = make_course(tmp_path / "stock", fresh)
    ours = Path(shutil.copytree(stock, tmp_path / "ours"))
    (ours / "nbgrader_config.py").write_text(OURS)
    for course in (stock, ours):
        nbgrader(fresh, course, "autograde", LAB, "--create")
        nbgrader(fresh, course, "generate_feedback", LAB)
    assert bench_courses.gradebook_scores(ours) == bench_courses.gradebook_scores(stock)
    assert {score for score, *_ in bench_courses.gradebook_scores(ours).values()} == {0, 1, 2}
    pages = sorted(path.parent.parent.name for path in (ours / "feedback").rglob("sums.html"))
    assert pages == sorted(ANSWERS)


def test_the_engine_of_the_wheel_is_the_one_that_grades(fresh, tmp_path):
    """Inside a sandbox the learner's home is /tmp/home, and there is no course."""
    course = make_course(tmp_path / "course", fresh)
    (course / "nbgrader_config.py").write_text(OURS)
    work = course / "submitted" / "amina" / LAB / "sums.ipynb"
    book = nbformat.read(work, as_version=4)
    book.cells[
        0
    ].source = f"{ANSWERS['amina']}\nimport os\nprint(os.environ['HOME'], os.path.exists({str(course)!r}))"
    nbformat.write(book, work)
    nbgrader(fresh, course, "autograde", LAB, "--create", "--student", "amina")
    shown = nbformat.read(course / "autograded" / "amina" / LAB / "sums.ipynb", as_version=4)
    assert shown.cells[0].outputs[0].text == "/tmp/home False\n"
    assert bench_courses.gradebook_scores(course) == {
        ("amina", "test-0"): (1, None, None),
        ("amina", "test-1"): (2, None, None),
    }
    nbgrader(fresh, course, "generate_feedback", LAB, "--student", "amina")
    assert (course / "feedback" / "amina" / LAB / "sums.html").is_file()
