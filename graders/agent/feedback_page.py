"""The page that a learner sees: their notebook with a line under each task. Made on the trusted side, runs nothing.

Hidden tests, and what a test that hides something printed, are never shown. What the learner wrote passes the allow
list of `graders.pages.safe_html`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from graders.agent.agent_sentences import agent_sentence
from graders.contract.message_facts import Message, Says, lab_sentence
from graders.contract.message_words import worded_message
from graders.contract.shown_messages import in_language, said_in
from graders.contract.work_contract import Graded, Outcome, TaskResult
from graders.engine import notebook_reading
from graders.pages import hidden_tests, safe_html
from graders.pages.safe_html import LONGEST_TEXT, text_of
from hub.message_catalogues import N_
from hub.store.marked_pages import mark_place

HERE = Path(__file__).parent
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")
LARGEST_PAGE = 8_000_000
MOST_OUTPUTS = 50
TITLES = {
    Outcome.PASSED: N_("Passed"),
    Outcome.NOT_YET: N_("Not yet"),
    Outcome.NOT_ATTEMPTED: N_("Not attempted"),
    Outcome.COULD_NOT_CHECK: N_("Could not be checked"),
}
SIGNS = {
    Outcome.PASSED: "✓",
    Outcome.NOT_YET: "…",
    Outcome.NOT_ATTEMPTED: "–",
    Outcome.COULD_NOT_CHECK: "!",
}
TITLE = N_("Feedback")
OUR_FAULT = N_("This is our fault, not yours, and costs no marks. Your trainer can have it checked again.")
BY_A_PERSON = N_("Your trainer reads this one and gives the points.")
WAITS = N_("To be marked")
READ_AGAIN = N_("Read the task once more, change your answer, and hand in again.")
OF = N_("{score} of {most} points")
CUT = N_("… the rest is not shown here.")
HIDES = N_("Further tests of this task are not shown.")


@dataclass(frozen=True)
class Shown:
    """One cell as the page shows it: prose or code, outputs, and the verdict on it if it is graded."""

    kind: str
    body: Markup
    outputs: tuple[Markup, ...] = ()
    verdict: Mapping[str, str | Markup] | None = None
    hides: bool = False
    answer: str = ""
    """Name of an answer without a verdict: a person's comment on it has its place below."""


def render_feedback(
    graded: Graded,
    source: bytes,
    language: str,
    titles: Mapping[str, str] | None = None,
    released: bytes = b"",
    *,
    says: Says | None = None,
) -> bytes:
    """Make the feedback page for one result, as HTML.

    Args:
        graded: what the engine found.
        source: the grader's notebook.
        language: the reader's.
        titles: what tasks are called, by id.
        released: the learners' notebook, empty if it is not known; what it lacks of a test stays hidden.
        says: the lab's own sentences in the reader's language, for what its judges found.
    """
    speaker = Speaker(language, titles or {}, says or {})
    verdicts = {one.grade_id: one for one in graded.tasks}
    cells: list[Shown | None] = []
    if graded.problem is None:
        cells = _within(_cells(graded.notebook, _withheld(source, released), verdicts, speaker))
    seen = {cell.verdict["id"] for cell in cells if cell and cell.verdict}
    rest = [speaker.verdict(one) for one in graded.tasks if one.grade_id not in seen]
    made = _template().render(
        language=language,
        title=speaker.say(TITLE),
        problem=graded.problem and worded_message(graded.problem, language),
        tasks=[speaker.verdict(one) for one in graded.tasks],
        rest=rest,
        cells=cells,
        cut=speaker.say(CUT),
        hides=speaker.say(HIDES),
        place=mark_place,
        policy=safe_html.POLICY,
        style=Markup(_style()),  # noqa: S704 - Pygments' own style sheet
    )
    return made.encode("utf-8", "replace")


def _within(cells: Iterator[Shown]) -> list[Shown | None]:
    """Return as many cells as one page may have; None if it was cut. What comes after is not even made."""
    kept: list[Shown | None] = []
    size = 0
    for cell in cells:
        size += len(cell.body) + sum(map(len, cell.outputs))
        if size > LARGEST_PAGE:
            return [*kept, None]
        kept.append(cell)
    return kept


