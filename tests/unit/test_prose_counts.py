"""Prose of comments, docstrings and pages: how often each room uses the turns that plain English does without.

`pytest -s tests/unit/test_prose_counts.py` prints the table.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.unit.test_rules import ROOT, _nodes, _sources, _tracked

TURNS = {
    "anew": r"\banew\b",
    "mend": r"\bmend(?:s|ed|ing)?\b",
    "beside": r"\bbeside\b",
    "whoever": r"\bwhoever\b",
    "of its own": r"\bof its own\b",
    "stands": r"\bstands\b",
    "where for if": (
        r"(?:^|[.,;:(]\s)where (?:it is|one)\b|\bwhere (?:there (?:is|are)|that is|no|none|nothing|nobody)\b"
        r"|\b(?:None|empty|nothing) where\b"
    ),
}
FIRST_WORDS = {"where for if": "where"}
OPENERS = re.compile(r"\W*(?:What|Where|Who|Whether|How)\b")
# A string, which is passed over, or a comment. Python's own tokenizer takes more than ten times as long.
COMMENT = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(#[^\n]*)''',
    re.DOTALL,
)
PRAGMA = re.compile(r"#\s*(?:noqa|type:|fmt:|pragma|!|pyright|ruff:)")
FENCE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)

PLAIN = (1.0, 0.05)
"""What well-known projects stay below: 1 turn in 1,000 words, all taken together; 5 % of docstrings."""

# The most that a room may have: turns in 1,000 words, and the share of docstrings that open with a question word.
CEILINGS = {
    "graders/contract": PLAIN,
    "graders/sandbox": PLAIN,
    "graders/engine": PLAIN,
    "graders/agent": PLAIN,
    "graders/nbgrader": PLAIN,
    "graders/pages": PLAIN,
    "hub/store": PLAIN,
    "hub/hub_process": PLAIN,
    "hub/ops": PLAIN,
    "hub/campus": PLAIN,
    "hub": PLAIN,
    "labs/kit": PLAIN,
    "labs/authoring": PLAIN,
    "labs/prototype_kit": PLAIN,
    "images": PLAIN,
    "bench": PLAIN,
    "tests/support": PLAIN,
    # A docstring in labs/datasets is a part of the digest by which the data is known: rewrite several together.
    "labs/datasets": PLAIN,
    "docs": (1.0, 0.0),
}


@dataclass(frozen=True)
class Counts:
    """Words, turns and docstrings of one room."""

    words: int
    turns: dict[str, int]
    docstrings: int
    opened: int

    @property
    def rate(self) -> float:
        """Turns in 1,000 words."""
        return 1000 * sum(self.turns.values()) / max(self.words, 1)

    @property
    def share(self) -> float:
        """Share of docstrings that open with a question word."""
        return self.opened / max(self.docstrings, 1)


def _docstrings(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield docstrings, and the strings that explain a constant below it."""
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in node.body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    if isinstance(statement.value.value, str):
                        yield statement.value.value


def _comments(source: str) -> str:
    """Return the comments of a module as one text, so that a turn over two lines is found."""
    found = [one for one in COMMENT.findall(source) if one and not PRAGMA.match(one)]
    return "\n".join(one.lstrip("# ") for one in found)


def _count(docstrings: list[str], others: list[str]) -> Counts:
    """Count the turns in all texts, and the question words at the beginning of docstrings."""
    texts = [" ".join(one.split()) for one in (*docstrings, *others)]
    turns = dict.fromkeys(TURNS, 0)
    for text in texts:
        lowered = text.lower()
        for name, pattern in TURNS.items():
            # Most texts lack even the words that a turn begins with, and a search for those is quick.
            if FIRST_WORDS.get(name, name) in lowered:
                turns[name] += len(re.findall(pattern, text, re.IGNORECASE))
    return Counts(
        words=sum(len(re.findall(r"[\w'’-]+", text)) for text in texts),
        turns=turns,
        docstrings=len(docstrings),
        opened=sum(bool(OPENERS.match(one)) for one in docstrings),
    )


