"""Every page that shows a learner's work: nothing on it runs or is fetched, and all of it can be read.

Three builders make such pages: the grading agent, `nbgrader generate_feedback`, and formgrader's page for marking.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import nbformat
import nbgrader.server_extensions.formgrader as stock
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from traitlets.config import Config

from graders.agent.feedback_page import render_feedback
from graders.contract.work_contract import Graded
from graders.nbgrader.formgrader.inert_notebooks import InertExporter, PageExporter
from graders.pages import safe_html
from tests.support.page_payloads import ACTIVE, HTML, INNOCENT, Elements, book, code, data, faults, together

TEMPLATES = Path(stock.__file__).parent / "templates"
BOOTSTRAP = TEMPLATES.parent / "static/node_modules/bootstrap/dist/css"
RESOURCES = {
    "base_url": "", "submission_id": "1", "assignment_id": "sums", "notebook_id": "sums", "index": 0, "total": 1,
    "student": "amina.k", "last_name": "K", "first_name": "Amina", "notebook_path": "sums.ipynb",
    "nbgrader": {"notebook": "sums", "score": 1.0, "max_score": 2.0, "late_penalty": 0.0},
    "metadata": {"name": "sums", "path": ""},
}  # fmt: skip


def by_agent(notebook: bytes) -> str:
    return render_feedback(Graded((), notebook, "fork-1"), notebook, "en").decode()


@cache
def exporter(kind: type[HTMLExporter], template: str) -> HTMLExporter:
    """Return an exporter that is used for page after page, as formgrader uses its own."""
    config = Config()
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES)]
    config.HTMLExporter.extra_template_paths = [str(BOOTSTRAP)]
    made = kind(config=config)
    made.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)
    return made


def exported(kind: type[HTMLExporter], template: str, notebook: bytes) -> str:
    made = exporter(kind, template)
    shown, _resources = made.from_notebook_node(nbformat.from_dict(json.loads(notebook)), dict(RESOURCES))
    return shown


def by_nbgrader(notebook: bytes) -> str:
    return exported(PageExporter, "feedback", notebook)


def by_formgrader(notebook: bytes) -> str:
    """The notebook's part of the page: around it are nbgrader's own scripts and boxes."""
    shown = exported(InertExporter, "formgrade", notebook)
    _head, begin, rest = shown.partition('id="notebook-container">')
    assert begin
    return rest.partition('<div class="help">')[0]


BUILDERS = {"agent": by_agent, "nbgrader": by_nbgrader, "formgrader": by_formgrader}


@pytest.fixture(params=BUILDERS, scope="module")
def builder(request):
    return BUILDERS[request.param]


def test_there_are_many_ways_to_run_something():
    assert len(set(ACTIVE)) >= 60


@pytest.mark.parametrize("number", range(0, len(ACTIVE), 12))
def test_nothing_that_a_learner_wrote_runs_on_any_page(builder, number):
    """Each notebook alone, so that none hides another."""
    found = {one: faults(builder(one)) for one in ACTIVE[number : number + 12]}
    assert {one: bad for one, bad in found.items() if bad} == {}


def test_nothing_runs_where_they_are_all_on_one_page(builder):
    assert faults(builder(together())) == []


def test_stock_nbgrader_runs_them_so_that_this_could_fail():
    assert "<script>" in faults(exported(HTMLExporter, "feedback", book(code(data("text/html", HTML[0])))))


@pytest.mark.parametrize(("cell", "said", "tags"), INNOCENT, ids=range(len(INNOCENT)))
def test_what_is_innocent_can_be_read(builder, cell, said, tags):
    read = Elements(builder(book(cell)))
    assert [words for words in said if words not in read.shown] == []
    assert set(tags) <= {tag for tag, _ in read.found}


def test_pictures_are_there_and_not_only_their_places(builder):
    for cell, _said, tags in INNOCENT:
        if "img" in tags:
            pictures = [about for tag, about in Elements(builder(book(cell))).found if tag == "img"]
            assert all(about["src"].startswith("data:image/") for about in pictures), pictures


@pytest.mark.parametrize("kind", [InertExporter, PageExporter])
@pytest.mark.parametrize("template", ["feedback", "formgrade"])
def test_no_page_names_another_machine(kind, template):
    """nbconvert's macros load MathJax and widgets from the internet; here nothing is left to load."""
    shown = exported(kind, template, book(code(data("text/latex", "$x$")), metadata={"widgets": {}}))
    assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//[^"'\s>]+""", shown) == []
    assert "@import" not in shown


def test_pages_that_learners_keep_forbid_scripts_and_fetching():
    for shown in (by_agent(book(code())), by_nbgrader(book(code()))):
        (policy,) = [
            about["content"]
            for tag, about in Elements(shown).found
            if tag == "meta" and about.get("http-equiv") == "Content-Security-Policy"
        ]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy


