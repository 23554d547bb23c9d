"""Output of the kit: HTML for the eye, and the same as plain text for everything else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

NUMBER = re.compile(r"[^\w\s]?\s*\d[\d\s.,:/\u202f–-]*(?:[^\W\d_]{1,4}\.?|%)?")
"""A figure, with its sign, its unit or its percent."""
TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
COLOURS = {
    "passed": ("#0b6b4f", "#e8f5f0"),
    "not-yet": ("#8a4b00", "#fdf3e4"),
    "not-attempted": ("#44546a", "#eef1f5"),
    "could-not-check": ("#5b3a8c", "#f2eef8"),
    "note": ("#1f5a94", "#eaf2fa"),
}
"""Border and ground by outcome: over 4.5 to 1 on white, and told apart without colour by their first words."""
LETTER = (
    '<div style="white-space:pre-wrap;overflow-wrap:anywhere;max-width:46em;padding:.6em .9em;margin:.5em 0;'
    'border:1px solid #c8ccd2;border-radius:3px;background:#fff;color:#1b1b1b;line-height:1.7">{}</div>'
)
MARK = (
    '<mark style="background:#ffe08a;color:#1b1b1b;border-bottom:2px solid #8a4b00;padding:0 .1em">{}</mark>'
    '<small style="color:#6b3a00;font-weight:600"> ‹{}›</small>'
)
INLINE = [
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w*])\*(?!\s)([^*]+?)\*(?![\w*])"), r"<em>\1</em>"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
]


@dataclass(frozen=True)
class Shown:
    """Something to show: `html` where it can be drawn, `text` where it is read."""

    html: str
    text: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    def __str__(self) -> str:
        return self.text

    def __add__(self, other: Shown) -> Shown:
        return Shown(self.html + other.html, f"{self.text}\n{other.text}".strip())


def rich(text: str) -> str:
    """Return a sentence with **strong**, *soft* and `code` words as HTML; nothing else in it can be markup."""
    made = html.escape(text, quote=True)
    for pattern, replacement in INLINE:
        made = pattern.sub(replacement, made)
    return made.replace("\n\n", "<br><br>")


def bare(text: str) -> str:
    """Return the same sentence without its marks."""
    for pattern, _ in INLINE:
        text = pattern.sub(r"\1", text)
    return text


def paragraph(text: str) -> Shown:
    """Return one sentence."""
    return Shown(f'<p style="margin:.4em 0;max-width:46em">{rich(text)}</p>', bare(text))


def panel(kind: str, sentences: Iterable[str], more: str = "", more_text: str = "") -> Shown:
    """Return sentences in a box whose colour says how it went. `more` is HTML that we make."""
    said = list(sentences)
    line, ground = COLOURS[kind]
    style = (
        f"border-left:5px solid {line};background:{ground};color:#1b1b1b;padding:.5em .9em;margin:.4em 0;"
        "max-width:46em;line-height:1.5;border-radius:3px;overflow-wrap:anywhere"
    )
    body = "".join(f'<p style="margin:.25em 0">{rich(one)}</p>' for one in said)
    text = "\n".join([*(bare(one) for one in said), *([more_text] if more_text else [])])
    return Shown(f'<div style="{style}">{body}{more}</div>', text)


def folded(summary: str, lines: Iterable[str]) -> Shown:
    """Return a box of plain text lines, closed until its summary is opened; in text they are there, below it."""
    plain = TERMINAL_COLOUR.sub("", "\n".join(lines)).strip()
    body = f'<pre style="white-space:pre-wrap;overflow-x:auto;font-size:.85em">{html.escape(plain)}</pre>'
    head = html.escape(summary)
    return Shown(f"<details><summary>{head}</summary>{body}</details>", f"{summary}:\n{plain}")


def marked(text: str, pieces: Iterable[tuple[int, int, str]]) -> Shown:
    """Return a text with some of its pieces marked: `(begin, end, word)`, where `word` comes after the piece.

    Of pieces that overlap, the one that begins first is marked, else the longer one.
    """
    made, plain, at = "", "", 0
    for begin, end, word in sorted(pieces, key=lambda piece: (piece[0], -piece[1])):
        if begin < at or end <= begin:
            continue
        made += html.escape(text[at:begin]) + MARK.format(html.escape(text[begin:end]), html.escape(word))
        plain += f"{text[at:begin]}[{text[begin:end]}: {word}]"
        at = end
    return Shown(LETTER.format(made + html.escape(text[at:])), plain + text[at:])


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Shown:
    """Return a small table: columns of numbers to the right, words to the left; readable as text too."""
    body = [[str(cell) for cell in row] for row in rows]
    names = [str(name) for name in head]
    sides = ["right" if n and _is_numbers(row[n] for row in body) else "left" for n in range(len(names))]
    cell = "padding:.25em .7em;text-align:{};border-bottom:1px solid #c8ccd2;vertical-align:top"
    lines = "".join(
        "<tr>"
        + "".join(f'<td style="{cell.format(sides[n])}">{html.escape(one)}</td>' for n, one in enumerate(row))
        + "</tr>"
        for row in body
    )
    top = "".join(
        f'<th scope="col" style="{cell.format(sides[n])};font-weight:600">{html.escape(name)}</th>'
        if name.strip()
        else "<td></td>"
        for n, name in enumerate(names)
    )
    made = (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:.5em 0;font-size:.95em">'
        f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>"
    )
    return Shown(made, _as_text([names, *body], sides))


def _is_numbers(column: Iterable[str]) -> bool:
    """Return whether a column holds numbers: no word in it is longer than a unit, and a digit is in most cells."""
    cells = [text for text in column if text.strip(" -–—…?")]
    return bool(cells) and sum(bool(NUMBER.fullmatch(text.strip())) for text in cells) * 2 > len(cells)


def _as_text(rows: list[list[str]], sides: list[str]) -> str:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            text.ljust(width) if sides[n] == "left" else text.rjust(width)
            for n, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
