"""Notebooks that nbgrader's templates show without running or fetching anything.

The templates print several fields of a notebook as they are. So the notebook is made inert before a template sees it,
every filter that makes HTML passes the allow list, and nothing is loaded from another machine.
"""

from __future__ import annotations

import html
import re
from typing import Any

from jinja2 import DictLoader, pass_context
from markupsafe import escape
from nbconvert.exporters import HTMLExporter
from nbformat import ValidationError
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from traitlets import default

from graders.pages import safe_html
from graders.pages.safe_html import text_of

MOST_OUTPUTS = 200
LONGEST_OUTPUT = 200_000
TABLES = """<style>
#notebook table { margin: .5em 0; border-collapse: collapse }
#notebook td, #notebook th { border: 1px solid #ccc; padding: .15em .5em; text-align: left }
#notebook img { max-width: 100% }
</style>"""
"""nbgrader's pages leave tables without lines and without room between their cells."""
NOTHING_REMOTE = {
    "mathjax.html.j2": f"{{%- macro mathjax(url='') -%}}{TABLES}{{%- endmacro %}}",
    "jupyter_widgets.html.j2": "{%- macro jupyter_widgets(a='', b='', c='') -%}{%- endmacro %}",
}
"""In the place of nbconvert's macros, which load scripts from the internet."""
LANGUAGE = re.compile(r"[\w+.#-]{1,40}")
NBGRADER = {"grade": bool, "solution": bool, "locked": bool, "task": bool}
STYLES = re.compile(r"<style\b[^>]*>.*?</style>", re.DOTALL)


def inert_notebook(notebook: Any) -> NotebookNode:
    """Return a notebook of which every field that a template prints is plain or passed the allow list."""
    return NotebookNode(
        nbformat=4,
        nbformat_minor=4,
        metadata=_about_notebook(notebook.metadata),
        cells=[_inert_cell(cell) for cell in notebook.cells],
    )


def _about_notebook(known: Any) -> NotebookNode:
    language = known.get("language_info")
    names = language if isinstance(language, dict) else {}
    kept = {name: names[name] for name in ("name", "pygments_lexer") if _is_word(names.get(name))}
    return NotebookNode(language_info=NotebookNode(kept)) if kept else NotebookNode()


def _is_word(found: Any) -> bool:
    return isinstance(found, str) and bool(LANGUAGE.fullmatch(found))


def _inert_cell(cell: Any) -> NotebookNode:
    source, about = text_of(cell.get("source")), _about_cell(cell)
    if cell.cell_type == "code":
        count = cell.get("execution_count")
        outputs = cell.get("outputs")
        return NotebookNode(
            cell_type="code",
            source=source,
            metadata=about,
            execution_count=count if isinstance(count, int) else None,
            outputs=list(map(_inert_output, outputs[:MOST_OUTPUTS])) if isinstance(outputs, list) else [],
        )
    if cell.cell_type != "markdown":
        source = "\n".join(f"    {line}" for line in source.splitlines())
    attachments = cell.get("attachments")
    return NotebookNode(
        cell_type="markdown",
        source=source,
        metadata=about,
        attachments=attachments if isinstance(attachments, dict) else NotebookNode(),
    )


def _about_cell(cell: Any) -> NotebookNode:
    """Return what nbgrader knows of a cell; its name goes into attributes as it is."""
    known = cell.get("metadata", {}).get("nbgrader")
    if not isinstance(known, dict) or "grade_id" not in known:
        return NotebookNode()
    kept = NotebookNode({name: bool(known.get(name)) for name in NBGRADER})
    kept.grade_id = str(escape(str(known["grade_id"])))
    for name in ("points", "score"):
        kept[name] = known[name] if isinstance(known.get(name), int | float) else 0.0
    for name in ("comment", "checksum"):
        if isinstance(known.get(name), str):
            kept[name] = known[name]
    return NotebookNode(nbgrader=kept)


def _inert_output(output: Any) -> NotebookNode:
    kind = output.get("output_type") if isinstance(output, dict) else None
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=text_of(output.get("text"))[:LONGEST_OUTPUT])
    if kind == "error":
        lines = output.get("traceback")
        said = (
            [str(line)[:LONGEST_OUTPUT] for line in lines[:MOST_OUTPUTS]] if isinstance(lines, list) else []
        )
        return new_output("error", traceback=said or [f"{output.get('ename')}: {output.get('evalue')}"])
    data = output.get("data") if isinstance(output, dict) else None
    data = data if isinstance(data, dict) else {}
    made = safe_html.rich_html(data)
    shown = {"text/html": made} if made else {"text/plain": safe_html.rich_text(data)[:LONGEST_OUTPUT]}
    return new_output("execute_result" if kind == "execute_result" else "display_data", data=shown)


def note_cell(text: str) -> NotebookNode:
    """Return a cell of ours, as a quotation."""
    made = new_markdown_cell("\n".join(f"> {line}" for line in text.splitlines()))
    made.pop("id", None)
    return made


class InertExporter(HTMLExporter):
    """nbconvert's HTML of notebooks that learners wrote: readable, offline, and without anything that runs."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.register_filter("clean_html", safe_html.clean_html)
        self.register_filter("markdown2html", self.markdown2html)

    @default("extra_loaders")
    def _nothing_remote(self) -> list[Any]:
        return [DictLoader(NOTHING_REMOTE)]

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown as HTML that can do nothing."""
        cell = context.get("cell", {})
        return safe_html.markdown_html(source, cell.get("attachments"))

    def from_notebook_node(self, nb: Any, resources: Any = None, **more: Any) -> tuple[str, Any]:
        """Make the page of a notebook, in characters that can be sent."""
        page, resources = super().from_notebook_node(nb, resources, **more)
        return safe_html.whole_text(page), resources

    def _preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """After every step that a course may have configured."""
        try:
            made, resources = super()._preprocess(nb, resources)
        except ValidationError:
            # A field has a shape that no notebook has; what is left of it is shown.
            made, resources = super()._preprocess(inert_notebook(nb), resources)
        return inert_notebook(made), resources


class PageExporter(InertExporter):
    """Makes pages that learners keep: no script at all, and the whole body passes the allow list once more."""

    def from_notebook_node(self, nb: Any, resources: Any = None, **more: Any) -> tuple[str, Any]:
        """Make the page of a notebook."""
        page, resources = super().from_notebook_node(nb, resources, **more)
        head, _, body = page.partition("<body>")
        title = html.escape(str(resources.get("nbgrader", {}).get("notebook", "")))
        return PAGE.format(
            policy=safe_html.POLICY,
            title=title,
            styles="\n".join(STYLES.findall(head)),
            body=safe_html.clean_page(body),
        ), resources


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{styles}
</head><body>
{body}
</body></html>
"""
