"""Nobody passes a question by the look of its answers: rules of thumb are right no more often than chance."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from labs.authoring.lab_sentences import lab_translator
from labs.authoring.lab_spec import Lab, Part, Task, lab_folders, load_lab
from labs.kit.option_order import shuffled_options

NEAR = 0.10
"""How far from chance a rule of thumb may be."""
LEARNERS = [f"learner-{number}" for number in range(40)]
CAREFUL = re.compile(
    r"\b(head|people|person|colleagues?|writing|written|names?|named|asks?|asked|signed|signs|reason|reads?|"
    r"citizens?|law|officers?|date|told|harm|check(s|ed)?)\b",
    re.IGNORECASE,
)
HEAD_SIGNS = re.compile(r"\b(head|responsable|direction)\b", re.IGNORECASE)
KINDS = ("recall", "read", "judge")

Pick = Callable[["Question", Sequence[str]], list[int]]


@dataclass(frozen=True)
class Question:
    """One choice: where it is asked, its options' ids, and those with which a learner passes."""

    lab: Lab
    task: Task
    part: Part
    right: frozenset[str]

    @property
    def ids(self) -> list[str]:
        return [str(option["id"]) for option in self.part.options]

    def texts(self, language: str) -> list[str]:
        said = lab_translator(self.lab, language)
        return [said(str(option["text"])) for option in self.part.options]

    def hit(self, places: Sequence[int]) -> float:
        """How often a pick among these places, by chance where there are several, is a right one."""
        return mean(self.ids[place] in self.right for place in places)


def solutions(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the answers of `mutants.py` that are plain data, by task, without running it: it may train models."""
    known: dict[str, Any] = {}
    found: list[tuple[str, dict[str, Any]]] = []
    for line in ast.parse((folder / "mutants.py").read_text("utf-8")).body:
        with suppress(Exception):
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                known[line.targets[0].id] = _data(line.value, known)
            elif isinstance(line, ast.Expr) and isinstance(line.value, ast.Call):
                called = line.value
                if ast.unparse(called.func).endswith("solution"):
                    answers: dict[str, Any] = {}
                    for word in called.keywords:
                        value = _data(word.value, known)
                        answers |= {word.arg: value} if word.arg else value
                    found.append((ast.literal_eval(called.args[0]), answers))
    return found


def _data(node: ast.expr, known: dict[str, Any]) -> Any:
    """Return a literal, a name of one, or two of them joined by `|`. Raises ValueError for anything else."""
    if isinstance(node, ast.Name):
        return known[node.id]
    if isinstance(node, ast.Dict):
        kept = {}
        for key, value in zip(node.keys, node.values, strict=True):
            with suppress(ValueError, KeyError):
                kept[ast.literal_eval(key) if key else None] = _data(value, known)
        return kept
    if isinstance(node, ast.BinOp):
        return _data(node.left, known) | _data(node.right, known)
    return ast.literal_eval(node)


def questions(folder: Path) -> Iterator[Question]:
    """Every choice of a lab that has a right answer: radio buttons, and menus of a decision."""
    lab = load_lab(folder)
    solved = solutions(folder)
    for task in lab.tasks.values():
        for part in task.parts if task.kind in KINDS else []:
            said = {option["id"] for option in part.options if option.get("says") == "passed"}
            good = [answers.get(part.name) for name, answers in solved if name == task.id]
            right = frozenset(said or {one for one in good if isinstance(one, str)})
            ids = {str(option["id"]) for option in part.options}
            if part.type == "one" or (part.type == "menu" and right and _is_sentences(part)):
                yield Question(lab, task, part, right & ids)


def _is_sentences(part: Part) -> bool:
    """Whether a menu's answers are said in words that can be weighed, not names and settings."""
    return (
        mean(len(str(option["text"])) for option in part.options) > 40 and part.options[0]["id"] != "choose"
    )


ALL = [question for folder in lab_folders() for question in questions(folder)]
DECISIONS = [question for question in ALL if question.task.kind == "judge"]


def best(values: Sequence[float]) -> list[int]:
    return [place for place, value in enumerate(values) if value == max(values)]


def longest(question: Question, texts: Sequence[str]) -> list[int]:
    return best([len(text) for text in texts])


def shortest(question: Question, texts: Sequence[str]) -> list[int]:
    return best([-len(text) for text in texts])


def most_careful(question: Question, texts: Sequence[str]) -> list[int]:
    return best([len(CAREFUL.findall(text)) for text in texts])


def head_signs(question: Question, texts: Sequence[str]) -> list[int]:
    return best([bool(HEAD_SIGNS.search(text)) for text in texts])


def first_as_written(question: Question, texts: Sequence[str]) -> list[int]:
    return [0]


RULES: dict[str, tuple[str, Pick]] = {
    "the longest": ("en", longest),
    "the longest, in French": ("fr", longest),
    "the shortest": ("en", shortest),
    "the shortest, in French": ("fr", shortest),
    "the most careful": ("en", most_careful),
    "the head signs": ("en", head_signs),
    "the head signs, in French": ("fr", head_signs),
}


def chance(asked: Sequence[Question]) -> float:
    return mean(len(question.right) / len(question.ids) for question in asked)


def share(asked: Sequence[Question], language: str, pick: Pick) -> float:
    return mean(question.hit(pick(question, question.texts(language))) for question in asked)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("asked", [ALL, DECISIONS], ids=["every question", "decisions"])
def test_a_rule_of_thumb_is_right_no_more_often_than_chance(rule: str, asked: list[Question]) -> None:
    language, pick = RULES[rule]
    assert abs(share(asked, language, pick) - chance(asked)) <= NEAR


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("slug", sorted({question.lab.slug for question in ALL}))
def test_in_no_lab_a_rule_of_thumb_is_right_more_than_once_beyond_chance(slug: str, rule: str) -> None:
    asked = [question for question in ALL if question.lab.slug == slug]
    language, pick = RULES[rule]
    assert (share(asked, language, pick) - chance(asked)) * len(asked) <= 1


def test_the_first_answer_on_the_screen_is_right_as_often_as_chance() -> None:
    hits = []
    for learner in LEARNERS:
        for question in DECISIONS:
            shown = shuffled_options(
                question.part.options, learner, question.lab.slug, question.task.id, question.part.name
            )
            hits.append(shown[0]["id"] in question.right)
    assert abs(mean(hits) - chance(DECISIONS)) <= NEAR / 2


def test_answers_are_of_like_length() -> None:
    """A right answer among decisions is as long as the others, within a fifth, on average."""
    ratios = []
    for question in DECISIONS:
        texts = dict(zip(question.ids, question.texts("en"), strict=True))
        right = mean(len(texts[one]) for one in question.right)
        others = [len(text) for one, text in texts.items() if one not in question.right]
        ratios.append(right / mean(others) if others else 1.0)
    assert 0.8 <= mean(ratios) <= 1.2


def test_each_question_has_a_right_answer_and_a_wrong_one() -> None:
    assert [
        f"{question.lab.slug} {question.task.id} {question.part.name}"
        for question in ALL
        if not 0 < len(question.right) < len(question.ids)
    ] == []
    assert len(DECISIONS) >= 50
