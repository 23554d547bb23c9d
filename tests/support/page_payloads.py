"""Notebooks that try to run something on whatever page shows them, and notebooks of innocent content."""

from __future__ import annotations

import base64
import json
from html.parser import HTMLParser
from typing import Any

Cell = dict[str, Any]
HIT = "window.parent.HIT=window.HIT=1"
CALL = f"{HIT};alert(1)"
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAFElEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC"
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload='{CALL}'><script>{CALL}</script><circle r='9'/></svg>"
PAGE = base64.b64encode(f"<script>{CALL}</script>".encode()).decode()
ELSEWHERE = "http://elsewhere.invalid"


def text(source: str, **more: Any) -> Cell:
    return {"cell_type": "markdown", "source": source, "metadata": {}, **more}


def code(*outputs: Any, source: str = "x = 1", metadata: Any = None, count: Any = 1) -> Cell:
    return {
        "cell_type": "code", "source": source, "metadata": metadata or {}, "outputs": list(outputs),
        "execution_count": count,
    }  # fmt: skip


def data(kind: str, content: Any, **metadata: Any) -> Cell:
    return {"output_type": "display_data", "metadata": metadata, "data": {kind: content}}


def stream(said: Any, name: str = "stdout") -> Cell:
    return {"output_type": "stream", "name": name, "text": said}


def book(*cells: Cell, metadata: Any = None) -> bytes:
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = {"nbformat": 4, "nbformat_minor": 4, "metadata": about | (metadata or {}), "cells": list(cells)}
    return json.dumps(made).encode()


