"""What learners never got of a notebook is told by comparing; without a released one, by nbgrader's own marks."""

from __future__ import annotations

from typing import Any

import pytest

from graders.pages.hidden_tests import visible_text, withheld_cells


def cell(source: str, name: str = "t", kind: str = "code", **about: Any) -> dict[str, Any]:
    known = {"grade_id": name, "grade": True, "solution": False, **about}
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": known}}


TEST = "assert x > 0\n# SECRET\nassert x == 3\n# END"


def test_what_the_release_lacks_is_withheld_whatever_marks_it() -> None:
    assert withheld_cells([cell(TEST)], [cell("assert x > 0\n")]) == {"t": "assert x > 0"}


def test_a_test_that_learners_got_whole_is_shown() -> None:
    assert withheld_cells([cell(TEST)], [cell(TEST + "  \n\n")]) == {}


def test_a_test_that_learners_never_got_is_not_shown_at_all() -> None:
    assert withheld_cells([cell(TEST), cell("assert y", "u")], [cell("assert y", "u")]) == {"t": ""}


def test_an_answer_differs_and_is_no_secret() -> None:
    assert withheld_cells([cell("x = 3", solution=True)], [cell("# YOUR CODE HERE", solution=True)]) == {}


def test_locked_text_in_another_language_is_no_secret() -> None:
    english, french = (
        cell("Read.", kind="markdown", grade=False, locked=True),
        cell("Lisez.", kind="markdown"),
    )
    assert withheld_cells([english], [french]) == {}


def test_how_a_task_is_marked_is_withheld() -> None:
    scheme = "Draw.\n=== BEGIN MARK SCHEME ===\nTwo points.\n=== END MARK SCHEME ==="
    task = cell(scheme, kind="markdown", grade=False, task=True)
    assert withheld_cells([task], []) == {"t": "Draw."}
    assert withheld_cells([task], [cell("Draw.\n", kind="markdown", grade=False, task=True)]) == {
        "t": "Draw."
    }


@pytest.mark.parametrize(
    "mark", ["### BEGIN HIDDEN TESTS", "# BEGIN HIDDEN TESTS", "    #BEGIN HIDDEN TESTS (1)"]
)
def test_without_a_release_nbgraders_own_marks_decide(mark: str) -> None:
    hidden = f"assert x\n{mark}\nassert x == 3\n{mark.replace('BEGIN', 'END')}\nprint(1)"
    assert withheld_cells([cell(hidden)], []) == {"t": "assert x\nprint(1)"}


def test_a_hidden_part_that_never_ends_is_hidden_to_the_end() -> None:
    assert visible_text("assert x\n### BEGIN HIDDEN TESTS\nassert x == 3") == "assert x"


def test_cells_without_a_name_or_of_another_shape_are_left() -> None:
    odd = [
        {"cell_type": "code", "source": "x", "metadata": {"nbgrader": "?"}},
        {"cell_type": "raw", "source": "", "metadata": {}},
    ]
    assert withheld_cells(odd, odd) == {}
