"""Builds labs: `DIR/<slug>/<version>/` with `lab.json`, `release/<lang>/…` and `source/…`."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from labs.authoring import notebook_making, shared_source
from labs.authoring.finding_report import Report
from labs.authoring.lab_sentences import (
    LANGUAGES,
    Translate,
    lab_translator,
    languages_of,
    missing_translations,
    title_of,
    translate_markdown,
)
from labs.authoring.lab_spec import Lab, Part, load_lab
from labs.authoring.prose_findings import lint_prose

TEXTS = "texts.json"


def built_files(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Return a lab's version and files by relative path. Raises LabError with every problem found."""
    lab = load_lab(folder)
    report = Report(folder)
    missing_translations(lab, report)
    lint_prose(lab, report)
    shared_source.lint_shared(folder, report)
    files = _files(lab, "", report)
    report.stop()
    version = _version(files)
    return version, _files(lab, version, report)


def build_lab(folder: Path, out: Path) -> Path:
    """Write a built lab below `out`; one that is there already is left alone."""
    version, files = built_files(folder)
    place = out / folder.name[3:] / version
    if (place / "lab.json").is_file():
        (place / "lab.json").touch()  # The library takes what was built last.
        return place
    aside = place.with_name(f".{version}.part")
    shutil.rmtree(aside, ignore_errors=True)
    for name, content in files.items():
        path = aside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    shutil.rmtree(place, ignore_errors=True)
    aside.rename(place)
    return place


def _files(lab: Lab, version: str, report: Report) -> dict[str, bytes]:
    beside = _beside(lab)
    beside[TEXTS] = _json(kit_texts(lab, version))
    files = {"lab.json": _json(lab_facts(lab, version))}
    for language in languages_of(lab):
        notebook = notebook_making.learner_notebook(lab, language, version, lab_translator(lab, language))
        files[f"release/{language}/{lab.slug}.ipynb"] = notebook
        files |= {f"release/{language}/{name}": content for name, content in beside.items()}
    files[f"source/{lab.slug}.ipynb"] = notebook_making.grader_notebook(lab, version, report)
    files |= {f"source/{name}": content for name, content in beside.items()}
    return files


def _beside(lab: Lab) -> dict[str, bytes]:
    found = (
        {"checks.py": shared_source.released_checks(lab.folder)}
        if (lab.folder / "checks.py").is_file()
        else {}
    )
    extra = lab.folder / "files"
    for path in sorted(extra.rglob("*")) if extra.is_dir() else []:
        if path.is_file() and "__pycache__" not in path.parts:
            found[path.relative_to(extra).as_posix()] = path.read_bytes()
    return found


def lab_facts(lab: Lab, version: str) -> dict[str, Any]:
    """Return what the campus knows of a lab."""
    return {
        "slug": lab.slug,
        "version": version,
        "title": {each: lab_translator(lab, each)(lab.facts["title"]) for each in languages_of(lab)},
        "minutes": lab.facts["minutes"],
        "track": lab.facts["track"],
        "number": lab.number,
        "builds_on": lab.builds_on,
        "draft": lab.is_draft,
        "tasks": [{"id": t.id, "kind": t.kind, "points": t.points} for t in lab.tasks.values()],
        "objectives": lab.facts.get("objective", []),
    }


def kit_texts(lab: Lab, version: str) -> dict[str, Any]:
    """Return what the kit needs next to a notebook: tasks and all sentences, and other languages' text cells."""
    kinds = {t.id: {"kind": t.kind, "points": t.points} for t in lab.tasks.values()}
    made: dict[str, Any] = {
        "slug": lab.slug,
        "version": version,
        "minutes": lab.facts["minutes"],
        "tasks": kinds,
    }
    made["languages"] = {language: _in_language(lab, language) for language in LANGUAGES}
    return made


def _in_language(lab: Lab, language: str) -> dict[str, Any]:
    translate = lab_translator(lab, language)

    def say(text: str) -> str:
        return translate_markdown(text, translate)

    tasks = {}
    for task in lab.tasks.values():
        tasks[task.id] = {
            "ask": say(task.ask),
            "parts": [_part(part, translate) for part in task.parts],
            "says": {key: say(text) for key, text in task.says.items()},
            "hints": {
                key: {rung: say(text) for rung, text in rungs.items()} for key, rungs in task.hints.items()
            },
        }
    pieces = [{**piece, "title": translate(piece["title"])} for piece in lab.pieces]
    cells = {cell.id: notebook_making.text_of(cell, translate) for cell in lab.cells if cell.markdown}
    words = {key: say(text) for key, text in lab.words.items()}
    return {
        "title": translate(lab.facts["title"]),
        "builds_on": [title_of(slug, language) for slug in lab.builds_on],
        "pieces": pieces,
        "tasks": tasks,
        "words": words,
        "cells": cells,
    }


def _part(part: Part, translate: Translate) -> dict[str, Any]:
    options = [
        {**option, "text": translate(option["text"])} if "text" in option else option
        for option in part.options
    ]
    settings = dict(part.settings)
    if "fields" in settings:
        settings["fields"] = [translate(field) for field in settings["fields"]]
    if "text" in settings:
        settings["text"] = translate_markdown(settings["text"], translate)
    return {"name": part.name, "type": part.type, "ask": translate_markdown(part.ask, translate), "options": options,
            **settings}  # fmt: skip


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _version(files: dict[str, bytes]) -> str:
    manifest = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:12]