HTML = [
    f"<script>{CALL}</script>",
    f"<img src=x onerror='{CALL}'>",
    f"<svg onload='{CALL}'>",
    SVG,
    f"<svg><a xlink:href='javascript:{CALL}'><text y=20>look</text></a></svg>",
    f"<svg><animate onbegin='{CALL}' attributeName=x dur=1s></svg>",
    f"<svg><foreignObject><iframe srcdoc='<script>{CALL}</script>'></iframe></foreignObject></svg>",
    f"<svg><style><img src=x onerror='{CALL}'></style></svg>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={CALL}&gt;'>",
    f"<math href='javascript:{CALL}'>look</math>",
    f"<math><maction actiontype='statusline#{ELSEWHERE}' xlink:href='javascript:{CALL}'>look</maction></math>",
    f"<iframe src='javascript:{CALL}'></iframe>",
    f"<iframe srcdoc='<script>{CALL}</script>'></iframe>",
    f"<object data='data:text/html;base64,{PAGE}'></object>",
    f"<embed src='data:text/html;base64,{PAGE}'>",
    f"<form action='javascript:{CALL}'><button>press</button></form>",
    f"<input autofocus onfocus='{CALL}'>",
    f"<button onclick='{CALL}'>press</button>",
    f"<select autofocus onfocus='{CALL}'><option>a</select>",
    f"<textarea autofocus onfocus='{CALL}'>a</textarea>",
    f"<details open ontoggle='{CALL}'><summary>a</summary></details>",
    f"<video src=x onerror='{CALL}'></video><audio src=x onerror='{CALL}'></audio>",
    f"<video><source onerror='{CALL}'></video>",
    f"<body onload='{CALL}'>",
    f"<marquee onstart='{CALL}'>a</marquee>",
    f"<a href='javascript:{CALL}'>look</a>",
    f"<a href=' &#x6A;avascript:{CALL}'>look</a>",
    f"<a href='java\tscript:{CALL}'>look</a>",
    f"<a href='vbscript:{CALL}'>look</a>",
    f"<a href='data:text/html;base64,{PAGE}'>look</a>",
    f"<a href='data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}'>look</a>",
    "<a href='../../api/contents'>look</a><a href='//elsewhere.invalid/x'>look</a>",
    f"<img src='{ELSEWHERE}/x.png'><img srcset='{ELSEWHERE}/y.png 1x'>",
    f"<img src='data:text/html;base64,{PAGE}'>",
    f"<link rel=stylesheet href='{ELSEWHERE}/x.css'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{CALL}'>",
    f"<base href='{ELSEWHERE}/'>",
    f"<style>@import '{ELSEWHERE}/x.css'; body {{ background: url({ELSEWHERE}/x.png) }}</style>",
    f"<p style='background: url({ELSEWHERE}/x.png)'>a</p>",
    "<p style='background-color: red; position: fixed; top: 0; width: 100%; height: 100%'>a</p>",
    f"<p style='color: expression({CALL})'>a</p>",
    f"<p style='background-color: \\75\\72\\6c ({ELSEWHERE}/x.png)'>a</p>",
    f"<template><script>{CALL}</script></template><noscript><p title='</noscript><img src=x onerror={CALL}>'></noscript>",
    f"<xmp><p title='</xmp><img src=x onerror={CALL}>'></xmp><title><a title='</title><img src=x onerror={CALL}>'></title>",
    f"<!--><img src=x onerror='{CALL}'>--><!--[if IE]><script>{CALL}</script><![endif]-->",
    f"<table background='javascript:{CALL}'><tr><td onmouseover='{CALL}' background='{ELSEWHERE}/x'>a</td></tr></table>",
    "<input id='statusmessage'><div class='score panel-primary nbgrader_cell' id='add_test'>2.0 / 2.0</div>",
    f"<isindex type=image src=1 onerror='{CALL}'><x onclick='{CALL}' tabindex=1 autofocus onfocus='{CALL}'>a</x>",
    f"</div></div></main></body></html><script>{CALL}</script>",
    f"<img src='`'onerror='{CALL}'><img/src='x'/onerror='{CALL}'>",
]
MARKDOWN = [
    f"[look](javascript:{CALL.replace(';', '%3B')}) ![a](javascript:alert\\(1\\))",
    f"[look](<javascript:{CALL}> 'title\" onmouseover=\"{CALL}')",
    f"![a]({ELSEWHERE}/x.png 'a\" onerror=\"{CALL}')",
    f"<javascript:{CALL}>",
    f"[look]\n\n[look]: javascript:{CALL.split(';', maxsplit=1)[0]} \"a' onclick='{CALL}\"",
    f"$x <img src=x onerror='{CALL}'> y$ and $$<script>{CALL}</script>$$",
    f"\\\\(<script>{CALL}</script>\\\\) \\\\[<img src=x onerror='{CALL}'>\\\\]",
    f"\\begin{{align}}\n<img src=x onerror='{CALL}'>\n\\end{{align}}",
    f"$\\href{{javascript:{CALL}}}{{x}}$",
    f"```html'><script>{CALL}</script>\n<script>{CALL}</script>\n```",
    f"```mermaid\ngraph TD; A[<img src=x onerror='{CALL}'>]; click A call alert(1)\n```",
    f"`<script>{CALL}</script>`",
    f"| a |\n|---|\n| <img src=x onerror='{CALL}'> |",
    f"# <img src=x onerror='{CALL}'>",
    f"- [x] <input autofocus onfocus='{CALL}'>",
    f"a<br><scr<script>ipt>{CALL}</scr</script>ipt>",
]
ATTACHED = [
    ("![a](attachment:a.svg)", {"a.svg": {"image/svg+xml": base64.b64encode(SVG.encode()).decode()}}),
    ("![a](attachment:a.html)", {"a.html": {"text/html": PAGE}}),
    ("![a](attachment:a.png)", {"a.png": {"image/png": f'"><script>{CALL}</script>'}}),
    ("![a](attachment:a.png)", {"a.png": {f"image/png;base64,{DOT}' onerror='{CALL}' x='": DOT}}),
    ("![a](attachment:gone.png)", {}),
    (f"<img src='attachment:a.png' onerror='{CALL}'>", {"a.png": {"image/png": DOT}}),
    ("![a](attachment:a.png)", ["not", "a", "mapping"]),
]
OUTPUTS = [
    data("application/javascript", CALL),
    data("image/svg+xml", SVG),
    data("image/svg+xml", f"</svg><script>{CALL}</script>"),
    data("image/png", f"\"><script>{CALL}</script>"),
    data("image/png", DOT, filenames={"image/png": f"x\" onerror=\"{CALL}"}),
    data("image/png", DOT, **{"image/png": {"width": f"1 onload={CALL}", "alt": f"\" onload=\"{CALL}"}}),
    data("text/html", f"<script>{CALL}</script>", **{"text/html": {"isolated": True}}),
    data("text/markdown", f"<img src=x onerror='{CALL}'> [look](javascript:alert)"),
    data("text/latex", f"$</script><script>{CALL}</script>$"),
    data("text/vnd.mermaid", f"graph TD; A[<img src=x onerror='{CALL}'>]"),
    data("text/plain", f"</pre><script>{CALL}</script>"),
    data("application/vnd.jupyter.widget-view+json", {"model_id": f"</script><script>{CALL}</script>"}),
    data("application/pdf", PAGE),
    data(f"text/x'><script>{CALL}</script>", "a"),
    {"output_type": "execute_result", "execution_count": f"<script>{CALL}</script>", "metadata": {}, "data": {"text/html": ["<img src=x ", f"onerror='{CALL}'>"]}},
    stream(f"</pre><script>{CALL}</script>"),
    stream(f"\x1b[31m<img src=x onerror='{CALL}'>\x1b[0m\x1b]8;;javascript:{CALL}\x07look\x1b]8;;\x07"),
    stream(f"<script>{CALL}</script>", "stderr"),
    stream(f"<script>{CALL}</script>", f"x'><script>{CALL}</script>"),
    {"output_type": "error", "ename": f"<script>{CALL}</script>", "evalue": f"<script>{CALL}</script>", "traceback": []},
    {"output_type": "error", "ename": "E", "evalue": "e", "traceback": [f"\x1b[31m<script>{CALL}</script>\x1b[0m"]},
]  # fmt: skip
WHOLE = [
    book(text("a"), metadata={"title": f"</title><script>{CALL}</script>"}),
    book(text("a"), metadata={"language_info": {"name": f"x'><script>{CALL}</script>", "pygments_lexer": "<script>"}}),
    book(
        code(data("application/vnd.jupyter.widget-view+json", {"model_id": "a", "version_major": 2})),
        metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {"version_major": f"</script><script>{CALL}</script>", "state": {"a": {"model_name": "HTMLModel", "state": {"value": f"<img src=x onerror='{CALL}'>"}}}}}},
    ),
    book(code(source=f"'''</pre></div><script>{CALL}</script>'''")),
    book(code(metadata={"tags": [f"x'><script>{CALL}</script>"], "magics_language": "<script>"})),
    book(code(count=f"<script>{CALL}</script>")),
    book({"cell_type": "raw", "source": f"<script>{CALL}</script>", "metadata": {"raw_mimetype": "text/html"}}),
    book({**code(), "id": f"x\"><script>{CALL}</script>"}),
]  # fmt: skip

