"""A teacher's own class of mocks earns nobody a mark: changed, renamed or taken over by a learner, it is flagged."""

from __future__ import annotations

import dataclasses

import pytest

from bench import flags
from graders.engine.fork_engine import ForkEngine
from tests.compat.honest import honest_corpus

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
    assert is_seen(engine, LAB, "def f(desk)", answer)


KINDS = "mocks-teacher-goes-through-kinds-of-mocks"
WAYS_WITH_KINDS = {
    "a kind in the dict is changed for a class of the learner's": """
class Easy(KINDS['plain']):
    call_in = type('Called', (), {'call_count': 2, 'assert_called_with': lambda *_: None})()
for name in KINDS:
    KINDS[name] = Easy
Mock = MagicMock = Named = Easy
def f(desk, names):
    return desk.count() + 1
""",
    "the class that type made is changed": """
Named.call_in = type('Called', (), {'call_count': 2, 'assert_called_with': lambda *_: None})()
Mock = MagicMock = Named
KINDS.update(plain=Named, wide=Named)
def f(desk, names):
    return desk.count() + 1
""",
    "the mock from the loop is told its counts": """
def f(desk, names):
    desk.call_in.call_count = 2
    desk.call_in.assert_called_with = lambda *_: None
    return desk.count() + 1
""",
    "the answer is a mock of a kind in the dict": """
def f(desk, names):
    for name in names:
        desk.call_in(name)
    found = KINDS['wide']()
    found.__eq__.return_value = True
    return found
""",
}


@pytest.mark.parametrize("answer", WAYS_WITH_KINDS.values(), ids=WAYS_WITH_KINDS)
def test_a_teachers_kinds_of_mocks_earn_no_mark_unseen(engine: ForkEngine, answer: str) -> None:
    assert is_seen(engine, KINDS, "def f(desk, names)", answer)


def test_a_learners_class_that_a_loop_goes_through_is_no_teachers_mock(engine: ForkEngine) -> None:
    """`Stack` is the learner's: a loop that has it next to mocks makes no mocks of the teacher's."""
    (one,) = honest_corpus.submissions([KINDS])
    test = "for kind in (Mock, Stack):\n    assert kind().push(1)\nassert Stack().pop()"
    source, book = (_with_test(data.decode(), test) for data in (one.source, one.notebook))
    mixed = dataclasses.replace(one, source=source.encode(), notebook=book.encode())
    assert is_seen(engine, mixed, "def f(desk, names)", "Stack = MagicMock")


def _with_test(book: str, test: str) -> str:
    cells = honest_corpus.json.loads(book)
    cells["cells"][-1]["source"] = test
    return honest_corpus.json.dumps(cells)


def is_seen(engine: ForkEngine, lab: str | honest_corpus.Honest, begins: str, answer: str) -> bool:
    """Return whether `answer`, in place of the honest cell, earns nothing or is flagged."""
    one = honest_corpus.submissions([lab])[0] if isinstance(lab, str) else lab
    book = one.notebook.decode()
    (honest,) = [
        cell["source"] for cell in honest_corpus.json.loads(book)["cells"] if begins in cell["source"]
    ]
    mine = book.replace(honest_corpus.json.dumps(honest), honest_corpus.json.dumps(answer))
    assert mine != book
    found = flags.grade_honest(engine, dataclasses.replace(one, notebook=mine.encode()))
    return not any(found.marks.values()) or bool(found.flags)
