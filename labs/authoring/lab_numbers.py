"""Numbers of labs: each `lab.toml` says its own, and every text that names a lab gets the number from here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from labs.authoring.finding_report import english_finding

if TYPE_CHECKING:
    from labs.authoring.lab_spec import Lab

LABS = Path(__file__).resolve().parents[1]
REFERENCE = re.compile(r"\{lab:([a-z0-9-]*)\}")
"""How a text names another lab: `{lab:hide-the-person}` becomes the number that learners see."""
TRACKS = ("everyone", "technical", "capstone")


@lru_cache(maxsize=1)
def lab_numbers() -> dict[str, int]:
    """Return the number of every lab by its slug."""
    found = {}
    for path in sorted(LABS.glob("[0-9][0-9]-*/lab.toml")):
        try:
            found[path.parent.name[3:]] = int(tomllib.loads(path.read_text("utf-8")).get("number", 0))
        except (tomllib.TOMLDecodeError, ValueError):
            continue  # The lab's own check says so, with the line.
    return found


def referenced_labs(text: str) -> set[str]:
    """Return the slugs of the labs that a text names."""
    return set(REFERENCE.findall(text))


def with_numbers(text: str) -> str:
    """Return a text with every `{lab:slug}` replaced by that lab's number."""
    return REFERENCE.sub(lambda found: str(lab_numbers().get(found[1], found[0])), text)


def numbered_text(text: str, title: str, number: int, translated: str) -> str:
    """`translated`, with the lab's number before it if `text` is the lab's title or the heading with its title."""
    if not number:
        return translated
    if text == title:
        return f"{number} · {translated}"
    if text == f"# {title}":
        return f"# {number} · {translated.removeprefix('# ')}"
    return translated


def path_problems(lab: Lab) -> Iterator[tuple[str, int, str]]:
    """Yield errors in a lab's number, its prerequisites and the labs it names: (file, line, sentence)."""
    said = lab.facts.get("number")
    if said is not None and (not isinstance(said, int) or isinstance(said, bool) or not 1 <= said <= 99):
        yield (
            "lab.toml",
            _line(lab, "lab.toml", "number ="),
            english_finding("`number` is {said}. Write a number, 1 to 99.", said=repr(said)),
        )
        return
    if lab.facts.get("track", TRACKS[0]) not in TRACKS:
        where = _line(lab, "lab.toml", "track =")
        yield (
            "lab.toml",
            where,
            english_finding(
                "There is no track {track}. Known: {known}.",
                track=repr(lab.facts["track"]),
                known=", ".join(TRACKS),
            ),
        )
    others = {slug: number for slug, number in lab_numbers().items() if slug != lab.slug}
    for slug, number in others.items():
        if said == number:
            where = _line(lab, "lab.toml", "number =")
            yield (
                "lab.toml",
                where,
                english_finding(
                    "`number` is {said}, and the lab {slug} has this number already.", said=said, slug=slug
                ),
            )
    for slug in lab.builds_on:
        where = _line(lab, "lab.toml", "builds_on =")
        if slug not in others:
            yield (
                "lab.toml",
                where,
                english_finding(
                    "`builds_on` names {slug}, and there is no other lab of that name.", slug=repr(slug)
                ),
            )
        elif said and others[slug] >= said:
            yield (
                "lab.toml",
                where,
                english_finding("`builds_on` names {slug}, which comes later in the path.", slug=repr(slug)),
            )
    for file in ("lab.toml", "lab.py"):
        for slug in sorted(
            referenced_labs((lab.folder / file).read_text("utf-8")) - set(lab_numbers()) - {lab.slug}
        ):
            sentence = english_finding(
                "The text names the lab {slug}, and there is none of that name.", slug=repr(slug)
            )
            yield file, _line(lab, file, f"{{lab:{slug}}}"), sentence


def next_number() -> int:
    """Return the first number after all that are taken."""
    return max(lab_numbers().values(), default=0) + 1


def _line(lab: Lab, file: str, text: str) -> int:
    lines = (lab.folder / file).read_text("utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 0)
