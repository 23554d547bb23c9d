"""A model card as HTML: its tables as tables, and nothing in it active."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import mistune
from markupsafe import Markup

PAGE_LEVELS = 2
"""Levels of headings that the page has above the card."""


class CardRenderer(mistune.HTMLRenderer):
    """Renders a card below the headings of its page; a link or a picture is its text, and markup is text."""

    def heading(self, text: str, level: int, **_attrs: Any) -> str:
        """Return a heading that continues those of the page."""
        return f"<h{min(level + PAGE_LEVELS, 6)}>{text}</h{min(level + PAGE_LEVELS, 6)}>\n"

    def link(self, text: str, *_where: Any, **_more: Any) -> str:
        """Return the text of a link."""
        return text

    def image(self, text: str, *_where: Any, **_more: Any) -> str:
        """Return the text of a picture."""
        return text


@lru_cache(maxsize=1)
def _parser() -> mistune.Markdown:
    return mistune.create_markdown(renderer=CardRenderer(escape=True), plugins=["table"])


def card_html(text: str) -> Markup:
    """Return the Markdown of a card as HTML."""
    return Markup(_parser()(text))  # noqa: S704 - the renderer escapes what the team wrote
