"""Every sentence of a lab through gettext: what there is to translate, and catalogues in `locale/LANG.po`."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from labs.authoring.finding_report import Report, english_finding
from labs.authoring.lab_numbers import LABS, lab_numbers, numbered_text, referenced_labs, with_numbers
from labs.authoring.lab_spec import Lab
from labs.kit.kit_sentences import LANGUAGES as KNOWN

LANGUAGES = tuple(KNOWN)
COMPLETE = ("fr",)
"""Languages in which every sentence has to be there; in others English is shown."""
SHOWN = {"title", "ask", "text", "nudge", "aimed", "worked", "fields"}
FENCE = re.compile(r"^(```|~~~)", re.MULTILINE)
Translate = Callable[[str], str]


def markdown_blocks(markdown: str) -> list[str]:
    """Return the paragraphs of a text, each a separate message; a fenced block is one whatever it holds."""
    found: list[str] = []
    fenced = False
    for part in re.split(r"\n\s*\n", markdown):
        if fenced:
            found[-1] += "\n\n" + part
        else:
            found.append(part)
        fenced ^= len(FENCE.findall(part)) % 2 == 1
    return [unwrap_block(piece) for part in found for piece in _headed(part.strip("\n")) if piece.strip()]


def _headed(part: str) -> list[str]:
    """A heading apart from the paragraph right below it."""
    first, _, rest = part.partition("\n")
    return [first, *_headed(rest)] if first.startswith("#") and rest else [part]


def unwrap_block(part: str) -> str:
    """Return a paragraph or list on as few lines as it can have: where the author's editor broke it means nothing."""
    lines: list[str] = []
    for line in part.splitlines():
        begins = bool(re.match(r"\s*([-*+] |\d+[.)] |[#|>]|```|~~~)", line))
        if not lines or begins or FENCE.search(part) or lines[-1].lstrip().startswith(("|", "#")):
            lines.append(line.rstrip())
        else:
            lines[-1] += " " + line.strip()
    return "\n".join(lines)


def translate_markdown(markdown: str, translate: Translate) -> str:
    """Return a text, paragraph by paragraph."""
    return "\n\n".join(translate(part) for part in markdown_blocks(markdown))


def lab_sentences(lab: Lab) -> Iterator[tuple[str, str, int]]:
    """Everything to translate: (sentence, file, line)."""
    lines = (lab.folder / "lab.toml").read_text("utf-8").splitlines()
    for text in _texts(lab.facts, ""):
        first = text.strip().splitlines()[0]
        line = _line(lines, first)
        for part in markdown_blocks(text):
            yield part, "lab.toml", line
    for cell in lab.cells:
        if cell.markdown and not cell.is_manual:
            for part in markdown_blocks(cell.source):
                yield part, "lab.py", cell.line


def _line(lines: list[str], first: str) -> int:
    """Return the line of a text: after a quotation mark or at a line's start, else anywhere; 0 if not found."""
    holding = [(number, one) for number, one in enumerate(lines, 1) if first in one]
    begun = [number for number, one in holding if f'"{first}' in one or one.strip().startswith(first)]
    return (begun or [number for number, _ in holding] or [0])[0]


def _texts(found: Any, key: str) -> Iterator[str]:
    if isinstance(found, dict):
        for name, value in found.items():
            if name in ("objective", "lines"):
                continue
            if name == "says" and isinstance(value, str):
                continue  # An option's key, not a sentence.
            yield from _texts(value, key if key in ("says", "words") else name)
    elif isinstance(found, list):
        for value in found:
            yield from _texts(value, key)
    elif isinstance(found, str) and found.strip() and key in SHOWN | {"says", "words"}:
        yield found


@lru_cache(maxsize=64)
def lab_catalogue(folder: Path, language: str) -> dict[str, str]:
    """Return sentences in `language`, by their English; fuzzy ones are not shown."""
    path = folder / "locale" / f"{language}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        read = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in read if m.id and m.string and not m.fuzzy}


