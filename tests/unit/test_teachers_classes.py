"""What a teacher's classes answer without writing it, a learner's class of that name may write."""

from __future__ import annotations

import ast

import pytest

from graders.engine.names_used import names_changed_inside
from graders.engine.teachers_classes import answers_of_classes


def answers(text: str) -> set[str]:
    found = answers_of_classes([ast.parse(text)])
    return {one.removeprefix("answers ") for one in found if one.startswith("answers ")}


def test_a_dataclass_is_compared_and_shown_and_is_ordered_if_it_says_so() -> None:
    plain = answers("@dataclass\nclass Point:\n    x: int")
    assert {"Point.__eq__", "Point.__repr__"} <= plain
    assert "Point.__lt__" not in plain
    assert "Point.__lt__" in answers("@dataclasses.dataclass(order=True)\nclass Point:\n    x: int")


@pytest.mark.parametrize(
    "text",
    ["class Pair(NamedTuple):\n    x: int", "Pair = namedtuple('Pair', 'x')", "class Pair(tuple):\n    pass"],
)
def test_a_named_tuple_is_compared_in_every_way(text: str) -> None:
    assert {"Pair.__eq__", "Pair.__lt__", "Pair.__contains__", "Pair.__bool__"} <= answers(text)


def test_a_class_has_what_the_classes_above_it_have() -> None:
    found = answers("class A(list):\n    pass\nclass B(A):\n    pass\nclass C(C):\n    pass")
    assert {"A.__contains__", "B.__contains__"} <= found
    assert not [one for one in found if one.startswith("C.")]


def test_python_asks_for_the_length_and_the_items_in_the_place_of_others() -> None:
    found = answers(
        "class A:\n    def __len__(self): ...\n    def __iter__(self): ...\n    def push(self): ..."
    )
    assert found == {"A.__bool__", "A.__contains__"}


def test_a_name_leads_to_the_classes_that_it_uses() -> None:
    text = "class A(list): ...\ndef make():\n    return A()\ndef many():\n    return [make()]\ndef other():\n    return 1"
    found = {one for one in answers_of_classes([ast.parse(text)]) if one.startswith("leads ")}
    assert found == {"leads A A", "leads make A", "leads many A"}


def test_a_function_changes_what_it_takes_from_outside() -> None:
    text = "def f(x):\n    memo[x] = 1\n    rows = []\n    rows.append(2)\n    seen.append(x)\nx[0] = 1"
    assert names_changed_inside(ast.parse(text)) == {"memo", "seen"}
