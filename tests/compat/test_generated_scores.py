"""Generated notebooks, and the reference course, graded by nbgrader's own engine and by ours: every score is equal."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from bench import bench_courses
from tests.support import generated_submissions

REASONS = tomllib.loads(Path(__file__).with_name("exceptions.toml").read_text("utf-8"))["generated"]
"""Why a task may score otherwise where its notebook contains a text: `"TASK-test: TEXT"` and the reason."""


def autograde(course, lab):
    """`nbgrader autograde LAB` in a course, as a trainer types it; the exit code tells of notebooks it could not do."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", lab, "--create"],
        cwd=course,
        env=bench_courses.nbgrader_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def compare(course, folder, lab):
    """Grade two copies of a course; what the stock engine scored, and the scores that differ."""
    stock, ours = (
        bench_courses.copy_course(course, folder / "stock", drop_in=False),
        bench_courses.copy_course(course, folder / "ours", drop_in=True),
    )
    code, said = autograde(ours, lab)
    assert code == 0, said[-4000:]
    code, said = autograde(stock, lab)
    assert code == 0, said[-4000:]
    wanted, found = bench_courses.gradebook_scores(stock), bench_courses.gradebook_scores(ours)
    return wanted, {
        key: (wanted.get(key), found.get(key))
        for key in wanted.keys() | found.keys()
        if wanted.get(key) != found.get(key)
    }


def mixed(folder, seeds, lab=generated_submissions.LAB):
    course = folder / "course"
    course.mkdir()
    (course / "nbgrader_config.py").write_text("c = get_config()\n")
    generated_submissions.write_source(course, lab)
    bench_courses.run_nbgrader(["generate_assignment", lab], course)
    generated_submissions.write_submissions(course, seeds, lab)
    return course


def written(course):
    """Return all that each learner wrote, by name."""
    found = {}
    for path in course.glob("submitted/*/*/*.ipynb"):
        text = "\n".join(cell.source for cell in nbformat.read(path, 4).cells)
        found[path.parts[-3]] = found.get(path.parts[-3], "") + text
    return found


def explained(different, texts, reasons):
    """Return the differences that no reason explains, and the reasons that explain none although their text is there."""
    open_, stale = set(different), set()
    for name in reasons:
        test, _, fragment = name.partition(": ")
        with_it = {(learner, test) for learner, text in texts.items() if fragment in text}
        if with_it and not with_it & set(different):
            stale.add(name)
        open_ -= with_it
    return {key: different[key] for key in open_}, stale


def check(tmp_path, seeds, lab=generated_submissions.LAB):
    course = mixed(tmp_path, seeds, lab)
    wanted, different = compare(course, tmp_path, lab)
    print(f"{len(seeds)} generated submissions, {len(wanted)} scores, {len(different)} differ")
    tests = {test for _, test in wanted}
    reasons = {name: why for name, why in REASONS.items() if name.partition(": ")[0] in tests}
    assert explained(different, written(course), reasons) == ({}, set())
    assert len(wanted) == len(seeds) * sum(map(len, generated_submissions.LABS[lab].values()))
    assert len({score for score, *_ in wanted.values()}) >= 3, (
        "right, wrong and partial answers are all there"
    )


@pytest.mark.parametrize(
    ("lab", "seeds"),
    [(generated_submissions.LAB, range(12, 18)), (generated_submissions.IDIOMS, range(4, 7))],
)
def test_generated_notebooks_score_the_same_with_both_engines(tmp_path, lab, seeds):
    """Twelve notebooks: the second lab has two of them."""
    check(tmp_path, seeds, lab)


@pytest.mark.full
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    ("lab", "count"), [(generated_submissions.LAB, 300), (generated_submissions.IDIOMS, 100)]
)
def test_hundreds_of_them_do(tmp_path, lab, count):
    check(tmp_path, range(1000, 1000 + count), lab)


