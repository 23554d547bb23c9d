"""A lab in a learner's home: put there, switched to another language, corrected, reset, and none of it loses work."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.kit.home_files import Home, as_json, read_json, write_aside
from labs.kit.kit_sentences import LANGUAGES, N_, kit_sentence
from labs.kit.lab_facts import ANSWERS
from labs.kit.lab_notebooks import main_names
from labs.kit.lab_texts import NAME as TEXTS
from labs.kit.own_words import is_blank
from labs.kit.run_cells import read_notebook, text_of

CORRECTED = N_(
    "This lab was corrected. Everything you wrote was carried over; your notebook as it was before is next to it "
    "as {name}."
)
MOST_COPIES = 14


@dataclass(frozen=True)
class Place:
    """One lab in one home."""

    home: Home
    slug: str

    @property
    def folder(self) -> Path:
        """Return the folder in which the learner works."""
        return self.home.lab(self.slug)

    @property
    def notebook(self) -> Path:
        """Return the notebook in which the learner works; the first if there are several."""
        own = self.home.notebook(self.slug)
        return own if own.is_file() else self.folder / self.notebooks[0]

    @property
    def notebooks(self) -> list[str]:
        """Names of the notebooks that are opened and handed in: one, or those of a lab of several."""
        found = self._released_notebooks()
        names = main_names({path.name: path.read_bytes() for path in found}, self.slug)
        return names or [f"{self.slug}.ipynb"]

    def _released_notebooks(self) -> list[Path]:
        return sorted(path for path in (self.kept / "release").glob("*.ipynb") if path.is_file())

    @property
    def kept(self) -> Path:
        """Return the folder of what we keep of this lab, out of the learner's way."""
        return self.home.place(self.slug)

    @property
    def facts(self) -> dict[str, Any]:
        """course, version, language; empty if the lab was never fetched."""
        return read_json(self.kept / "place.json")

    @property
    def is_there(self) -> bool:
        """Return whether the lab was fetched and its notebooks are at home."""
        if not all((self.folder / path.name).is_file() for path in self._released_notebooks()):
            return False
        fetched = (self.folder / TEXTS).is_file() or not (self.kept / "release" / TEXTS).is_file()
        return self.notebook.is_file() and fetched and bool((self.folder / TEXTS).is_file() or self.facts)

    def begin(self, course: str, version: str, language: str, files: Mapping[str, bytes]) -> None:
        """Put a fetched lab into the home. A notebook that is there already stays as it is."""
        for name, content in files.items():
            if not _is_inside(name):
                continue
            write_aside(self.kept / "release" / name, content)
            if name != ANSWERS and not (self.folder / name).exists():
                write_aside(self.folder / name, content)
        self._note(course, version, language)

    def belongs_to(self, course: str) -> None:
        """Work is handed in to the course that the lab was opened for last."""
        facts = self.facts
        if facts.get("course") != course:
            self._note(course, str(facts.get("version", "")), str(facts.get("language", "en")))

    def _note(self, course: str, version: str, language: str) -> None:
        facts = {"course": course, "version": version, "language": language}
        write_aside(self.kept / "place.json", as_json(facts))

    def speak(self, language: str) -> bool:
        """Put the notebook's text into another language; code, answers and own cells stay. False if impossible."""
        texts = read_json(self.folder / TEXTS).get("languages", {}).get(language, {}).get("cells")
        if not texts or not self.notebook.is_file():
            return False
        self.copy()
        notebook = read_notebook(self.notebook)
        for cell in notebook["cells"]:
            manual = cell.get("metadata", {}).get("nbgrader", {}).get("solution")
            if cell.get("cell_type") == "markdown" and cell.get("id") in texts and not manual:
                cell["source"] = texts[cell["id"]]
        notebook["metadata"].setdefault("isomo", {})["language"] = language
        write_aside(self.notebook, _as_notebook(without_widgets(notebook)))
        self._note(str(self.facts.get("course", "")), str(self.facts.get("version", "")), language)
        return True

    def correct(self, course: str, version: str, language: str, files: Mapping[str, bytes]) -> None:
        """Take a corrected lab: new text and code around what the learner wrote; the old notebook stays next to it."""
        old = read_notebook(self.notebook)
        untouched = self._untouched()
        before = f"{self.slug}-{self.facts.get('version', 'before')}.ipynb"
        new = json.loads(files[self.notebook.name])
        if not untouched:
            shutil.copy2(self.notebook, self.folder / before)
            new = carried_over(old, new)
            news = {code: [kit_sentence(CORRECTED, code, name=before)] for code in LANGUAGES}
            write_aside(self.kept / "news.json", as_json(news))
        for name, content in files.items():
            if _is_inside(name):
                write_aside(self.kept / "release" / name, content)
                if name not in (self.notebook.name, ANSWERS):
                    write_aside(self.folder / name, content)
        write_aside(self.notebook, _as_notebook(new))
        self._note(course, version, language)

    def _untouched(self) -> bool:
        released = self.kept / "release" / self.notebook.name
        if (self.folder / ANSWERS).exists() or not released.is_file():
            return False
        return _sources(read_notebook(released)) == _sources(read_notebook(self.notebook))

    def reset(self) -> None:
        """Start over: the notebook as released, no answers. What was there is kept as a copy."""
        self.copy(now=True)
        (self.folder / ANSWERS).unlink(missing_ok=True)
        language = str(self.facts.get("language", "en"))
        for path in (self.kept / "release").rglob("*"):
            if path.is_file():
                name = path.relative_to(self.kept / "release")
                write_aside(self.folder / name, path.read_bytes())
        self.speak(language)

    def copy(self, *, now: bool = False) -> None:
        """Keep a copy of today's state, once a day (`now`: whatever was kept today)."""
        at = dt.datetime.now(dt.UTC)
        target = self.kept / "copies" / (f"{at:%Y-%m-%d-%H%M%S}" if now else f"{at:%Y-%m-%d}")
        if target.exists() or not self.notebook.is_file():
            return
        for name in {self.notebook.name, ANSWERS, *(path.name for path in self._released_notebooks())}:
            if (self.folder / name).is_file():
                write_aside(target / name, (self.folder / name).read_bytes())
        for old in self.copies()[MOST_COPIES:]:
            shutil.rmtree(self.kept / "copies" / old, ignore_errors=True)

    def copies(self) -> list[str]:
        """Return the copies that can be brought back, the newest first."""
        return sorted((path.name for path in (self.kept / "copies").glob("20*")), reverse=True)

    def bring_back(self, copy: str) -> bool:
        """Take a copy's notebook and answers; what is there now becomes a copy itself."""
        if copy not in self.copies():
            return False
        self.copy(now=True)
        for path in (self.kept / "copies" / copy).iterdir():
            write_aside(self.folder / path.name, path.read_bytes())
        return True

    def tidy(self) -> None:
        """Take out of the notebook what only a running kernel could show: pictures of controls that are gone."""
        if self.notebook.is_file():
            notebook = read_notebook(self.notebook)
            tidied = without_widgets(json.loads(json.dumps(notebook)))
            if tidied != notebook:
                write_aside(self.notebook, _as_notebook(tidied))


