"""Sentence frames: text with choices and slots, from which a sentence is drawn.

`[a|b|]` is a choice, `{slot}` is filled in. Frames are kept in `labs/datasets/text/LANGUAGE.txt`.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

TEXT = Path(__file__).resolve().parents[1] / "text"
LANGUAGES = ("en", "fr", "rw")
TOKEN = re.compile(r"\[|\]|\||\{\w+\}|[^\[\]|{}]+")


@dataclass(frozen=True)
class Choice:
    """One of several runs of parts; a part is a text, a slot's name in braces, or another choice."""

    options: list[list["Choice | str"]] = field(default_factory=list)


Part = Choice | str


@dataclass(frozen=True)
class Frame:
    """One sentence with its choices; `paper` says that it only fits a topic that is a paper."""

    parts: list[Part]
    paper: bool

    def variants(self) -> int:
        """Count the different sentences that it gives, slots apart."""
        return count_ways(self.parts)


def parse_frame(line: str) -> Frame:
    """A frame from its line of text."""
    paper = line.startswith("paper:")
    stack: list[Choice] = [Choice([[]])]
    for token in TOKEN.findall(line.removeprefix("paper:").strip()):
        if token == "[":  # noqa: S105 - a bracket, not a password
            inner = Choice([[]])
            stack[-1].options[-1].append(inner)
            stack.append(inner)
        elif token == "]":  # noqa: S105
            stack.pop()
        elif token == "|" and len(stack) > 1:  # noqa: S105
            stack[-1].options.append([])
        else:
            stack[-1].options[-1].append(token)
    if len(stack) != 1:
        raise ValueError(f"brackets do not match: {line}")
    return Frame(stack[0].options[0], paper)


def count_ways(parts: list[Part]) -> int:
    """Count the ways through these parts."""
    ways = 1
    for part in parts:
        if isinstance(part, Choice):
            ways *= sum(count_ways(option) for option in part.options)
    return ways


def draw_way(parts: list[Part], random: Random, fill: Callable[[str], str]) -> str:
    """One way through these parts, its slots filled by `fill`."""
    said = []
    for part in parts:
        if isinstance(part, Choice):
            said.append(draw_way(part.options[int(random.random() * len(part.options))], random, fill))
        elif part.startswith("{"):
            said.append(fill(part[1:-1]))
        else:
            said.append(part)
    return "".join(said)


@dataclass(frozen=True)
class Topic:
    """The subject of a letter, in the grammatical forms that a language's frames ask for."""

    name: str
    paper: bool
    forms: dict[str, str]


@dataclass(frozen=True)
class Language:
    """A language's frames by section, its topics and its words."""

    sections: dict[str, list[Frame]]
    topics: dict[str, Topic]
    supplies: dict[str, Topic]
    words: dict[str, Any]

    def fitting(self, section: str, topic: Topic) -> list[Frame]:
        """The frames of a section that go with this topic."""
        return [frame for frame in self.sections[section] if topic.paper or not frame.paper]


FORMS = {"en": ["a", "the", "my"], "fr": ["un", "le", "mon", "du"], "rw": ["a"]}


def parse_topic(line: str, language: str) -> Topic:
    """A topic from its line: name, then its forms, with bars between."""
    name, *forms = (part.strip() for part in line.split("|"))
    return Topic(name.rstrip("*"), name.endswith("*"), dict(zip(FORMS[language], forms, strict=False)))


@cache
def load_frames(language: str) -> Language:
    """The frames of one language."""
    sections: dict[str, list[str]] = {}
    for line in (TEXT / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            current = sections.setdefault(line[3:].strip(), [])
        elif line.strip() and not line.startswith("#"):
            current.append(line.strip())
    topics, supplies = (
        [parse_topic(line, language) for line in sections.pop(k)] for k in ("topics", "supplies")
    )
    return Language(
        {name: [parse_frame(line) for line in lines] for name, lines in sections.items()},
        {found.name: found for found in topics},
        {found.name: found for found in supplies},
        slot_words()[language],
    )


@cache
def slot_words() -> dict[str, Any]:
    """The lists that fill slots."""
    return tomllib.loads((TEXT / "words.toml").read_text(encoding="utf-8"))