def test_a_page_of_a_template_keeps_its_own_parts():
    """Scores, links between them, and colours of code stay where the whole page passes the list."""
    graded = {"grade_id": "add_test", "grade": True, "solution": False, "points": 2.0, "score": 1.0}
    shown = by_nbgrader(book(code(source="assert add(1, 1) == 2", metadata={"nbgrader": graded})))
    assert "1.0 / 2.0" in Elements(shown).shown
    assert ("a", {"name": "add_test", "rel": "noopener noreferrer"}) in Elements(shown).found
    assert 'class="panel panel-primary nbgrader_cell"' in shown


def test_a_cells_name_cannot_leave_its_attribute(builder):
    graded = {"grade_id": 'x" onmouseover="alert(1)', "grade": True, "solution": True, "points": 1}
    assert [
        fault for fault in faults(builder(book(code(metadata={"nbgrader": graded})))) if " on" in fault
    ] == []


def test_a_learner_has_no_names_or_classes_of_the_page():
    """An element of theirs that is called as one of formgrader's would take a mark's place."""
    spoof = "<div id='add_test' class='score nbgrader_cell highlight'>2 / 2</div><span class='score'>2</span>"
    assert safe_html.clean_html(spoof) == '<div class="highlight">2 / 2</div><span class="">2</span>'


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("text-align: right; position: fixed", "text-align: right"),
        ("background-color: url(x)", ""),
        ("COLOR: rgb(1, 2, 3); width: 9px", "color: rgb(1, 2, 3)"),
        ("color: red; background-color: #ff0", "color: red; background-color: #ff0"),
        ("color: re\\64", ""),
    ],
)
def test_styles_colour_and_align_only(given, kept):
    assert safe_html.safe_style(given) == kept


@pytest.mark.parametrize(
    "sign", [">", "[", "$", "$a ", "*a_ ", "![x", "<a ", "\\begin{a}", "`", "- ", "(", "|", "\\\\("]
)
def test_text_that_a_parser_finds_hard_is_shown_anyway(sign):
    source = sign * (safe_html.LONGEST_TEXT // len(sign))
    assert safe_html.markdown_html(source).strip()


@pytest.mark.parametrize(
    "tag", ["<svg>", "</svg>", "<svg></svg>", "<b>", "<div>", "<table><tr><td>", "<a b='"]
)
def test_html_that_never_ends_costs_nobody_their_page(builder, tag):
    deep = f"before {tag * (safe_html.LONGEST_TABLE // 4 // len(tag))}"
    shown = Elements(builder(book(code(data("text/html", deep), data("text/plain", "after"))))).shown
    assert "after" in shown


def test_drawings_within_html_become_pictures_and_what_is_around_them_stays():
    made = safe_html.clean_html("İ <p>one</p><SVG width=9><circle r=1></SVG >two<svg>never ends")
    assert made.startswith("İ <p>one</p><img")
    assert "two" in made


def test_a_model_that_draws_itself_with_a_style_sheet_is_shown_as_text():
    model = {
        "text/html": "<style>x</style><div class='sk-top-container'>P</div>",
        "text/plain": "Pipeline(steps=[])",
    }
    assert safe_html.rich_html(model) == ""
    assert safe_html.rich_text(model) == "Pipeline(steps=[])"


HALF = "\ud83d"
"""Half a character, as an output cut in the middle has it; JSON can hold one, UTF-8 cannot."""


@pytest.mark.parametrize(
    "cell",
    [
        {"cell_type": "markdown", "metadata": {}, "source": f"kept <i>{HALF}</i>"},
        {"cell_type": "raw", "metadata": {}, "source": f"kept {HALF}"},
        code(data("text/html", f"<p>kept {HALF}</p>")),
        code(data("text/markdown", f"kept **{HALF}**")),
        code(data("text/plain", f"kept {HALF}")),
        code(data("image/svg+xml", f"<svg>{HALF}</svg>"), data("text/plain", "kept")),
        code({"output_type": "stream", "name": "stdout", "text": f"kept {HALF}"}),
        code({"output_type": "error", "ename": "E", "evalue": HALF, "traceback": [f"kept {HALF}"]}),
    ],
)
def test_half_a_character_costs_nobody_their_page(builder, cell):
    shown = builder(book(cell))
    assert "kept" in Elements(shown).shown
    assert shown.encode("utf-8")


def test_half_a_character_in_a_verdict_is_shown_as_a_sign():
    assert safe_html.sentence_html(f"**kept** {HALF}") == "<strong>kept</strong> \ufffd"
