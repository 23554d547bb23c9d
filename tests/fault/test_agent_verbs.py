"""`./isomo grade` and `./isomo regrade`, as people type them, with the real engine on the host."""

from __future__ import annotations

import re

import pytest

from graders.agent import grade_verb, regrade_verb
from hub.store import Store
from hub.verb_errors import IsomoError
from tests.support.grading_agent import gradings
from tests.support.small_stores import (
    COURSE,
    LAB,
    LEARNERS,
    RELEASED,
    RIGHT,
    WRONG,
    filled,
    hand_in,
    notebook,
)

AMINA, BOSCO = LEARNERS
STRICTER = "assert add(1, 1) == 2\n### BEGIN HIDDEN TESTS\nassert add(20, 22) == 42\nassert add(-1, 1) == 1\n### END HIDDEN TESTS"
SOLUTION = "### BEGIN SOLUTION\ndef add(a, b):\n    return a + b\n### END SOLUTION"


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    made = filled(tmp_path, evaluate=True)
    (tmp_path / "isomo.toml").write_text(f'state = "{made.settings.state}"\nevaluate = true\n')
    monkeypatch.setenv("ISOMO_SETTINGS", str(tmp_path / "isomo.toml"))
    monkeypatch.setenv("LC_ALL", "C")
    return made


def typed(capsys, verb, *words: str) -> str:
    """What a verb prints."""
    verb.command(list(words))
    return str(capsys.readouterr().out)


def scores(store: Store) -> dict[str, float]:
    newest = {each.id: each.learner for each in store.results.newest(COURSE, LAB)}
    return {newest[key]: result.score for key, result in store.results.results_for(list(newest)).items()}


def change_the_test(store: Store) -> None:
    """A second version, whose test nobody but the impossible passes."""
    store.courses.release(
        COURSE, LAB, version="2", title={"en": "Sums"}, minutes=10, tasks=[],
        release={f"{LAB}.ipynb": RELEASED}, source={f"{LAB}.ipynb": notebook(SOLUTION, STRICTER)},
    )  # fmt: skip


def test_grade_grades_what_waits_for_one_learner_then_for_all(store, capsys):
    attempts = [hand_in(store, AMINA, RIGHT)[0], hand_in(store, BOSCO, WRONG)[0]]
    assert "Graded 1; 1 of 1 are done." in typed(capsys, grade_verb, LAB, "--learner", BOSCO)
    assert scores(store) == {BOSCO: 0.0}
    assert "Graded 1; 2 of 2 are done." in typed(capsys, grade_verb, LAB, "--workers", "1")
    assert scores(store) == {AMINA: 2.0, BOSCO: 0.0}
    assert set(gradings(store)) == {each.id for each in attempts}
    said = typed(capsys, grade_verb, LAB)
    assert (
        said
        == f"All 2 that were handed in are graded.\nAfter a change of the lab: ./isomo regrade {LAB} --dry-run\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sum"], "No lab called sum is released.\nDid you mean sums?"),
        (["letters-and-spam"], "No lab called letters-and-spam is released.\nReleased are: sums."),
        ([LAB], f"Nothing was handed in for {LAB} yet.\nIt is graded by itself as soon as it arrives."),
        ([LAB, "--learner", AMINA], f"{AMINA} has not handed in {LAB} yet."),
    ],
)
def test_grade_says_what_it_cannot_grade(store, words, said):
    with pytest.raises(IsomoError) as error:
        grade_verb.command(words)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([LAB], "regrade needs to know how far to go.\nFirst look: ./isomo regrade sums --dry-run"),
        ([LAB, "--yes", "--course", "other"], f"{LAB} is not released in other.\nIt is in: {COURSE}."),
        (["undo"], "undo needs the number of a regrade.\n./isomo regrade list shows them."),
        (["undo", "7"], "There is no regrade number 7 that was applied."),
    ],
)
def test_regrade_says_what_it_cannot_do(store, words, said):
    with pytest.raises(IsomoError) as error:
        regrade_verb.command(words)
    assert str(error.value).startswith(said)


def test_a_changed_test_is_looked_at_applied_and_taken_back(store, capsys):
    for name, work in ((AMINA, RIGHT), (BOSCO, WRONG)):
        hand_in(store, name, work)
    typed(capsys, grade_verb, LAB)
    assert "every newest result is of the released version already" in typed(
        capsys, regrade_verb, LAB, "--dry-run"
    )
    change_the_test(store)

    looked = typed(capsys, regrade_verb, LAB, "--dry-run")
    assert f"{COURSE}/{LAB}: 1 of 2 would change: 0 up, 1 down." in looked
    assert "add_test changed; 1 results with it:\n      + assert add(-1, 1) == 1" in looked
    assert re.search(rf"{AMINA}\s+2 → 0   add_test: ✓ 2/2 → … 0/2", looked)
    assert BOSCO not in looked
    assert scores(store) == {AMINA: 2.0, BOSCO: 0.0}

    applied = typed(capsys, regrade_verb, LAB, "--yes")
    assert "Applied to 1." in applied
    (number,) = re.findall(r"\./isomo regrade undo (\d+)", applied)
    assert scores(store) == {AMINA: 0.0, BOSCO: 0.0}
    assert re.search(
        rf"{number}  \d{{4}}-.*{COURSE}/{LAB}  applied  console/", typed(capsys, regrade_verb, "list")
    )

    assert "1 learner has the earlier result again." in typed(capsys, regrade_verb, "undo", number)
    assert scores(store) == {AMINA: 2.0, BOSCO: 0.0}
    assert "taken back" in typed(capsys, regrade_verb, "list")


def test_before_anything_was_graded_anew_the_list_says_so(store, capsys):
    assert typed(capsys, regrade_verb, "list") == "Nothing was graded again yet.\n"


def test_an_engine_that_does_not_start_changes_nothing_and_says_what_to_do(store, monkeypatch):
    from hub.store import GradedRecord

    hand_in(store, AMINA, RIGHT)
    task = {
        "grade_id": "add_test",
        "outcome": "passed",
        "score": 2.0,
        "max_score": 2.0,
        "message": "",
        "flags": [],
    }
    store.record_grading(store.claim_ungraded("one", 60), GradedRecord([task], b"{}", b"", "fork-1"))
    change_the_test(store)
    monkeypatch.setenv("ISOMO_GRADER_PYTHON", "/bin/false")
    with pytest.raises(IsomoError, match="The grading engine did not start") as error:
        regrade_verb.command([LAB, "--yes"])
    assert "Nothing was changed. ./isomo doctor says what to do." in str(error.value)
    assert scores(store) == {AMINA: 2.0}
