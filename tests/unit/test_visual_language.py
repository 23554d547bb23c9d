"""The page on the visual language has the values of the sheets that pages use."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "visual-language.md"
CAMPUS = ROOT / "hub" / "campus" / "web" / "static" / "campus.css"
HUB = ROOT / "hub" / "hub_process" / "templates" / "base.html"
TOKEN = re.compile(r"(--[a-z-]+):\s*(#[0-9a-f]{3,6})")
ROW = re.compile(r"(?m)^\| `(--[a-z-]+)` \|[^|]*\| `(#[0-9a-f]+)` \| `(#[0-9a-f]+)` \|$")


def schemes(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return a sheet's colours in the light, and those in the dark."""
    light, _, dark = text.partition("prefers-color-scheme: dark")
    first = dict(TOKEN.findall(light))
    return first, first | dict(TOKEN.findall(dark.split("* { box-sizing", 1)[0]))


def documented() -> tuple[dict[str, str], dict[str, str]]:
    rows = ROW.findall(PAGE.read_text("utf-8"))
    return {name: light for name, light, _ in rows}, {name: dark for name, _, dark in rows}


def test_the_page_has_every_colour_of_the_campus_in_both_schemes() -> None:
    assert documented() == schemes(CAMPUS.read_text("utf-8"))


def test_the_hubs_pages_have_the_same_colours() -> None:
    for ours, written in zip(schemes(HUB.read_text("utf-8")), documented(), strict=True):
        assert ours.items() <= written.items()
