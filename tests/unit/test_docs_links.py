"""The pages of docs/ and the front page name only files, modules and verbs that exist."""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from hub.command_line import VERBS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")) if path.is_file()
)
ROOMS = ("hub", "labs", "graders", "images", "bench", "tests")
EXAMPLES = ("labs/NN-slug", "labs/NN-*", "labs/20-my-lab", "hub/jupyterhub")
"""Paths that stand for others, or that are no paths: the image of stock JupyterHub."""

LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NUMBERS = {13: "thirteen", 19: "nineteen", 20: "twenty", 21: "twenty-one", 22: "twenty-two"}
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.*-]+(/[\w.*-]+)+/?|[\w.-]+/")
MODULE = re.compile(rf"\b(?:{'|'.join(ROOMS)})(?:\.\w+)+")
VERB = re.compile(r"\./isomo ([a-z][a-z-]*)")


@cache
def text_of(page: str) -> str:
    """Return a page's text."""
    return (ROOT / page).read_text("utf-8")


@cache
def tracked_paths() -> frozenset[str]:
    """Return every file of the repository and every folder that holds one."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    folders = {str(parent) for path in said for parent in Path(path).parents}
    return frozenset(said) | folders


def heading_anchors(text: str) -> set[str]:
    """Return the anchors that a page's headings get: small letters, hyphens for spaces, no punctuation."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(page: str, text: str) -> Iterator[str]:
    """Yield each link of a page that leads to no file, or to no heading of it."""
    for target in LINK.findall(FENCE.sub("", text)):
        name, _, anchor = target.partition("#")
        path = (ROOT / page).parent / name
        if "://" in target or (not anchor and path.exists()):
            continue
        there = text if not name else path.read_text("utf-8") if path.is_file() else ""
        if anchor not in heading_anchors(there):
            yield target


def missing_paths(text: str) -> Iterator[str]:
    """Yield each quoted path that begins with a top-level entry of the repository and names nothing in it."""
    top = {path for path in tracked_paths() if "/" not in path} - {".", ".isomo"}
    for quoted in QUOTED.findall(FENCE.sub("", text)):
        for word in quoted.split():
            path = word.removeprefix("./").rstrip("/")
            if not PATH.fullmatch(word) or path.partition("/")[0] not in top or path in EXAMPLES:
                continue
            if path not in tracked_paths() and not ("*" in path and any(ROOT.glob(path))):
                yield word


def missing_modules(text: str) -> Iterator[str]:
    """Yield each quoted module of ours that is neither a module nor a name in one."""
    for quoted in QUOTED.findall(FENCE.sub("", text)):
        for name in MODULE.findall(quoted):
            path = ROOT / name.replace(".", "/")
            owner, last = path.parent, path.name
            if path.is_dir() or path.with_suffix(".py").is_file():
                continue
            made = re.compile(rf"^(?:def |class )?{last}\b|^from .* import .*\b{last}\b", re.MULTILINE)
            sources = [owner.with_suffix(".py"), owner / "__init__.py"]
            if not any(source.is_file() and made.search(source.read_text("utf-8")) for source in sources):
                yield name


def unknown_verbs(text: str) -> Iterator[str]:
    """Yield each verb after `./isomo` that the front door does not know."""
    yield from (verb for verb in VERB.findall(text) if verb not in VERBS)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page: str) -> None:
    assert list(broken_links(page, text_of(page))) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_names_a_file_of_the_repository(page: str) -> None:
    assert list(missing_paths(text_of(page))) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_module_is_there(page: str) -> None:
    assert list(missing_modules(text_of(page))) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_verb_is_one_of_the_front_door(page: str) -> None:
    assert list(unknown_verbs(text_of(page))) == []


