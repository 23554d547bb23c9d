"""The labs that were built on this machine, ready to be released."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.campus.problem_codes import Problem
from hub.store.course_store import Before, Courses, Lab


@dataclass(frozen=True)
class Built:
    """One built lab. `title` is by language; files are by relative path."""

    slug: str
    version: str
    title: dict[str, str]
    minutes: int
    tasks: list[Any]
    track: str
    number: int
    folder: Path
    objectives: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = ()
    """Short names of the labs that come before it."""

    def named(self, language: str) -> str:
        """The title in `language`, else in English, else the slug."""
        return self.title.get(language) or self.title.get("en") or self.slug

    def release_files(self) -> dict[str, bytes]:
        """Return the files that learners get, a folder for each language."""
        return _files(self.folder / "release")

    def source_files(self) -> dict[str, bytes]:
        """Return the files that the grader gets."""
        return _files(self.folder / "source")


def facts_for_lists(lab: Built, known: Iterable[Built | Lab]) -> dict[str, Any]:
    """Return what a release keeps of a lab for every list that names it; `known` has the titles of other labs."""
    titles = {each.slug if isinstance(each, Built) else each.lab: each.title for each in known}
    before = tuple(Before(slug, titles.get(slug, {})) for slug in lab.builds_on)
    return {"number": lab.number, "track": lab.track, "builds_on": before}


def complete_releases(folder: Path, courses: Courses) -> None:
    """Give releases from before tracks were kept the number, track and prerequisites of the built lab below `folder`.

    The files that learners have are not touched. A trainer's own lab keeps what its author said.
    """
    if not (wanted := courses.without_track()):
        return
    known = built_labs(folder)
    for built in known:
        if built.slug in wanted and built.track:
            courses.complete(built.slug, **facts_for_lists(built, known))


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def built_labs(folder: Path) -> list[Built]:
    """Every built lab below `folder`; of each the version that was built last."""
    newest: dict[str, Path] = {}
    for file in sorted(folder.glob("*/*/lab.json"), key=lambda path: path.stat().st_mtime):
        newest[file.parent.parent.name] = file
    return sorted(
        (_built(file) for file in newest.values()), key=lambda lab: (lab.number == 0, lab.number, lab.slug)
    )


def _built(file: Path) -> Built:
    return built_from(json.loads(file.read_text("utf-8")), file.parent)


def built_from(said: dict[str, Any], folder: Path) -> Built:
    """Return a built lab by what its lab.json says."""
    return Built(
        slug=said["slug"],
        version=said["version"],
        title=said["title"],
        minutes=int(said.get("minutes", 0)),
        tasks=said.get("tasks", []),
        track=str(said.get("track", "")),
        number=int(said.get("number", 0)),
        folder=folder,
        objectives=_objectives(said.get("objectives", [])),
        builds_on=_names(said.get("builds_on", [])),
    )


def _names(said: Any) -> tuple[str, ...]:
    return tuple(str(each)[:100] for each in said) if isinstance(said, list) else ()


def _objectives(said: Any) -> tuple[str, ...]:
    """Return what learners can do after a lab, one sentence each, as its author wrote them."""
    rows = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
    return tuple(str(each["text"]) for each in rows if each.get("text"))


def find_built(folder: Path, slug: str) -> Built:
    """The built lab called `slug`. Raises Problem where there is none."""
    for lab in built_labs(folder):
        if lab.slug == slug:
            return lab
    raise Problem("unknown-lab", {"lab": slug})
