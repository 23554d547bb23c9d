"""The page that a learner sees: their notebook with a line under each task. Made on the trusted side, runs nothing.

Hidden tests, and what a test that hides something printed, are never shown. What the learner wrote is text: Markdown
without HTML, tables of plain cells, pictures as data.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import bleach  # type: ignore[import-untyped]
import mistune
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from graders.agent.words import say
from graders.engine import notebooks
from graders.engine.api import Graded, Outcome, TaskResult
from hub.store.verdicts import retold
from hub.words import N_

HERE = Path(__file__).parent
HIDDEN = re.compile(
    r"^[^\n]*### BEGIN HIDDEN TESTS.*?(?:### END HIDDEN TESTS[^\n]*\n?|\Z)", re.DOTALL | re.MULTILINE
)
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")
OURS = ("Stopped", "CellTimeoutError", "ForgedResult", "ImpossibleMark")
"""Errors that the engine shows in the place of a cell's own; their text is a sentence for the learner."""
LONGEST_TEXT = 20_000
"""Characters of one output or one cell; what follows is cut."""
LONGEST_TABLE = 100_000
LARGEST_PICTURE = 3_000_000
LARGEST_PAGE = 8_000_000
MOST_OUTPUTS = 50
PICTURES = ("image/png", "image/jpeg")
TABLE = ("table", "thead", "tbody", "tfoot", "tr", "th", "td")
PROSE = (
    *TABLE, "h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "strong", "em", "code", "pre",
    "blockquote", "a", "del",
)  # fmt: skip
INLINE = ("strong", "em", "code", "br")
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
    """One cell as the page shows it: prose or code, outputs, and the verdict on it where it is graded."""

    kind: str
    body: Markup
    outputs: tuple[Markup, ...] = ()
    verdict: Mapping[str, str | Markup] | None = None
    hides: bool = False


def page(graded: Graded, source: bytes, language: str, titles: Mapping[str, str] | None = None) -> bytes:
    """The feedback page for one result, as HTML. `source` is the grader's notebook, `titles` what tasks are called."""
    speaker = Speaker(language, titles or {})
    verdicts = {one.grade_id: one for one in graded.tasks}
    cells: list[Shown] = []
    if graded.problem is None:
        cells = list(_cells(graded.notebook, _hiding(source), verdicts, speaker))
    seen = {cell.verdict["id"] for cell in cells if cell.verdict}
    rest = [speaker.verdict(one) for one in graded.tasks if one.grade_id not in seen]
    made = _template().render(
        language=language,
        title=speaker.say(TITLE),
        problem=graded.problem and retold(graded.problem, language),
        tasks=[speaker.verdict(one) for one in graded.tasks],
        rest=rest,
        cells=_within(cells),
        cut=speaker.say(CUT),
        hides=speaker.say(HIDES),
        style=Markup(_style()),  # noqa: S704 - Pygments' own style sheet
    )
    return made.encode("utf-8", "replace")


def _within(cells: list[Shown]) -> list[Shown | None]:
    """As many cells as one page may hold; None where it was cut."""
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

    def __init__(self, language: str, titles: Mapping[str, str]) -> None:
        self.language = language
        self._titles = titles

    def say(self, text: str) -> str:
        """A sentence."""
        return say(text, self.language)

    def verdict(self, one: TaskResult) -> dict[str, str | Markup]:
        """A verdict as the page shows it."""
        points = self.say(OF).format(score=_number(one.score or 0.0), most=_number(one.max_score))
        message = retold(one.message, self.language)
        notes, title = [message], self.say(TITLES[one.outcome])
        if one.outcome is Outcome.COULD_NOT_CHECK:
            points, notes = "", [message or self.say(OUR_FAULT)]
        elif one.score is None:
            points, title, notes = "", self.say(WAITS), [message, self.say(BY_A_PERSON)]
        elif one.outcome is Outcome.NOT_YET and not message:
            notes = [self.say(READ_AGAIN)]
        return {
            "id": one.grade_id,
            "task": self._titles.get(one.grade_id, ""),
            "outcome": one.outcome.value,
            "title": title,
            "sign": SIGNS[one.outcome],
            "points": points,
            "note": _marked(" ".join(note for note in notes if note)),
        }


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _hiding(source: bytes) -> set[str]:
    """Names of the cells of which learners never saw all."""
    try:
        cells = notebooks.read(source)["cells"]
    except notebooks.NotANotebookError:
        return set()
    return {str(notebooks.meta(cell).get("grade_id")) for cell in cells if HIDDEN.search(cell["source"])}


