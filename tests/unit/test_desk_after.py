"""The desk's files for everybody, what it says after handing in, and how the kit's tables are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.desk_builds import built_names, find_file
from labs.kit.desk_lab import ABOUT_THE_BOX
from labs.kit.desk_outcome import next_lab, outcome_of
from labs.kit.show import table

COURSE = "everyone"


def lab(name: str, *, state: str = "released", attempts: tuple[Any, ...] = (), **more: Any) -> dict[str, Any]:
    return {"lab": name, "title": name.title(), "minutes": 60, "state": state, "attempts": attempts, **more}


class Campus:
    """A campus that knows three labs."""

    def __init__(self, *labs: dict[str, Any]) -> None:
        self.known = labs

    def labs(self, course: str) -> tuple[dict[str, Any], ...]:
        assert course == COURSE
        return self.known


DONE = {"receipt": "R-0", "state": "returned"}


def test_the_next_lab_is_the_first_open_one_after_this_that_is_not_handed_in() -> None:
    labs = [
        lab("a"),
        lab("b", attempts=(DONE,)),
        lab("c", attempts=(DONE,)),
        lab("d", state="closed"),
        lab("e"),
    ]
    found = next_lab(labs, COURSE, "b")
    assert found == {"title": "E", "minutes": 60, "address": "/services/campus/open/everyone/e"}


def test_after_the_last_lab_an_earlier_one_that_was_left_out_comes_next_and_then_none() -> None:
    labs = [lab("a"), lab("b", attempts=(DONE,))]
    assert (next_lab(labs, COURSE, "b") or {})["title"] == "A"
    assert next_lab(labs[1:], COURSE, "b") is None


@pytest.mark.parametrize(("state", "expected"), [("waiting", None), ("graded", None), ("returned", 3.0)])
def test_a_score_is_told_only_when_it_was_returned(state: str, expected: float | None) -> None:
    attempt = {"receipt": "R-1", "state": state}
    campus = Campus(lab("a", attempts=(attempt,), score=3.0, max_score=4.0))
    found = outcome_of(campus, COURSE, "a", "R-1")
    assert found["state"] == state
    assert found.get("score") == expected
    assert ("feedback" in found) == (expected is not None)


def test_a_file_of_the_newest_or_of_an_older_build_is_found_and_nothing_else(tmp_path: Path) -> None:
    for build, name in (("desk", "desk-AAAAAAAA.js"), ("desk-0123456789ab", "editor-BBBBBBBB.js")):
        (tmp_path / build).mkdir()
        (tmp_path / build / name).write_text("1")
    (tmp_path / "desk" / "names.json").write_text(json.dumps({"script": "desk-AAAAAAAA.js"}))
    assert find_file("desk-AAAAAAAA.js", tmp_path) == tmp_path / "desk" / "desk-AAAAAAAA.js"
    assert find_file("editor-BBBBBBBB.js", tmp_path), "an open tab still loads it"
    for name in ("names.json", "../desk/desk-AAAAAAAA.js", "desk-CCCCCCCC.js", ""):
        assert find_file(name, tmp_path) is None
    assert built_names(tmp_path)["script"] == "desk-AAAAAAAA.js"
    assert built_names(tmp_path / "nothing") == {}


def test_columns_of_numbers_are_read_from_the_right_and_words_from_the_left() -> None:
    shown = table(
        ["mail", "from", "signs", "share"], [[1, "Bank of the Hills", 3, "12.5%"], [2, "mother", "", "4 %"]]
    )
    sides = [piece.split(";")[0] for piece in shown.html.split("text-align:")[1:5]]
    assert sides == ["left", "left", "right", "right"]
    assert "Bank of the Hills" in shown.text


def test_only_a_last_paragraph_in_italics_is_left_out_before_a_box() -> None:
    text = "Write *four* sentences.\n\n*Run the next cell,\nthen write in the box.*"
    assert ABOUT_THE_BOX.sub("", text) == "Write *four* sentences."
    for kept in ("Write *four*.", "*Made up.*\n\nWrite.", "One.\n\n*a* and *b*"):
        assert ABOUT_THE_BOX.sub("", kept) == kept


def test_before_each_box_of_every_lab_the_last_paragraph_speaks_of_running_a_cell() -> None:
    """Nothing but that sentence is left out at the desk."""
    boxes = 0
    for path in sorted(Path(__file__).parents[2].glob("labs/[0-9]*/lab.py")):
        text = path.read_text("utf-8")
        boxes += text.count(
            "# *Run the next cell, then write in the box. Your words are kept while you type.*"
        )
    assert boxes >= 19
