"""The feedback page: what it shows, and what it never shows."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest

from graders.agent.feedback_page import LARGEST_PAGE, render_feedback
from graders.contract import message_facts
from graders.contract.work_contract import Graded, Outcome, TaskResult

TEST = "assert add(1, 1) == 2\n### BEGIN HIDDEN TESTS\nassert add(20, 22) == 42\n### END HIDDEN TESTS\nprint('end')"
PASSED = TaskResult("t", Outcome.PASSED, 2.0, 2.0)


def code(source: str, outputs: list[Any] | None = None, grade_id: str = "", **about: Any) -> dict[str, Any]:
    known = {"grade_id": grade_id, "grade": False, "solution": False, **about}
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {"nbgrader": known} if grade_id else {},
        "outputs": outputs or [],
    }


def text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def stream(said: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": said}


def shows(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": data}


def book(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}).encode()


def made(
    *cells: dict[str, Any], tasks: tuple[TaskResult, ...] = (PASSED,), language: str = "en", **more: Any
) -> str:
    notebook = book(*cells)
    return render_feedback(Graded(tasks, notebook, "fork-1", **more), notebook, language).decode()


HARMLESS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "p",
        "strong",
        "code",
        "br",
        "div",
        "pre",
        "span",
        "img",
    ),
    *("table", "tbody", "tr", "th", "td", "a", "h1"),
}


class Elements(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and where they lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [
            value or "" for name, value in attrs if name in ("href", "src") and value != "#harmful-link"
        ]


def test_a_task_has_its_verdict_and_points_below_it() -> None:
    found = made(code("add(1, 1)", grade_id="t", grade=True, points=2))
    assert "✓ Passed</strong> <code>t</code> · 2 of 2 points" in found


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (
            TaskResult("t", Outcome.NOT_YET, 0.5, 2.0, message_facts.text_message("A bar can be too high.")),
            "0.5 of 2 points<br>A bar can be too high.",
        ),
        (
            TaskResult("t", Outcome.NOT_YET, 0.0, 2.0),
            "Read the task once more, change your answer, and hand in again.",
        ),
        (TaskResult("t", Outcome.NOT_ATTEMPTED, 0.0, 2.0), "– Not attempted"),
        (
            TaskResult("t", Outcome.COULD_NOT_CHECK, None, 2.0),
            "This is our fault, not yours, and costs no marks.",
        ),
        (
            TaskResult("t", Outcome.NOT_YET, None, 2.0),
            "To be marked</strong> <code>t</code><br>Your trainer reads this one",
        ),
    ],
)
def test_each_outcome_has_its_words(task: TaskResult, said: str) -> None:
    found = made(code("x", grade_id="t", grade=True), tasks=(task,))
    assert said in found
    assert ("2 points" in found) == (task.score is not None)


def test_a_judges_emphasis_is_shown_and_nothing_else_of_its_sentence_is_markup() -> None:
    said = TaskResult(
        *("t", Outcome.NOT_YET, 0.0, 2.0),
        message_facts.text_message("You find **117 of 197** <b>people</b>, [here](http://elsewhere)."),
    )
    found = made(code("x", grade_id="t", grade=True), tasks=(said,))
    assert "You find <strong>117 of 197</strong> &lt;b&gt;people&lt;/b&gt;, here." in found


def test_hidden_tests_and_what_they_said_are_not_shown() -> None:
    quoted = {
        "output_type": "error",
        "ename": "AssertionError",
        "evalue": "20 + 22",
        "traceback": ["assert add(20, 22) == 42"],
    }
    found = made(code(TEST, [quoted, stream("secret sum")], "t", grade=True))
    assert "HIDDEN" not in found
    assert "22" not in found
    assert "secret" not in found
    assert "Further tests of this task are not shown." in found


def test_what_a_hiding_test_said_is_not_shown_even_where_the_notebook_hides_nothing() -> None:
    """The grader's notebook decides what hides, not what came back."""
    shown = book(code("assert add(1, 1) == 2", [stream("secret sum")], "t", grade=True))
    found = render_feedback(
        Graded((PASSED,), shown, "fork-1"), book(code(TEST, [], "t", grade=True)), "en"
    ).decode()
    assert "secret" not in found