WIDGET = "application/vnd.jupyter.widget-view+json"


def without_widgets(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook without outputs that need a kernel which is gone; running the cell shows them again."""
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "code":
            shown = cell.get("outputs", [])
            cell["outputs"] = [one for one in shown if WIDGET not in one.get("data", {})]
    notebook.get("metadata", {}).pop("widgets", None)
    return notebook


def carried_over(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return a corrected notebook with everything that the learner wrote in the old one.

    Cells to fill in keep the learner's text; code cells that may be played with as well, if they are still there;
    cells that the learner added come after the cell that they stood below.
    """
    wrote = {cell.get("id"): cell for cell in old["cells"]}
    cells = []
    for cell in new["cells"]:
        found = wrote.get(cell.get("id"))
        about = cell.get("metadata", {}).get("nbgrader", {})
        is_theirs = about.get("solution") or (cell["cell_type"] == "code" and not about)
        keeps = found and is_theirs and not (cell["cell_type"] == "markdown" and is_blank(text_of(found)))
        cells.append({**cell, "source": text_of(found)} if found and keeps else cell)
    made = {**new, "cells": cells}
    return _with_own_cells(old, made)


def _with_own_cells(old: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    before = ""
    for cell in old["cells"]:
        if _is_own(cell):
            place = next(
                (n + 1 for n, one in enumerate(made["cells"]) if one.get("id") == before), len(made["cells"])
            )
            made["cells"].insert(place, cell)
        before = str(cell.get("id", ""))
    return made


def _is_own(cell: dict[str, Any]) -> bool:
    """Return whether the learner added this cell: ours say where they are from."""
    return "isomo" not in cell.get("metadata", {}) and bool(text_of(cell).strip())


def _sources(notebook: dict[str, Any]) -> list[str]:
    return [text_of(cell) for cell in notebook["cells"]]


def _as_notebook(notebook: dict[str, Any]) -> bytes:
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()


def _is_inside(name: str) -> bool:
    path = Path(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and not name.startswith(".")
