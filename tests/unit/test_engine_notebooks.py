"""What happens to submissions that are damaged, edited or no notebooks at all."""

import json
from typing import Any

import pytest

from graders.engine import notebook_reading
from graders.engine.notebook_reading import NotANotebookError


def cell(source: str, grade_id: str | None = None, kind: str = "code", **meta: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": kind, "source": source, "metadata": {}}
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    if grade_id:
        made["metadata"]["nbgrader"] = {"grade_id": grade_id, "schema_version": 3, **meta}
    return made


def book(*cells: dict[str, Any], nbformat: int = 4) -> bytes:
    return json.dumps(
        {"nbformat": nbformat, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    ).encode()


BAD = [
    (b"", "not a notebook, or only part"),
    (b'{"cells": [', "not a notebook, or only part"),
    (b"\xff\xfe\x00", "not a notebook, or only part"),
    (b"[" * 100_000, "not a notebook, or only part"),
    (b"[]", "damaged"),
    (book(nbformat=3), "format 3"),
    (book(nbformat=5), "format 5"),
    (b'{"nbformat": 4, "cells": 3}', "damaged"),
    (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "damaged"),
    (book(*[cell("1")] * (notebook_reading.MOST_CELLS + 1)), "more than 5000 cells"),
    (b" " * (notebook_reading.LARGEST + 1), "over 20 MB"),
]


@pytest.mark.parametrize(("data", "words"), BAD)
def test_what_is_no_notebook_gets_one_clear_sentence(data: bytes, words: str) -> None:
    with pytest.raises(NotANotebookError, match=words) as caught:
        notebook_reading.read_notebook(data)
    assert str(caught.value).endswith("submit again.")


def restored(submitted: bytes, source: bytes) -> notebook_reading.Submission:
    return notebook_reading.restore_cells(
        notebook_reading.read_notebook(submitted), notebook_reading.read_notebook(source)
    )


SOURCE = book(
    cell("import math", "setup", locked=True),
    cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "x", solution=True),
    cell("assert x == 1", "x_test", grade=True, points=3, locked=True),
)


def test_a_locked_test_that_was_edited_is_put_back_with_its_points() -> None:
    edited = book(cell("x = 2", "x", solution=True), cell("pass", "x_test", grade=True, points=100))
    test = restored(edited, SOURCE).notebook["cells"][1]
    assert test["source"] == "assert x == 1"
    assert notebook_reading.cell_points(test) == 3


def test_of_a_duplicated_graded_cell_the_last_one_counts() -> None:
    twice = book(cell("a", "x_test", grade=True), cell("b", "x_test", grade=True))
    made = restored(twice, SOURCE)
    assert made.duplicated == {"x_test"}
    assert [notebook_reading.is_grade(one) for one in made.notebook["cells"]] == [False, True]


def test_a_deleted_graded_cell_is_reported_missing() -> None:
    assert restored(book(cell("x = 1", "x", solution=True)), SOURCE).missing == ["x_test"]


def test_a_foreign_grade_id_loses_its_meaning() -> None:
    made = restored(book(cell("1", "bonus", grade=True, points=50)), SOURCE)
    assert notebook_reading.nbgrader_metadata(made.notebook["cells"][0]) == {}


def test_a_test_made_into_text_becomes_code_again() -> None:
    made = restored(book(cell("hello", "x_test", kind="markdown", grade=True)), SOURCE)
    assert made.notebook["cells"][0]["cell_type"] == "code"
    assert made.notebook["cells"][0]["outputs"] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# YOUR CODE HERE\nraise NotImplementedError()", True),
        ("# YOUR CODE HERE\r\nraise NotImplementedError()\r\n", True),
        ("", True),
        ("x = 1", False),
    ],
)
def test_an_answer_cell_as_released_is_not_an_attempt(source: str, expected: bool) -> None:
    original = notebook_reading.read_notebook(SOURCE)["cells"][1]
    assert notebook_reading.is_blank(cell(source, "x", solution=True), original) is expected