class Speaker:
    """Verdicts and notes in one language."""

    def __init__(self, language: str, titles: Mapping[str, str], says: Says) -> None:
        self._says = says
        self.language = language
        self._titles = titles

    def say(self, text: str) -> str:
        """Return a sentence."""
        return agent_sentence(text, self.language)

    def word(self, message: Message) -> str:
        """Return a message."""
        return worded_message(lab_sentence(message, self._says, self.language), self.language)

    def verdict(self, one: TaskResult) -> dict[str, str | Markup]:
        """Return a verdict as the page shows it."""
        points = self.say(OF).format(score=_number(one.score or 0.0), most=_number(one.max_score))
        message = "" if one.message is None else self.word(one.message)
        outcome, sign = one.outcome.value, SIGNS[one.outcome]
        notes, title = [message], self.say(TITLES[one.outcome])
        if one.outcome is Outcome.COULD_NOT_CHECK:
            points, notes = "", [message or self.say(OUR_FAULT)]
        elif one.score is None:
            points, title, notes = "", self.say(WAITS), [message, self.say(BY_A_PERSON)]
            outcome, sign = "to-be-marked", "✎"
        elif one.outcome is Outcome.NOT_YET and not message:
            notes = [self.say(READ_AGAIN)]
        return {
            "id": one.grade_id,
            "task": self._titles.get(one.grade_id, ""),
            "outcome": outcome,
            "title": title,
            "sign": sign,
            "points": points,
            "note": _marked(" ".join(note for note in notes if note)),
        }


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _withheld(source: bytes, released: bytes) -> dict[str, str]:
    """Return the cells of which learners never saw all, by name, each with the part that they saw."""
    return hidden_tests.withheld_cells(_cells_of(source), _cells_of(released))


def _cells_of(notebook: bytes) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = notebook_reading.read_notebook(notebook)["cells"]
    except notebook_reading.NotANotebookError:
        return []
    return found


def _cells(
    notebook: bytes, withheld: Mapping[str, str], verdicts: dict[str, TaskResult], speaker: Speaker
) -> Iterator[Shown]:
    for cell in _cells_of(notebook):
        about = notebook_reading.nbgrader_metadata(cell)
        name = str(about.get("grade_id", ""))
        found = verdicts.get(name) if notebook_reading.is_marked(cell) else None
        verdict = speaker.verdict(found) if found else None
        hides = not notebook_reading.is_solution(cell) and (
            name in withheld or hidden_tests.hides_part(cell["source"])
        )
        source = withheld.get(name, hidden_tests.visible_text(cell["source"])) if hides else cell["source"]
        answer = name if notebook_reading.is_solution(cell) and not verdict else ""
        if cell["cell_type"] == "markdown":
            yield Shown("prose", _prose(source, cell, speaker), verdict=verdict, answer=answer)
        elif cell["cell_type"] == "raw":
            yield Shown("prose", _pre(source, speaker), verdict=verdict, answer=answer)
        else:
            # What a test says may quote its hidden lines; its verdict has the words that are meant for the learner.
            outputs = () if hides else tuple(_outputs(cell, speaker))
            yield Shown("code", _code(source, speaker), outputs, verdict, hides, answer)


def _prose(text: str, cell: Mapping[str, Any], speaker: Speaker) -> Markup:
    if len(text) > LONGEST_TEXT:
        return _pre(text, speaker)
    return Markup(safe_html.markdown_html(text, cell.get("attachments")))  # noqa: S704 - cleaned


def _marked(text: str) -> Markup:
    """Return a sentence, of which a judge may have marked a part as **strong**."""
    return Markup(safe_html.sentence_html(text))  # noqa: S704 - cleaned


def _code(text: str, speaker: Speaker) -> Markup:
    if len(text) > LONGEST_TEXT:
        return _pre(text, speaker)
    return Markup(highlight(text, PythonLexer(), HtmlFormatter(nowrap=False)))  # noqa: S704 - Pygments escapes it


def _pre(text: str, speaker: Speaker) -> Markup:
    plain = ANSI.sub("", text)
    if len(plain) > LONGEST_TEXT:
        plain = f"{plain[:LONGEST_TEXT]}\n{speaker.say(CUT)}"
    return Markup("<pre>{}</pre>").format(plain)


def _outputs(cell: dict[str, Any], speaker: Speaker) -> Iterator[Markup]:
    outputs, said = cell.get("outputs"), said_in(cell)
    shown = outputs[:MOST_OUTPUTS] if isinstance(outputs, list) else []
    for output in in_language([one for one in shown if isinstance(one, dict)], said, speaker.language):
        kind = output.get("output_type")
        if kind == "stream":
            yield _pre(text_of(output.get("text")), speaker)
        elif kind == "error":
            yield _pre(
                text_of(output.get("evalue")) if output.get("ename") in said else _error(output), speaker
            )
        elif isinstance(output.get("data"), dict):
            yield _rich(output["data"], speaker)


def _error(output: dict[str, Any]) -> str:
    lines = output.get("traceback")
    shown = "\n".join(map(str, lines)) if isinstance(lines, list) and lines else ""
    return shown or f"{output.get('ename')}: {output.get('evalue')}"


def _rich(data: dict[str, Any], speaker: Speaker) -> Markup:
    """Return a picture, else HTML, else text."""
    made = safe_html.rich_html(data)
    return Markup(made) if made else _pre(safe_html.rich_text(data), speaker)  # noqa: S704 - cleaned


@lru_cache
def _style() -> str:
    formatter: Any = HtmlFormatter(style="friendly")
    return str(formatter.get_style_defs(".highlight"))


@lru_cache
def _template() -> Any:
    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return made.get_template("feedback.html")
