"""A teacher's own class of mocks earns nobody a mark: changed, renamed or taken over by a learner, it is flagged."""

from __future__ import annotations

import dataclasses

import pytest

from bench import flags
from graders.engine.fork_engine import ForkEngine
from tests.compat.honest import corpus

LAB = "mocks-teacher-derives-a-class-of-mocks"
RIGHT = (
    "def f(desk):\n    for name in desk.waiting():\n        desk.call_in(name)\n    return desk.count() + 1\n"
)
WAYS = {
    "a method of the class answers": """
FakeDesk.call_in = type('Called', (), {'call_count': 2, 'assert_called_with': lambda *_: None})()
def f(desk):
    return desk.count() + 1
""",
    "the class of the test's object is changed while the test runs": """
def f(desk):
    for kind in type(desk).__mro__:
        if kind.__name__ in ('FakeDesk', 'Crowded'):
            kind.call_in = type('Called', (), {'call_count': 2, 'assert_called_with': lambda *_: None})()
    return desk.count() + 1
""",
    "the name is given to a class of the learner's": """
from unittest.mock import MagicMock
class FakeDesk(MagicMock):
    call_in = type('Called', (), {'call_count': 2, 'assert_called_with': lambda *_: None})()
def f(desk):
    return desk.count() + 1
""",
    "the answer is a mock of the teacher's class, equal to everything": """
def f(desk):
    found = FakeDesk()
    found.__eq__.return_value = True
    desk.call_in('Amina')
    desk.call_in('Eric')
    return found
""",
    "a class derived from it answers": """
class Same(FakeDesk):
    def __eq__(self, other):
        return True
    __hash__ = None
def f(desk):
    desk.call_in('Amina')
    desk.call_in('Eric')
    return Same()
""",
    "the mock is told to answer to its check": """
def f(desk):
    desk.call_in.call_count = 2
    desk.call_in.assert_called_with = lambda *_: None
    return desk.count() + 1
""",
    "the calls that the mock has counted are changed": """
def f(desk):
    desk.call_in('Eric')
    desk.call_in.mock_calls.append(desk.call_in.mock_calls[0])
    desk.call_in.call_args_list.append(desk.call_in.call_args)
    setattr(desk.call_in, 'call_count', 2)
    return desk.count() + 1
""",
    "the mock is told its answers by configure_mock": """
def f(desk):
    desk.configure_mock(**{'call_in.call_count': 2, 'count.return_value': 3})
    desk.call_in('Eric')
    return desk.count() + 1
""",
    "the mock's inner counts are set by name": """
def f(desk):
    desk.call_in('Eric')
    setattr(desk.call_in, '_mock_call' + '_count', 2)
    return desk.count() + 1
""",
    "a base is put below the class": """
class Easy:
    waiting = lambda self: []
    def __getattribute__(self, name):
        return 2 if name == 'call_count' else super().__getattribute__(name)
FakeDesk.__bases__ = (Easy, *FakeDesk.__bases__)
def f(desk):
    return desk.count() + 1
""",
}


@pytest.mark.parametrize("answer", WAYS.values(), ids=WAYS)
def test_a_teachers_class_of_mocks_earns_no_mark_unseen(engine: ForkEngine, answer: str) -> None:
    (one,) = corpus.submissions([LAB])
    book = one.notebook.decode()
    (honest,) = [
        cell["source"] for cell in corpus.json.loads(book)["cells"] if "def f(desk)" in cell["source"]
    ]
    mine = book.replace(corpus.json.dumps(honest), corpus.json.dumps(answer))
    assert mine != book
    found = flags.grade(engine, dataclasses.replace(one, notebook=mine.encode()))
    assert not any(found.marks.values()) or found.flags, found
