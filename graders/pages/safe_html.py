"""The one allow list for what a learner or a trainer wrote: everything is readable, nothing runs or is fetched.

Feedback pages, `nbgrader generate_feedback` and formgrader all show notebooks through this module. HTML passes an
allow list; pictures become `data:` addresses, SVG as an `<img>`, where a browser runs none of its scripts.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import mistune
import nh3
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

LONGEST_TEXT = 20_000
"""Characters of one text cell; a longer one is shown as plain text."""
LONGEST_TABLE = 100_000
LONGEST_SVG = 1_000_000
LARGEST_PICTURE = 3_000_000
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
SVG = "image/svg+xml"
TAGS = frozenset(
    "h1 h2 h3 h4 h5 h6 p br hr div span pre code kbd samp var blockquote q cite strong b em i u s del ins mark small "
    "sub sup abbr ul ol li dl dt dd a img figure figcaption table caption colgroup col thead tbody tfoot tr th td "
    "details summary".split()
)
INLINE = frozenset(("strong", "em", "code", "br"))
DROPPED = frozenset("script style title textarea noscript template iframe object embed xmp noembed".split())
"""Elements that go with all that is inside them."""
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan", "align", "style"},
    "th": {"colspan", "rowspan", "align", "scope", "style"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start"},
    "abbr": {"title"},
    **{name: {"style", "align"} for name in ("p", "div", "span", "tr", "table")},
}
CLASSES = {
    "div": {"highlight"},
    "span": {name for name in STANDARD_TYPES.values() if name},
    "table": {"dataframe"},
}
PAGE_ATTRIBUTES: dict[str, set[str]] = {
    **ATTRIBUTES,
    "a": {"href", "title", "name"},
    "*": {"id", "class", "role", "tabindex"},
}
"""Those of a whole page, whose template names its own parts."""
PAGE_TAGS = TAGS | {"main", "section", "header", "footer", "nav"}
SCHEMES = {"http", "https", "mailto", "data", "attachment"}
LINK = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
SHOWN = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+\Z")
STYLES = frozenset(
    "color background-color text-align vertical-align font-weight font-style white-space".split()
)
STYLE_VALUE = re.compile(r"[#\w.%-]{1,40}|rgba?\([\d.,%\s]{1,40}\)")
SVG_BEGINS = re.compile(r"<svg\b", re.IGNORECASE)
SVG_ENDS = re.compile(r"</svg\s*>", re.IGNORECASE)
SURROGATES = re.compile("[\ud800-\udfff]")
TICKED = re.compile(r'<input class="task-list-item-checkbox" type="checkbox" disabled( checked)?\s*/?>')
FORMULA = (
    r"(?<!\\)\$\$[^$]+?\$\$"
    r"|(?<![\\$])\$(?![\s$])[^$\n]+(?:\n[^$\n]+)*(?<![\s\\])\$(?![$\d])"
    r"|\\\\\(.+?\\\\\)|\\\\\[.+?\\\\\]"
    r"|\\begin\{[a-z]+\*?\}[\s\S]+?\\end\{[a-z]+\*?\}"
)
FORMULA_BLOCK = r"^ {0,3}(?:\$\$[^$]+\$\$|\\begin\{[a-z]+\*?\}[\s\S]+?\\end\{[a-z]+\*?\})[ \t]*(?:\n|$)"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a browser may do with a page of feedback, should the allow list ever miss something."""
Attachments = Mapping[str, Any]


def clean_html(text: str, attachments: Attachments | None = None) -> str:
    """Return HTML of which only what the allow list names is left."""
    return _allowed(
        _with_pictures(text),
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        attributes={name: set(known) for name, known in ATTRIBUTES.items()},
        allowed_classes={name: set(known) for name, known in CLASSES.items()},
        attribute_filter=_kept_attribute(attachments or {}),
        url_schemes=SCHEMES,
    )


def whole_text(text: str) -> str:
    """Return text that UTF-8 can hold: a sign in the place of half a character, which JSON can hold."""
    return SURROGATES.sub("\ufffd", text)