def lab_translator(lab: Lab, language: str) -> Translate:
    """Return a function from an English sentence to `language`, English if there is none.

    It puts the numbers of labs in: before the lab's own title, and in the place of `{lab:slug}`.
    """
    known, title = lab_catalogue(lab.folder, language), str(lab.facts["title"])
    return lambda text: with_numbers(numbered_text(text, title, lab.number, known.get(text, text)))


def title_of(slug: str, language: str) -> str:
    """Return the title of a lab with its number, in `language`; empty if there is no such lab."""
    folder = next((path.parent for path in LABS.glob(f"[0-9][0-9]-{slug}/lab.toml")), None)
    if folder is None:
        return ""
    title = str(tomllib.loads((folder / "lab.toml").read_text("utf-8"))["title"])
    return numbered_text(
        title, title, lab_numbers().get(slug, 0), lab_catalogue(folder, language).get(title, title)
    )


def languages_of(lab: Lab) -> tuple[str, ...]:
    """Return the languages in which a lab is released: those that lab.toml names, else all."""
    named = lab.facts.get("languages")
    return tuple(each for each in LANGUAGES if named is None or each in named)


def missing_translations(lab: Lab, report: Report) -> None:
    """Note what has to be translated and is not, and translations that lost a `{fact}` or changed code."""
    named = lab.facts.get("languages", list(LANGUAGES))
    if not isinstance(named, list) or "en" not in named or not set(map(str, named)) <= set(LANGUAGES):
        known = ", ".join(LANGUAGES)
        lines = (lab.folder / "lab.toml").read_text("utf-8").splitlines()
        where = next((number for number, one in enumerate(lines, 1) if one.startswith("languages")), 0)
        report.add(
            "lab.toml",
            where,
            english_finding("`languages` is a list with en and others of {known}.", known=known),
        )
        return
    for language in languages_of(lab)[1:]:
        known, seen = lab_catalogue(lab.folder, language), set[str]()
        for text, file, line in lab_sentences(lab):
            if text in seen:
                continue
            seen.add(text)
            if text not in known:
                if language in COMPLETE and not lab.is_draft:
                    report.add(
                        file,
                        line,
                        english_finding(
                            "Not translated to {language}: {text}.", language=language, text=repr(text[:60])
                        ),
                    )
                continue
            if _facts(text) != _facts(known[text]):
                report.add(
                    f"locale/{language}.po",
                    0,
                    english_finding("Other {{facts}} than in English: {text}.", text=repr(known[text][:60])),
                )
            if referenced_labs(text) != referenced_labs(known[text]):
                report.add(
                    f"locale/{language}.po",
                    0,
                    english_finding("Other labs than in English: {text}.", text=repr(known[text][:60])),
                )
            if _code(text) != _code(known[text]):
                report.add(
                    f"locale/{language}.po",
                    0,
                    english_finding("A code block was changed: {text}.", text=repr(known[text][:60])),
                )


def _facts(text: str) -> set[str]:
    return set(re.findall(r"(?<!\{)\{(\w+)\}", text))


def _code(text: str) -> list[str]:
    return re.findall(r"```.*?```", text, re.DOTALL)


def update_catalogue(lab: Lab, language: str) -> tuple[int, int]:
    """Bring `locale/LANG.po` up to date with the source; the answer is (translated, all)."""
    path = lab.folder / "locale" / f"{language}.po"
    template = Catalog(project=lab.slug, fuzzy=False)
    for text, file, line in lab_sentences(lab):
        template.add(text, locations=[(file, line)])
    old = Catalog(locale=language)
    if path.is_file():
        with path.open("rb") as file:
            old = read_po(file, locale=language)
    old.fuzzy = False
    old.update(template, no_fuzzy_matching=True)
    old.obsolete.clear()
    made = io.BytesIO()
    write_po(made, old, width=100, omit_header=True)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(_header(language) + made.getvalue())
    lab_catalogue.cache_clear()
    said = [message for message in old if message.id]
    return sum(bool(message.string) for message in said), len(said)


def _header(language: str) -> bytes:
    note = "# Kinyarwanda: not reviewed by a native speaker; only sure words.\n" if language == "rw" else ""
    lines = [f"Language: {language}", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
    lines.append("Content-Transfer-Encoding: 8bit")
    return (note + 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n").encode()
