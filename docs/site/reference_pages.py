"""Pages of reference that are made from the code: settings, verbs, audit actions, the engine's sentences."""

from __future__ import annotations

import json
import os
import re
import string
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from graders.contract.message_keys import FRAMES, SENTENCES, Sentence
from graders.contract.message_words import message_catalogue
from hub.campus.web.audit_words import ACTIONS
from hub.command_line import VERBS
from hub.isomo_settings import Settings, advice_for
from hub.verb_options import help_text

ROOT = Path(__file__).resolve().parents[2]
WIDTH = "100"
"""Columns of a verb's help; argparse would take the terminal's."""


def cell(text: str) -> str:
    """Return text for one cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(cell, row))} |" for row in lines)


def fields_of(model: type[BaseModel], where: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the place of every setting of a model, those of its sections included."""
    for name, field in model.model_fields.items():
        inner = [each for each in (field.annotation, *get_args(field.annotation)) if is_section(each)]
        if inner:
            yield from fields_of(inner[0], (*where, name))
        else:
            yield *where, name


def is_section(annotation: Any) -> bool:
    """Whether a field holds settings of its own."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def shown_defaults(example: str) -> dict[str, Any]:
    """Return the example file's settings: of most the default, of folders and files an example."""
    return tomllib.loads(re.sub(r"^#:? (?=\[|\w+ = )", "", example, flags=re.MULTILINE))


def at(values: Any, where: tuple[str, ...]) -> str:
    """Return one value as it is written in the file; nothing if it has no default."""
    for step in where:
        values = values.get(step) if isinstance(values, dict) else None
    return "" if values is None else f"`{json.dumps(values, ensure_ascii=False)}`"


def settings_page() -> str:
    """Return the settings as the example file shows them, and what each must be."""
    example = (ROOT / "isomo.toml.example").read_text("utf-8")
    shown = shown_defaults(example)
    places = list(fields_of(Settings))
    rows = [(f"`{'.'.join(each)}`", at(shown, each), advice_for(list(each))) for each in places]
    return (
        "# Settings\n\nEvery setting of `isomo.toml`. The page for administrators says when to change which.\n\n"
        f"{table(('setting', 'default or example', 'what it must be'), rows)}\n\n"
        f"## The whole file\n\n```toml\n{example}```\n"
    )


@contextmanager
def english_terminal() -> Iterator[None]:
    """Let help be in English and as wide as a page, whatever terminal this is."""
    before = dict(os.environ)
    os.environ.update(COLUMNS=WIDTH, LANGUAGE="en", LC_ALL="C.UTF-8")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def verb_section(verb: str, does: str) -> str:
    """Return one verb's heading and help."""
    return f"## {verb}\n\n```text\n{help_text(verb, does).strip()}\n```"


def verbs_page() -> str:
    """Return every verb with its help, in English."""
    with english_terminal():
        parts = [verb_section(verb, does) for verb, (_, does) in VERBS.items()]
    return "# Verbs\n\nWhat `./isomo VERB --help` says.\n\n" + "\n\n".join(parts) + "\n"


def audit_page() -> str:
    """Return the codes of the audit log and how pages word them."""
    rows = [(f"`{code}`", words) for code, words in sorted(ACTIONS.items())]
    return (
        "# Audit actions\n\nThe codes that the audit log keeps and exports, and their words on pages.\n\n"
        f"{table(('code', 'words'), rows)}\n"
    )


def messages_page() -> str:
    """Return the keys of what graded work says, with their sentences in English and French."""
    rows = [
        (f"`{key}`", each.when, f"`{name}`" if (name := ", ".join(fact_names(each))) else "", each.many or each.one,
         french_sentence(each))
        for key, each in SENTENCES.items()
    ]  # fmt: skip
    frames = [(f"`{key}`", each.when) for key, each in FRAMES.items()]
    return (
        "# Messages of the engine\n\nWhat graded work says in place of a result. Results hold a key and facts, "
        "and each page words them for its reader: `graders/contract/message_keys.py` has them, "
        "`graders/contract/locale` the translations. Words in braces are facts.\n\n"
        f"{table(('key', 'when', 'facts', 'English', 'French'), rows)}\n\n"
        "## Keys without words\n\nThese carry other messages, or words that are not the engine's.\n\n"
        f"{table(('key', 'what it carries'), frames)}\n"
    )


def fact_names(sentence: Sentence) -> list[str]:
    """Return the names of the facts that a sentence needs."""
    return sorted({name for _, name, *_ in string.Formatter().parse(sentence.one) if name})


def french_sentence(sentence: Sentence) -> str:
    """Return a sentence as the French catalogue has it."""
    words = message_catalogue("fr")
    return words.ngettext(sentence.one, sentence.many, 2) if sentence.many else words.gettext(sentence.one)


PAGES = {
    "settings": settings_page,
    "verbs": verbs_page,
    "audit-actions": audit_page,
    "messages": messages_page,
}
