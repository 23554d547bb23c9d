"""The files of a lab's draft: what a trainer uploads, checked by name and size; the starter; facts in lab.toml."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from hub.campus.file_bundles import is_plain, unpack_files
from hub.campus.problem_codes import Problem
from hub.isomo_settings import CHECKOUT
from hub.memory_sizes import Size

TEMPLATE = CHECKOUT / "labs" / "authoring" / "template"
LARGEST_FOLDER = Size.parse("2 MB")
MOST_FILES = 200
LARGEST_TEXT = 256_000
"""Bytes of a file that the editor opens."""
LAB_FILES = (
    *("lab.toml", "lab.py", "checks.py", "judge.py", "mutants.py"),
    *("shared.py", "probe.py", "hidden.py", "hidden.json"),
)
CATALOGUE = re.compile(r"locale/[a-z]{2}\.po")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 60
LONGEST_TITLE = 120
MOST_MINUTES = 600
LANGUAGES = ("en", "fr", "rw")
"""Languages in which a lab can be built."""
RUBBISH = ("__pycache__", "__MACOSX", ".DS_Store", ".ipynb_checkpoints", "Thumbs.db")
"""Names that operating systems and editors add; such files are left out."""


@dataclass(frozen=True)
class LabFacts:
    """Title, minutes and languages of a draft, as its lab.toml says; empty if it cannot be read."""

    title: str = ""
    minutes: int = 0
    languages: tuple[str, ...] = LANGUAGES
    is_readable: bool = True


def check_name(lab: str) -> None:
    """Raise Problem for a name that a draft cannot have."""
    if len(lab) > LONGEST_NAME or not NAME.fullmatch(lab):
        raise Problem("bad-draft-name", {"name": lab[:80]})


def uploaded_files(uploads: Sequence[tuple[str, bytes]]) -> tuple[dict[str, bytes], bool]:
    """Return the files of an upload, and whether they are a whole folder (a zip) or single ones.

    Raises Problem, naming the file, for what does not belong to a lab or is too large.
    """
    is_folder = len(uploads) == 1 and uploads[0][0].lower().endswith(".zip")
    found = _without_top(_unpacked(uploads[0][1])) if is_folder else _single(uploads)
    check_files(found)
    return found, is_folder


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        return unpack_files(content, LARGEST_FOLDER)
    except Problem as problem:
        if problem.code == "too-large":
            raise Problem("draft-too-large", {"limit": LARGEST_FOLDER, "most": MOST_FILES}) from problem
        if problem.code == "bad-zip":
            raise Problem("bad-draft-zip") from problem
        raise


def _without_top(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files without the one folder that holds all of them, and without what no author put there."""
    kept = {name: data for name, data in files.items() if not _is_rubbish(name)}
    tops = {name.partition("/")[0] for name in kept}
    if len(tops) == 1 and all("/" in name for name in kept) and not tops & {"files", "locale"}:
        return {name.partition("/")[2]: data for name, data in kept.items()}
    return kept


def _single(uploads: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for given, data in uploads:
        name = PurePosixPath(given.replace("\\", "/")).name
        found[
            f"locale/{name}" if name.endswith(".po") else name if name in LAB_FILES else f"files/{name}"
        ] = data
    return found


def _is_rubbish(name: str) -> bool:
    return any(part in RUBBISH or part.startswith("._") for part in PurePosixPath(name).parts)


def check_files(files: Mapping[str, bytes]) -> None:
    """Raise Problem for files that are no lab's, are too many, too large, or are no text where text has to be."""
    if len(files) > MOST_FILES or sum(map(len, files.values())) > LARGEST_FOLDER:
        raise Problem("draft-too-large", {"limit": LARGEST_FOLDER, "most": MOST_FILES})
    for name, data in files.items():
        check_file_name(name)
        if not name.startswith("files/") and text_of(data) is None:
            raise Problem("draft-file-no-text", {"file": name})


def check_file_name(name: str) -> None:
    """Raise Problem for a path that is not a lab's."""
    is_known = name in LAB_FILES or bool(CATALOGUE.fullmatch(name)) or name.startswith("files/")
    hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
    if not is_known or hidden or not is_plain(name) or name.endswith("/") or "//" in name:
        raise Problem("not-a-lab-file", {"file": name[:80], "known": ", ".join(LAB_FILES)})


def text_of(data: bytes) -> str | None:
    """Return a file as text; None if it is none, or too large to be edited in a page."""
    if len(data) > LARGEST_TEXT and not data.startswith(b"{"):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def starter_files(lab: str, title: str) -> dict[str, bytes]:
    """Return the folder of a small lab that works, under its own name and title."""
    found = {}
    for path in sorted(TEMPLATE.iterdir()):
        if path.is_file():
            text = path.read_text("utf-8").replace("FOLDER", lab)
            found[path.name] = re.sub(r"\bSLUG\b", lab, text).encode()
    found["lab.toml"] = re.sub(
        rb"(?m)^# Learners see it before.*\n^number = NUMBER\n", b"", found["lab.toml"]
    )
    return with_facts(found, LabFacts(title, 20, ("en",)))


def read_facts(files: Mapping[str, bytes]) -> LabFacts:
    """Return title, minutes and languages of a draft."""
    try:
        facts: dict[str, Any] = tomllib.loads(files.get("lab.toml", b"").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return LabFacts(is_readable=False)
    named, minutes = facts.get("languages"), facts.get("minutes", 0)
    languages = tuple(each for each in LANGUAGES if not isinstance(named, list) or each in named)
    is_number = isinstance(minutes, int) and not isinstance(minutes, bool)
    return LabFacts(str(facts.get("title", ""))[:LONGEST_TITLE], minutes if is_number else 0, languages)


def with_facts(files: Mapping[str, bytes], facts: LabFacts) -> dict[str, bytes]:
    """Return a draft's files with another title, other minutes and languages in lab.toml, and the title in lab.py.

    Raises Problem if they do not fit, or if lab.toml cannot be read.
    """
    title = " ".join(facts.title.split())
    if not title or len(title) > LONGEST_TITLE or not 1 <= facts.minutes <= MOST_MINUTES:
        raise Problem("bad-lab-facts", {"most": MOST_MINUTES, "letters": LONGEST_TITLE})
    before = read_facts(files)
    if not before.is_readable or "lab.toml" not in files:
        raise Problem("lab-toml-unreadable")
    languages = ["en", *(each for each in facts.languages if each in LANGUAGES[1:])]
    text = files["lab.toml"].decode()
    for key, value in (("title", title), ("minutes", facts.minutes), ("languages", languages)):
        text = _with_line(text, key, json.dumps(value, ensure_ascii=False))
    made = {**files, "lab.toml": text.encode()}
    if read_facts(made) != LabFacts(title, facts.minutes, tuple(languages)):
        raise Problem("lab-toml-unreadable")
    if "lab.py" in made and before.title:
        made["lab.py"] = made["lab.py"].replace(
            f"\n# # {before.title}\n".encode(), f"\n# # {title}\n".encode(), 1
        )
    return made


def _with_line(text: str, key: str, value: str) -> str:
    """Return lab.toml with one of its first keys set; what comes after the first table stays as it is."""
    begun = re.search(r"(?m)^\s*\[", text)
    head, rest = (text[: begun.start()], text[begun.start() :]) if begun else (text, "")
    line = f"{key} = {value}"
    changed, count = re.subn(rf"(?m)^{key}\s*=.*$", lambda _: line, head, count=1)
    return (changed if count else f"{line}\n{head}") + rest