def test_what_is_wrong_is_found() -> None:
    """The search can fail: a link, a heading, a path, a module and a verb that are not there."""
    page = (
        "# One\n[a](nowhere.md) [b](#two) [c](#one) `hub/nothing.py` `hub/command_line.py` `graders.nowhere` `hub.command_line`\n"
        "```\n./isomo fly\n```\n"
    )
    assert list(broken_links("README.md", page)) == ["nowhere.md", "#two"]
    assert list(missing_paths(page)) == ["hub/nothing.py"]
    assert list(missing_modules(page)) == ["graders.nowhere"]
    assert list(unknown_verbs(page)) == ["fly"]


def wanted_places(text: str) -> Iterator[tuple[str, str]]:
    """Yield both cells of each row of the tables that lead from a wish to a file."""
    inside = False
    for line in text.splitlines():
        wish, place = (*(cell.strip() for cell in line.split("|")[1:3]), "", "")[:2]
        inside = wish == "you want to" or (inside and line.startswith("|"))
        if inside and wish not in ("you want to", "---"):
            yield wish, place


def lost_in_row(place: str) -> Iterator[str]:
    """Yield what a row names that is not there: a file by its bare name, a constant of the files that the row names."""
    quoted = QUOTED.findall(place)
    paths = [word.rstrip("/") for word in quoted if "/" in word]
    text = "".join((ROOT / path).read_text("utf-8") for path in paths if (ROOT / path).is_file())
    names = {Path(path).name for path in tracked_paths()}
    for word in quoted:
        if re.fullmatch(r"[\w-]+\.[a-z]+", word) and word not in names:
            yield word
        if re.fullmatch(r"[A-Z]\w+", word) and not re.search(rf"^(?:class )?{word}\b", text, re.MULTILINE):
            yield word


def test_each_wish_of_a_developer_leads_to_files_that_exist() -> None:
    """A row without a path leads nowhere."""
    rows = dict(wanted_places(text_of("docs/developer.md")))
    assert len(rows) > 30
    assert [wish for wish, place in rows.items() if not re.search(r"`[^`\n]*/", place)] == []
    assert {wish: lost for wish, place in rows.items() if (lost := list(lost_in_row(place)))} == {}


def test_a_row_that_leads_nowhere_is_found() -> None:
    page = "| you want to | go to |\n|---|---|\n| fly | `WINGS` in `hub/command_line.py`, `wings.py` |\n\n| x | `no` |\n"
    assert list(wanted_places(page)) == [("fly", "`WINGS` in `hub/command_line.py`, `wings.py`")]
    assert list(lost_in_row("`WINGS` in `hub/command_line.py`, `wings.py`, `VERBS`, `command_line.py`")) == [
        "WINGS",
        "wings.py",
    ]


def test_the_front_page_shows_pictures_that_load_on_a_slow_line() -> None:
    """Two pictures, 1280 pixels wide, at most 150 kB each; docs/pictures/make_pictures.py makes them."""
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", text_of("README.md"))
    assert len(shown) == 2
    for name in shown:
        content = (ROOT / name).read_bytes()
        assert struct.unpack(">I", content[16:20]) == (1280,), name
        assert len(content) <= 150_000, name


@pytest.mark.parametrize("page", ["README.md", "docs/roadmap.md", "CHANGELOG.md"])
def test_pages_count_the_labs_that_there_are(page: str) -> None:
    there = len(list((ROOT / "labs").glob("[0-9][0-9]-*/lab.toml")))
    said = re.findall(r"\b(\w+teen|twenty\S*) labs\b", text_of(page), re.IGNORECASE)
    assert {word.lower() for word in said} == {NUMBERS[there]}


def test_decisions_are_numbered_once_and_say_their_number() -> None:
    """A decision is named by its number everywhere, so two with one number would be one too many."""
    files = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    for name in files:
        first = text_of(f"docs/decisions/{name}").partition("\n")[0]
        assert re.match(r"# 0*(\d+)\.? ", first)[1] == str(int(name[:4])), name  # type: ignore[index]