def _cells(
    notebook: bytes, hiding: set[str], verdicts: dict[str, TaskResult], speaker: Speaker
) -> Iterator[Shown]:
    try:
        cells = notebooks.read(notebook)["cells"]
    except notebooks.NotANotebookError:
        return
    for cell in cells:
        about = notebooks.meta(cell)
        name = str(about.get("grade_id", ""))
        found = verdicts.get(name) if notebooks.is_grade(cell) else None
        verdict = speaker.verdict(found) if found else None
        hides = name in hiding or bool(HIDDEN.search(cell["source"]))
        if cell["cell_type"] != "code":
            yield Shown("prose", _prose(cell["source"], speaker), verdict=verdict)
            continue
        body = _code(HIDDEN.sub("", cell["source"]), speaker)
        # What a test says may quote its hidden lines; its verdict has the words that are meant for the learner.
        outputs = () if hides else tuple(_outputs(cell, speaker))
        yield Shown("code", body, outputs, verdict, hides)


def _prose(text: str, speaker: Speaker) -> Markup:
    if len(text) > LONGEST_TEXT:
        return _pre(text, speaker)
    made = str(_markdown()(text))
    return Markup(bleach.clean(made, tags=PROSE, attributes={"a": ["href"]}, strip=True))  # noqa: S704 - cleaned


def _marked(text: str) -> Markup:
    """A sentence, of which a judge may have marked a part as **strong**."""
    return Markup(bleach.clean(str(_markdown()(text)), tags=INLINE, attributes={}, strip=True).strip())  # noqa: S704 - cleaned


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
    outputs = cell.get("outputs")
    for output in outputs[:MOST_OUTPUTS] if isinstance(outputs, list) else []:
        if isinstance(output, dict):
            kind = output.get("output_type")
            if kind == "stream":
                yield _pre(_text(output.get("text")), speaker)
            elif kind == "error":
                yield _error(output, speaker)
            elif isinstance(output.get("data"), dict):
                yield _rich(output["data"], speaker)


def _error(output: dict[str, Any], speaker: Speaker) -> Markup:
    lines = output.get("traceback")
    shown = "\n".join(map(str, lines)) if isinstance(lines, list) and lines else ""
    if output.get("ename") in OURS:
        shown = retold(_text(output.get("evalue")), speaker.language)
    return _pre(shown or f"{output.get('ename')}: {output.get('evalue')}", speaker)


def _rich(data: dict[str, Any], speaker: Speaker) -> Markup:
    """A picture, else a table, else text."""
    for kind in PICTURES:
        picture = _picture(data.get(kind))
        if picture:
            return Markup('<img alt="" src="data:{};base64,{}">').format(kind, picture)
    table = _text(data.get("text/html"))
    if "<table" in table and len(table) <= LONGEST_TABLE:
        cells = re.sub(r"(?is)<(style|script|caption)\b.*?(</\1\s*>|\Z)", "", table)
        return Markup(bleach.clean(cells, tags=TABLE, attributes={}, strip=True))  # noqa: S704 - cleaned
    return _pre(_text(data.get("text/plain")), speaker)


def _picture(found: Any) -> str:
    text = _text(found)
    if not text or len(text) > LARGEST_PICTURE:
        return ""
    try:
        return base64.b64encode(base64.b64decode(text)).decode()
    except (binascii.Error, ValueError):
        return ""


def _text(found: Any) -> str:
    if isinstance(found, list):
        return "".join(map(str, found))
    return found if isinstance(found, str) else "" if found is None else json.dumps(found)[:LONGEST_TEXT]


@lru_cache
def _markdown() -> Any:
    return mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])


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