def _allowed(text: str, **allowed: Any) -> str:
    return nh3.clean(whole_text(text), **allowed)


def _with_pictures(text: str) -> str:
    """Put a picture in the place of each drawing in HTML. One pass: a search that starts over takes minutes."""
    parts, here = [], 0
    while (begin := SVG_BEGINS.search(text, here)) and (end := SVG_ENDS.search(text, begin.end())):
        parts += [text[here : begin.start()], svg_picture(text[begin.start() : end.end()])]
        here = end.end()
    return "".join([*parts, text[here:]])


def sentence_html(text: str) -> str:
    """Return a sentence as HTML; of its Markdown only emphasis and code count, and its HTML is text."""
    made = str(_sentence_parser()(text))
    return _allowed(made, tags=set(INLINE), attributes={}, clean_content_tags=set(DROPPED)).strip()


def clean_page(body: str) -> str:
    """Return the body of a page that a template made of cleaned pieces, with the template's own names and classes."""
    return _allowed(
        body,
        tags=set(PAGE_TAGS),
        clean_content_tags=set(DROPPED),
        attributes={name: set(known) for name, known in PAGE_ATTRIBUTES.items()},
        attribute_filter=_kept_attribute({}),
        url_schemes=SCHEMES,
    )


def _kept_attribute(attachments: Attachments) -> Callable[[str, str, str], str | None]:
    """Return what becomes of an attribute's value; None takes the attribute away."""

    def kept(_tag: str, name: str, value: str) -> str | None:
        if name == "href":
            return value if LINK.match(value.strip()) else None
        if name == "src":
            return _shown_source(value, attachments)
        return (safe_style(value) or None) if name == "style" else value

    return kept


def _shown_source(address: str, attachments: Attachments) -> str | None:
    kind, _, name = address.partition(":")
    if kind.lower() == "attachment":
        found = attachments.get(name, attachments.get(unquote(name)))
        return attached_picture(found) if isinstance(found, Mapping) else None
    return address if len(address) <= LARGEST_PICTURE and SHOWN.match(address) else None


def attached_picture(found: Mapping[str, Any]) -> str | None:
    """Return the `data:` address of a picture pasted into a text cell, None if it is no picture."""
    for kind in (*PICTURES, SVG):
        if content := base64_of(found.get(kind)):
            return f"data:{kind};base64,{content}"
    return None


def safe_style(text: str) -> str:
    """Return the declarations of a `style` attribute that only colour and align."""
    pairs = (part.partition(":") for part in text.split(";"))
    named = ((name.strip().lower(), value.strip()) for name, _, value in pairs)
    return "; ".join(
        f"{name}: {value}" for name, value in named if name in STYLES and STYLE_VALUE.fullmatch(value)
    )


def markdown_html(source: str, attachments: Any = None) -> str:
    """Return a text cell as HTML; formulas stay as they were typed.

    Example:
        >>> markdown("Because $x_1*y_1*z_1 < 2$")
        '<p>Because $x_1*y_1*z_1 &lt; 2$</p>\\n'
    """
    if len(source) > LONGEST_TEXT:
        return plain_html(source)
    try:
        made = str(_parser()(source))
    except Exception:
        # Deep nesting ends the parser; the text itself can still be read.
        return plain_html(source)
    ticked = TICKED.sub(lambda found: "☑ " if found[1] else "☐ ", made)
    return clean_html(ticked, attachments if isinstance(attachments, Mapping) else None)


@lru_cache
def _parser() -> mistune.Markdown:
    """Return a reader of Jupyter's Markdown: tables, ticks, links; a formula is text, with any signs."""
    made = mistune.create_markdown(
        renderer=PlainRenderer(escape=False, allow_harmful_protocols=True),
        plugins=["table", "strikethrough", "url", "task_lists", "def_list"],
    )
    made.inline.register("formula", FORMULA, _formula, before=made.inline.rules[0])
    made.block.register("formula_block", FORMULA_BLOCK, _formula_block, before=made.block.rules[0])
    return made


