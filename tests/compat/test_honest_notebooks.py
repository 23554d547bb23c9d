"""Honest submissions earn what stock nbgrader gives them, and no flag."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import flags, hostile_notebooks
from graders.contract.work_contract import Graded, Outcome, TaskResult, Work
from graders.engine.fork_engine import ForkEngine
from tests.compat.honest import honest_corpus
from tests.compat.honest.honest_corpus import Honest

ALL = {one.name: one for one in honest_corpus.submissions()}
# Quick ones, a few of each subject: every other test of them is in the long matrix.
SAMPLE = """
notebook-inline-before-a-plot notebook-backend-notebook notebook-shell-list-files notebook-shell-into-a-name
notebook-bash-cell notebook-capture-output notebook-time-cell notebook-autoreload notebook-writefile-then-import
notebook-html-cell notebook-help-by-question-mark notebook-widget-observe notebook-input-guarded
notebook-colab-by-modules language-class-equality language-dataclass-plain language-typing-generics
language-decorator-timing language-recursion-too-deep-caught language-unittest-in-the-notebook
language-eval-of-arithmetic files-csv-module files-sqlite-in-memory files-process-echo tasks-partial-credit-in-part
tasks-hidden-test-after-file-work data-frame-query data-plot-title-and-labels parallel-thread-pool
practice-mock-with-patch-decorator courses-bank-in-objects mocks-teacher-counts-calls
mocks-teacher-fakes-a-service mocks-teacher-patches-input-and-print everyday-progress-with-a-format
everyday-arguments-from-a-list lessons-decorators-that-wrap lessons-vector-with-hash-and-equality
lessons-database-of-a-shop numbers-frame-transform-and-rank numbers-frame-own-accessor lessons-calculator-by-eval
lessons-doctests-and-pytest-in-a-cell semester-method-bound-to-one-object semester-members-of-a-module-listed
semester-path-of-a-folder-above beginners-ordered-dataclass-written-by-hand beginners-error-with-its-line
beginners-star-import-of-operator analysis-windows-by-strides analysis-frame-eval-and-query-with-names
workshop-pool-that-stays-open-and-is-used workshop-coroutines-with-a-queue-of-the-notebook
workshop-automagic-runs-a-helper workshop-values-stored examiners-source-read-and-parsed
""".split()
COMPARED = (
    "notebook-backend-agg",
    "tasks-partial-credit-in-part",
    "tasks-hidden-test",
    "courses-one-task-left-empty",
)
PENDING_FILE = Path(honest_corpus.__file__).with_name("pending.txt")
"""Submissions that the engine still flags or marks down, each with its reason. Delete the file once it does neither."""


def pending() -> dict[str, str]:
    """Return the reasons of what is known to fail, by name."""
    if not PENDING_FILE.exists():
        return {}
    lines = [
        line for line in PENDING_FILE.read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    return dict(line.split(": ", 1) for line in lines)


def cases() -> list[object]:
    """Return a parameter for each submission: the sample runs always, the others in the long matrix."""
    reasons = pending()
    found = []
    for name in ALL:
        marks = [] if name in SAMPLE else [pytest.mark.full]
        if name in reasons:
            marks.append(pytest.mark.xfail(strict=True, reason=reasons[name]))
        found.append(pytest.param(name, marks=marks))
    return found


@pytest.mark.parametrize("name", cases())
def test_an_honest_submission_earns_its_marks_and_no_flag(engine: ForkEngine, name: str) -> None:
    found = flags.grade_honest(engine, ALL[name])
    assert (found.marks, found.flags, found.problem) == (ALL[name].earns, (), "")


@pytest.mark.parametrize(
    "names", [COMPARED, pytest.param(tuple(ALL), marks=[pytest.mark.full])], ids=["few", "all"]
)
@pytest.mark.timeout(1800)
def test_the_recorded_marks_are_those_of_stock_nbgrader(names: tuple[str, ...]) -> None:
    assert flags.grade_with_stock([ALL[name] for name in names]) == {name: ALL[name].earns for name in names}


def test_there_are_submissions_of_every_subject() -> None:
    own = [one for one in ALL.values() if json.loads(one.source)["cells"][-1]["source"] != honest_corpus.TEST]
    assert len(ALL) >= 200
    assert len(own) >= 90, "submissions whose teacher has a task of their own"
    assert len({one.notebook for one in ALL.values()}) == len(ALL), "no submission is there twice"
    assert set(SAMPLE) | set(COMPARED) | set(pending()) <= set(ALL), "every name is one of a submission"
    assert len(set(SAMPLE)) == len(SAMPLE) == 56
    assert {name.partition("-")[0] for name in SAMPLE} == {one.subject for one in ALL.values()}


class Scripted:
    """An engine that gives every submission the same marks and flags."""

    def __init__(self, *tasks: TaskResult) -> None:
        self.tasks = tasks

    def grade(self, work: Work) -> Graded:
        return Graded(self.tasks, work.notebook, "scripted")

    def template(self) -> None:
        return None

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def measured(monkeypatch: pytest.MonkeyPatch, *tasks: TaskResult) -> dict[str, object]:
    """Return what the benchmark says of one honest submission, graded like this."""
    monkeypatch.setattr(flags, "ForkEngine", lambda: Scripted(*tasks))
    return flags.measure(["--no-stock", "--no-hostile", "--only", "notebook-inline-alone"])


def test_a_flag_counts_where_marks_were_earned(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, TaskResult("test", Outcome.PASSED, 2.0, 2.0, flags=("odd",)))
    assert (found["honest"], found["flagged"], found["lost"]) == (1, 1, 0)
    assert found["which_flagged"] == ["notebook-inline-alone"]


def test_a_flag_without_marks_counts_as_lost_marks_only(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, TaskResult("test", Outcome.NOT_YET, 0.0, 2.0, flags=("odd",)))
    assert (found["flagged"], found["lost"], found["which_lost"]) == (0, 1, ["notebook-inline-alone"])


def test_a_hostile_submission_counts_where_it_gains_unflagged() -> None:
    (one,) = hostile_notebooks.load_attacks(["004-"])
    target = one.targets[0]
    won = TaskResult(target, Outcome.PASSED, 1.0, 1.0)
    told = TaskResult(target, Outcome.PASSED, 1.0, 1.0, flags=("defines __eq__",))
    assert list(flags.successful_attacks(Scripted(won), [one])) == [one]  # type: ignore[arg-type]
    assert list(flags.successful_attacks(Scripted(told), [one])) == []  # type: ignore[arg-type]


def test_a_submission_with_an_unknown_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd.toml").write_text("[one]\nanswer = 'x = 1'\ntests = 'y'\n")
    monkeypatch.setattr(honest_corpus, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"odd\.toml: one has unknown keys: tests"):
        honest_corpus.submissions()


def test_the_learners_notebook_has_no_solution_and_the_teachers_no_extra_cell() -> None:
    one: Honest = ALL["notebook-two-trials-kept"]
    teacher, learner = (json.loads(data)["cells"] for data in (one.source, one.notebook))
    assert len(teacher) == 2
    assert len(learner) == 4
    assert "BEGIN SOLUTION" in teacher[0]["source"]
    assert "BEGIN SOLUTION" not in one.notebook.decode()


def test_hidden_tests_are_in_the_teachers_notebook_only() -> None:
    one = ALL["tasks-hidden-test"]
    assert b"HIDDEN TESTS" in one.source
    assert b"HIDDEN TESTS" not in one.notebook
    assert "f(41) == 42" in json.loads(honest_corpus.put_back(one))["cells"][-1]["source"]