def test_a_reason_explains_its_own_task_where_its_text_was_written():
    texts = {"amina": "%odd\nx = 1", "eric": "y = 2"}
    differs = {("amina", "plots-test"): (2, 0), ("eric", "plots-test"): (2, 0), ("amina", "add-test"): (2, 1)}
    left, stale = explained(differs, texts, {"plots-test: %odd": "why"})
    assert left == {("eric", "plots-test"): (2, 0), ("amina", "add-test"): (2, 1)}
    assert stale == set()


def test_a_reason_that_explains_nothing_is_out_of_date_once_its_text_was_written():
    reasons = {"plots-test: %odd": "why", "plots-test: %rare": "why"}
    assert explained({}, {"amina": "%odd"}, reasons) == ({}, {"plots-test: %odd"})


def test_so_does_the_reference_course(tmp_path):
    course = bench_courses.make_reference(tmp_path / "course", 10)
    wanted, different = compare(course, tmp_path, "triage")
    assert (len(wanted), different) == (30, {})


def test_a_doubled_graded_cell_costs_nobody_a_grade(tmp_path):
    """Stock nbgrader stops its whole batch here."""
    course = mixed(tmp_path, range(3))
    path = (
        course
        / "submitted"
        / "learner0001"
        / generated_submissions.LAB
        / f"{generated_submissions.LAB}.ipynb"
    )
    book = nbformat.read(path, 4)
    graded = next(cell for cell in book.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    book.cells.append(nbformat.from_dict({**graded, "id": "twin"}))
    nbformat.write(book, path)
    ours = bench_courses.copy_course(course, tmp_path / "ours", drop_in=True)
    code, said = autograde(ours, generated_submissions.LAB)
    assert code == 0, said[-3000:]
    assert len(bench_courses.gradebook_scores(ours)) == 3 * len(generated_submissions.TASKS)


BREAKS = """
import nbgrader.preprocessors
from nbgrader.preprocessors import SaveAutoGrades
class Breaks(SaveAutoGrades):
    def preprocess(self, nb, resources):
        nb, resources = super().preprocess(nb, resources)
        if resources["nbgrader"]["student"] == "learner0003":
            raise RuntimeError("this one cannot be marked")
        return nb, resources
c.Autograde.autograde_preprocessors = [
    one if one is not SaveAutoGrades else Breaks for one in nbgrader.converters.Autograde().autograde_preprocessors
]
"""


def test_a_submission_that_cannot_be_marked_costs_no_other_its_grades(tmp_path):
    """They are committed together, and the one that fails takes back what was entered for all."""
    ours = bench_courses.copy_course(mixed(tmp_path, range(8)), tmp_path / "ours", drop_in=True)
    with (ours / "nbgrader_config.py").open("a") as config:
        config.write("import nbgrader.converters" + BREAKS)
    code, said = autograde(ours, generated_submissions.LAB)
    assert code == 1, said[-3000:]
    assert "There was an error processing assignment 'mixed' for student 'learner0003'" in said
    assert "Not graded: 1. The lines above say why. All others are graded." in said
    found = bench_courses.gradebook_scores(ours)
    assert {found[key][0] for key in found if key[0] == "learner0003"} == {None}, (
        "its rows are there, as with stock"
    )
    marked = {learner for (learner, _), (mark, *_more) in found.items() if mark is not None}
    assert marked == {f"learner{number:04}" for number in range(8)} - {"learner0003"}
    assert not (ours / "autograded" / "learner0003" / generated_submissions.LAB).exists()
    assert len(list(ours.glob("autograded/*/*/*.ipynb"))) == 7
    assert not list(ours.glob("autograded/*/*/.isomo-unfinished"))


def test_one_line_of_config_puts_our_engine_behind_the_command_and_formgraders_button(tmp_path):
    """The button calls `nbgrader.apps.api`; nbgrader's own tests of it run with ours in test_nbgrader_suite.py."""
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nfrom graders.nbgrader import drop_in; drop_in.install(c)\n"
    )
    asked = (
        "from nbgrader.apps import NbGrader, api, autogradeapp; app = NbGrader(); app.load_config_file();"
        "print(api.Autograde.__name__, autogradeapp.Autograde.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env=bench_courses.nbgrader_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["ForkAutograde", "ForkAutograde"]