@lru_cache
def _sentence_parser() -> mistune.Markdown:
    return mistune.create_markdown(escape=True)


class PlainRenderer(mistune.HTMLRenderer):
    """Colours code as feedback pages do."""

    def block_code(self, code: str, info: str | None = None) -> str:
        """Return a code block; a language that nobody knows has no colours."""
        try:
            lexer = get_lexer_by_name((info or "").split()[0])
        except (ClassNotFound, IndexError):
            return plain_html(code)
        return highlight(code, lexer, HtmlFormatter())

    def formula(self, text: str) -> str:
        """Return a formula within a line, as it was typed."""
        return html.escape(text, quote=False)

    def formula_block(self, text: str) -> str:
        """Return a formula that has lines for itself."""
        kind = "pre" if "\n" in text else "p"
        return f"<{kind}>{html.escape(text, quote=False)}</{kind}>\n"


def _formula(_parser: Any, found: re.Match[str], state: Any) -> int:
    state.append_token({"type": "formula", "raw": found[0]})
    return found.end()


def _formula_block(_parser: Any, found: re.Match[str], state: Any) -> int:
    state.append_token({"type": "formula_block", "raw": found[0].strip()})
    return found.end()


def plain_html(text: str) -> str:
    """Return text as HTML that keeps its lines."""
    return f"<pre>{html.escape(text)}</pre>"


def rich_html(data: Mapping[str, Any]) -> str:
    """Return the HTML of an output that has several forms: a picture, else HTML or Markdown; empty for plain text."""
    for kind in PICTURES:
        if content := base64_of(data.get(kind)):
            return f'<img alt="" src="data:{kind};base64,{content}">'
    if drawing := text_of(data.get(SVG)):
        if picture := svg_picture(drawing):
            return picture
    page = text_of(data.get("text/html"))
    # A scikit-learn model draws itself with a style sheet and ticks; without them its plain text says more.
    if page and len(page) <= LONGEST_TABLE and "sk-top-container" not in page:
        made = clean_html(page)
        if is_visible(made):
            return made
    return markdown_html(written) if (written := text_of(data.get("text/markdown"))) else ""


def rich_text(data: Mapping[str, Any]) -> str:
    """Return the plain text of an output; of a formula that has none, its TeX."""
    said = text_of(data.get("text/plain"))
    if said and not said.startswith("<IPython.core.display."):
        return said
    return text_of(data.get("text/latex")) or said


def is_visible(made: str) -> bool:
    """Return whether cleaned HTML shows anything."""
    return "<img" in made or bool(re.sub(r"<[^>]*>|\s", "", made))


def svg_picture(drawing: str) -> str:
    """Return an SVG drawing as a picture, in which no script of it runs; empty if it is none, or too large."""
    begin = re.search(r"<svg\b", drawing, re.IGNORECASE)
    if begin is None or "</svg" not in drawing.lower() or len(drawing) > LONGEST_SVG:
        return ""
    found = drawing[begin.start() :]
    if "http://www.w3.org/2000/svg" not in found[:2000]:
        found = f'<svg xmlns="http://www.w3.org/2000/svg"{found[4:]}'
    content = base64.b64encode(found.encode("utf-8", "replace")).decode()
    return f'<img alt="" src="data:{SVG};base64,{content}">'


def base64_of(found: Any) -> str:
    """Return base64 that certainly is some, empty for anything else and for what is too large."""
    text = text_of(found)
    if not text or len(text) > LARGEST_PICTURE:
        return ""
    try:
        return base64.b64encode(base64.b64decode(text)).decode()
    except (binascii.Error, ValueError):
        return ""


def text_of(found: Any) -> str:
    """Return notebook text, which may be a list of lines; other data as JSON."""
    if isinstance(found, list):
        return "".join(map(str, found))
    return found if isinstance(found, str) else "" if found is None else json.dumps(found)[:LONGEST_TEXT]