ACTIVE: list[bytes] = [
    *(book(code(data("text/html", html))) for html in HTML),
    *(book(text(f"before\n\n{html}\n\nafter")) for html in HTML),
    *(book(text(source)) for source in MARKDOWN),
    *(book(text(source, attachments=attachments)) for source, attachments in ATTACHED),
    *(book(code(output)) for output in OUTPUTS),
    *WHOLE,
]
"""Each tries one thing, alone on its page."""


def together() -> bytes:
    """Everything that is active, in one notebook."""
    cells = [cell for one in ACTIVE for cell in json.loads(one)["cells"]]
    return book(*cells, metadata=json.loads(WHOLE[2])["metadata"])


class Elements(HTMLParser):
    """Content of a page as a browser would read it: each element with its attributes, and the text that is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.shown = ""
        self.comments: list[str] = []
        self._hidden = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        self.shown += "" if self._hidden else data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


ACTIVE_TAGS = set(
    "script iframe frame object embed applet form input select base link svg math video audio source template "
    "noscript textarea isindex marquee".split()
)
LINKS = (
    "href",
    "src",
    "srcset",
    "action",
    "formaction",
    "data",
    "background",
    "poster",
    "xlink:href",
    "style",
)
FINE = ("http://", "https://", "mailto:", "#", "data:image/png;base64,", "data:image/jpeg;base64,",
        "data:image/gif;base64,", "data:image/svg+xml;base64,")  # fmt: skip


def faults(page: str) -> list[str]:
    """Everything on a page that could run, or fetch something; empty if it is inert."""
    found = []
    for tag, attributes in Elements(page).found:
        if tag in ACTIVE_TAGS:
            found.append(f"<{tag}>")
        if tag == "meta" and attributes.get("http-equiv", "").lower() not in ("", "content-security-policy"):
            found.append(f"<meta {attributes}>")
        found += [f"<{tag} {name}>" for name in attributes if name.startswith("on")]
        for name in LINKS:
            value = attributes.get(name, "").strip()
            bad = "url(" in value or "position" in value if name == "style" else not value.startswith(FINE)
            if value and (bad or (tag == "img" and not value.startswith("data:image/") and name != "style")):
                found.append(f"<{tag} {name}={value[:60]}>")
            if tag == "a" and value.startswith("data:"):
                found.append(f"<{tag} {name}={value[:60]}>")
    return found


TABLE = (
    "<style scoped>td {color: red}</style><table border='1' class='dataframe'><thead><tr style='text-align: right;'>"
    "<th></th><th>bar</th></tr></thead><tbody><tr><th>0</th><td>0.05</td></tr></tbody></table>"
)
INNOCENT: list[tuple[Cell, list[str], list[str]]] = [
    (text("# Why\n\n## Because\n\nIt is **so**, *really*, `x`."), ["Why", "Because", "so"], ["h1", "h2", "strong", "em", "code"]),
    (text("| n | A |\n|---|---|\n| 6 | 2.6 |"), ["2.6"], ["table", "thead", "th", "td"]),
    (text("- one\n- two\n\n1. three"), ["one", "three"], ["ul", "ol", "li"]),
    (text("> quoted\n\n---\n\n~~gone~~"), ["quoted", "gone"], ["blockquote", "hr", "del"]),
    (text("Because $x_1*y_1*z_1 < 2$, so\n\n$$\na_1 * b\n= 2\n- c\n$$"), ["$x_1*y_1*z_1 < 2$", "a_1 * b\n= 2\n- c"], []),
    (text("\\begin{align}\na_1*b*c\n\\end{align}"), ["\\begin{align}\na_1*b*c\n\\end{align}"], []),
    (text("It costs $5 and b_1 costs $6."), ["It costs $5 and b_1 costs $6."], []),
    (text("![page](attachment:page.png)", attachments={"page.png": {"image/png": DOT}}), [], ["img"]),
    (text("![page](attachment:my%20page.png)", attachments={"my page.png": {"image/png": DOT}}), [], ["img"]),
    (text("<table><tr><td>by hand</td></tr></table><br>H<sub>2</sub>O <b>bold</b>"), ["by hand", "bold"], ["table", "sub", "b"]),
    (text("```python\ndef f(x):\n    return x < 1\n```"), ["return x < 1"], ["pre", "span"]),
    (text("[the office](https://office.example/a)"), ["the office"], ["a"]),
    (text("- [x] done\n- [ ] open"), ["☑", "☐"], []),
    (text("Muraho, é, 名前, <3 and a < b > c & d"), ["Muraho, é, 名前, <3 and a < b > c & d"], []),
    (code(data("text/html", TABLE)), ["bar", "0.05"], ["table", "thead", "th", "td"]),
    (code(data("text/html", "<h3>Result</h3><p>42 of <b>50</b></p>")), ["Result", "42 of", "50"], ["h3", "p", "b"]),
    (code(data("image/png", DOT)), [], ["img"]),
    (code(data("image/svg+xml", "<svg width='9' height='9'><circle r='9'/></svg>")), [], ["img"]),
    (code(data("text/html", "<div><svg width='9'><circle r='9'/></svg></div>")), [], ["img"]),
    (code(data("text/markdown", "**so** it $a_1*b$ is")), ["so", "$a_1*b$"], ["strong"]),
    (code(data("text/latex", "$\\frac{1}{2}$")), ["$\\frac{1}{2}$"], []),
    (code(data("text/plain", "array([1, 2])")), ["array([1, 2])"], ["pre"]),
    (code(stream("said \x1b[31mred\x1b[0m <loud>\n")), ["said", "red", "<loud>"], ["pre"]),
    (code(source="answer = [i for i in range(3)]  # why < because"), ["answer", "# why < because"], ["span"]),
    (code({"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["\x1b[0;31mNameError\x1b[0m: x <y>"]}),
     ["NameError", "x <y>"], ["pre"]),
    ({"cell_type": "raw", "source": "as it is <b>", "metadata": {}}, ["as it is <b>"], ["pre"]),
]  # fmt: skip
"""Content, what of it can be read on every page, and the elements that make it readable."""
