"""The lab with the learner's own list: what its checks say to names typed before there is a list, or by half."""

from __future__ import annotations

from types import ModuleType

import pandas as pd
import pytest

from labs.authoring import shared_source
from labs.authoring.lab_spec import LABS

LIST = pd.DataFrame({"reason": ["land", "copy", "land", "tax"] * 10, "desk": ["1", "2", "1", "Base"] * 10})


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    made = shared_source.lab_module(LABS / "19-your-own-list" / "checks.py")
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("table", "question", "door", "key"),
    [
        (None, "reason", "desk", "no-list"),
        (LIST, "reason", None, "incomplete"),
        (LIST, " Reason", "DESK", "passed"),
        (LIST, "purpose", "desk", "no-such-column"),
        (LIST, 4, ["desk"], "no-such-column"),
        (LIST, str(LIST["reason"].iloc[0]), "desk", "entry-not-column"),
        (LIST, "reason", "reason", "same-column-twice"),
        (LIST, "reason", "desk", "passed"),
        (None, None, None, None),
    ],
)
def test_two_names_meet_the_sentence_that_fits_them(checks, table, question, door, key):
    assert checks.picked_verdict(checks.picked_of(table, question, door))[0] == key


@pytest.mark.parametrize(
    ("door", "worst", "key"),
    [
        ("desk", "base", "passed"),
        ("desk", " Base ", "passed"),
        ("desk", 2, "passed"),
        ("desk", "1", "served-well"),
        ("desk", "nowhere", "no-such-group"),
        ("nothing", "Base", "columns-first"),
        ("desk", None, None),
    ],
)
def test_a_group_is_known_by_its_name_however_it_is_written(checks, door, worst, key):
    assert checks.group_verdict(checks.group_of(LIST, "reason", door, worst))[0] == key