def _room_of(path: Path) -> str:
    """Return the room of a file: the longest name in the table that its path begins with."""
    return max((room for room in CEILINGS if str(path).startswith(f"{room}/")), key=len, default="")


@cache
def _counts() -> dict[str, Counts]:
    """Return what each room has."""
    docstrings: dict[str, list[str]] = {room: [] for room in CEILINGS}
    others: dict[str, list[str]] = {room: [] for room in CEILINGS}
    for path in _sources("hub", "graders", "labs", "images", "bench", "tests"):
        if room := _room_of(path):
            docstrings[room] += _docstrings(_nodes(path))
            others[room].append(_comments((ROOT / path).read_text("utf-8")))
    for path in _tracked():
        if path.parts[0] == "docs" and path.suffix == ".md":
            others["docs"].append(FENCE.sub(" ", (ROOT / path).read_text("utf-8")))
    return {room: _count(docstrings[room], others[room]) for room in CEILINGS}


def _table() -> str:
    """Return the counts of all rooms, aligned."""
    names = " ".join(f"{name:>10}" for name in TURNS)
    rows = [f"{'room':20} {'words':>7} {'/1000':>6} {'opened':>7}  {names}"]
    for room, counts in _counts().items():
        turns = " ".join(f"{number:>10}" for number in counts.turns.values())
        rows.append(f"{room:20} {counts.words:>7} {counts.rate:>6.2f} {counts.share:>7.1%}  {turns}")
    return "\n".join(rows)


@pytest.mark.parametrize("room", CEILINGS)
def test_a_room_is_written_in_plain_english(room: str) -> None:
    """Subject, verb, object: what a docstring or comment means is said at its beginning, in present-day words."""
    counts, (most, share) = _counts()[room], CEILINGS[room]
    assert counts.words > 200, f"{room} has no prose: has it moved?"
    assert counts.rate <= most, f"{room} has {counts.rate:.2f} turns in 1,000 words\n{_table()}"
    assert counts.share <= share, (
        f"{room}: {counts.share:.1%} of docstrings open with a question word\n{_table()}"
    )


def test_the_table_of_counts_has_every_room() -> None:
    """Code in a folder that no row names would be counted nowhere."""
    print(f"\n{_table()}")
    paths = _sources("hub", "graders", "labs", "images", "bench")
    assert [str(path) for path in paths if not _room_of(path) and len(path.parts) > 2] == []


@pytest.mark.parametrize(
    ("sentence", "turn"),
    [
        ("The index is built anew.", "anew"),
        ("One thing to mend.", "mend"),
        ("It runs beside the learner's code.", "beside"),
        ("Whoever opens it sees it.", "whoever"),
        ("It has a folder of\n    its own.", "of its own"),
        ("That is how the text stands.", "stands"),
        ("The name, where there is one.", "where for if"),
        ("Where no one answers, it waits.", "where for if"),
        ("Return its name, None where it has none.", "where for if"),
    ],
)
def test_each_turn_is_counted(sentence: str, turn: str) -> None:
    """Also over the end of a line, and at the beginning of a sentence."""
    counts = _count([], [sentence])
    assert counts.turns == {name: int(name == turn) for name in TURNS}


def test_plain_words_are_not_counted() -> None:
    """Besides, places and stand-ins are plain English."""
    counts = _count(["Return the folder where labs are, besides a stand-in."], [])
    assert (sum(counts.turns.values()), counts.opened) == (0, 0)


@pytest.mark.parametrize("word", ["What", "Where", "Who", "Whether", "How"])
def test_a_question_word_at_the_beginning_is_counted(word: str) -> None:
    """A docstring begins with what a thing is or does."""
    assert _count([f"{word} it is.", f"Return {word.lower()} it is."], []).share == 0.5