@pytest.mark.parametrize(
    "cell",
    [
        text("<script>alert(1)</script> <img src=x onerror=alert(1)>"),
        text("[a](javascript:alert(1)) ![b](http://elsewhere/x.png)"),
        text("<iframe src='http://elsewhere'></iframe>"),
        code("'</pre><script>alert(1)</script>'"),
        code("x", [stream("</pre><script>alert(1)</script>")]),
        code(
            "x",
            [
                shows(
                    {
                        "text/html": "<table><tr><td onclick='alert(1)'><script>alert(1)</script>7</td></tr></table>"
                    }
                )
            ],
        ),
        code(
            "x",
            [shows({"text/html": "<script>alert(1)</script>", "text/plain": "<script>alert(1)</script>"})],
        ),
        code("x", [shows({"image/png": '"><script>alert(1)</script>'})]),
        code("x", [shows({"image/svg+xml": "<svg onload=alert(1)>", "text/plain": "a picture"})]),
        code("x", [shows({"application/javascript": "alert(1)"})]),
        code("x", [{"output_type": "error", "ename": "<script>", "evalue": "<script>", "traceback": []}]),
    ],
)
def test_nothing_that_a_learner_wrote_can_run(cell: dict[str, Any]) -> None:
    read = Elements(made(cell))
    assert read.tags <= HARMLESS, read.tags - HARMLESS
    assert [name for name in read.attributes if name.startswith("on")] == []
    assert [link for link in read.links if not link.startswith("data:image/png;base64,")] == []


def test_tables_and_pictures_of_the_learner_are_shown() -> None:
    table = (
        "<style scoped>td {color: red}</style><table border='1'><tr><th>bar</th><td>0.05</td></tr></table>"
    )
    found = made(code("x", [shows({"text/html": table}), shows({"image/png": "iVBORw0KGgo="})]))
    assert "<tr><th>bar</th><td>0.05</td></tr>" in found
    assert "color: red" not in found
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in found


def test_colours_of_the_terminal_are_left_out() -> None:
    assert "<pre>red</pre>" in made(code("x", [stream("\x1b[31mred\x1b[0m")]))


def test_what_is_long_is_cut() -> None:
    found = made(code("x", [stream("y" * 200_000)]))
    assert "… the rest is not shown here." in found
    assert len(found) < 60_000


def test_a_page_stays_small_however_much_there_is() -> None:
    picture = shows({"image/png": "A" * 2_900_000})
    found = made(*[code("x", [picture]) for _ in range(6)])
    assert len(found) < LARGEST_PAGE + 1_000_000
    assert "… the rest is not shown here." in found


def test_a_notebook_that_cannot_be_read_gets_its_sentence_and_nothing_else() -> None:
    task = TaskResult(
        "t", Outcome.NOT_ATTEMPTED, 0.0, 2.0, message_facts.text_message("This file is damaged.")
    )
    found = render_feedback(
        Graded((task,), b"{", "fork-1", problem=message_facts.text_message("This file is damaged.")),
        b"",
        "en",
    ).decode()
    assert '<p class="problem">This file is damaged.</p>' in found


def test_a_verdict_on_a_cell_that_is_gone_stands_first() -> None:
    gone = TaskResult(
        "gone", Outcome.NOT_ATTEMPTED, 0.0, 1.0, message_facts.text_message("This task's cell is missing.")
    )
    found = made(code("x"), tasks=(gone,))
    assert "<code>gone</code> · 0 of 1 points<br>This task's cell is missing." in found


def test_the_page_speaks_the_learners_language() -> None:
    found = made(code("x", grade_id="t", grade=True), language="fr")
    assert "2 points sur 2" in found
    assert '<html lang="fr">' in found
