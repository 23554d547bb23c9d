"""Work that checks a lab's draft inside the engine's sandbox, and how the answer is read (law 2: never run here)."""

from __future__ import annotations

import base64
import binascii
import json
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graders.contract.work_contract import EngineError, Graded, Limits, Outcome, Work
from hub.isomo_settings import CHECKOUT
from hub.store.lab_drafts import DraftFinding

ROOM = "authoring"
"""Folder in the sandbox that holds what checks a lab; a learner's sandbox has none of it."""
SENT = ("labs/authoring/*.py", "labs/datasets/**/*", "labs/kit/checking.py")
BEGIN = "isomo-draft-report "
"""First word of each line of the report; labs.authoring.draft_check prints it."""
LARGEST_REPORT = 48 << 20
MOST_FINDINGS = 200
LONGEST = 1000
STOPS = "The solved notebook stops at {where}: {error}."
EARNS_LESS = "The solution earns {points} of {most} for {task}."
BLANK_EARNS = "The blank lab earns {points} for {task}."
"""Keys of findings; the same as those of `labs.authoring.content_checks`."""
CELL = """
import labs, labs.datasets
from pathlib import Path
room = Path({room!r}).resolve() / "labs"
labs.__path__.append(str(room))
labs.datasets.__path__.append(str(room / "datasets"))
from labs.authoring.draft_check import check_draft, report_lines
for line in report_lines(check_draft(Path({folder!r}).resolve())):
    print(line)
"""


@dataclass(frozen=True)
class DraftReport:
    """What the sandbox says of a draft: a claim of the draft's own code, checked for shape only."""

    findings: list[DraftFinding]
    figures: dict[str, str]
    kept: dict[str, bytes]
    built: dict[str, bytes] = field(default_factory=dict)
    solved: bytes = b""
    answers: dict[str, Any] = field(default_factory=dict)


def draft_limits(limits: Limits) -> Limits:
    """Return what a check may use: as much as a submission, and a report that is larger than a learner's output."""
    seconds = max(limits.wall, 120.0)
    return Limits(
        wall=seconds,
        cpu=2 * seconds,
        task_wall=seconds,
        memory=limits.memory,
        file_size=limits.file_size,
        output=LARGEST_REPORT,
    )


def check_work(course: str, lab: str, files: Mapping[str, bytes], limits: Limits) -> Work:
    """Return the work that checks a draft's files."""
    folder = f"draft/00-{lab}"
    cell = CELL.format(room=ROOM, folder=folder)
    book = _notebook(cell)
    sent = {f"{folder}/{name}": data for name, data in files.items()}
    return Work(course, lab, "", book, book, files={**_room(lab), **sent}, limits=draft_limits(limits))


def graded_work(course: str, lab: str, report: DraftReport, *, is_solved: bool, limits: Limits) -> Work:
    """Return the work that grades a built draft, with its author's solutions or with nothing done."""
    name = f"{lab}.ipynb"
    beside = {
        path.removeprefix("release/en/"): data
        for path, data in report.built.items()
        if path.startswith("release/en/") and path != f"release/en/{name}"
    }
    answers = {"schema": 1, "language": "en", "answers": report.answers}
    return Work(
        course,
        lab,
        "",
        source=report.built[f"source/{name}"],
        notebook=report.solved if is_solved else report.built[f"release/en/{name}"],
        answers=json.dumps(answers).encode() if is_solved else None,
        files=beside,
        limits=limits,
    )


def _notebook(source: str) -> bytes:
    about = {"grade_id": "check", "grade": False, "solution": False, "locked": True, "schema_version": 3}
    cell: dict[str, Any] = {
        **{"cell_type": "code", "id": "check", "source": source, "outputs": [], "execution_count": None},
        "metadata": {"nbgrader": {**about, "task": False}},
    }
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def _room(lab: str) -> dict[str, bytes]:
    """Return the files with which a lab is checked, and of each other lab its name, number and title."""
    found = {}
    for pattern in SENT:
        for path in sorted(CHECKOUT.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                found[f"{ROOM}/{path.relative_to(CHECKOUT).as_posix()}"] = path.read_bytes()
    for path in sorted((CHECKOUT / "labs").glob("[0-9][0-9]-*/lab.toml")):
        facts = tomllib.loads(path.read_text("utf-8"))
        if path.parent.name[3:] != lab:
            said = f"title = {json.dumps(facts['title'])}\nnumber = {int(facts.get('number', 0))}\n"
            found[f"{ROOM}/labs/{path.parent.name}/lab.toml"] = said.encode()
    return found


def read_report(graded: Graded) -> DraftReport:
    """Return the report in a graded notebook. Raises EngineError if the check ended before it reported."""
    outputs = [out for cell in json.loads(graded.notebook)["cells"] for out in cell.get("outputs", [])]
    text = "".join(_joined(out.get("text", "")) for out in outputs if out.get("output_type") == "stream")
    packed = "".join(line.removeprefix(BEGIN) for line in text.splitlines() if line.startswith(BEGIN))
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(base64.b64decode(packed, validate=True), LARGEST_REPORT)
        return plain_report(json.loads(plain))
    except (binascii.Error, zlib.error, ValueError, LookupError, TypeError, AttributeError) as error:
        reasons = [_joined(out.get("evalue", "")) for out in outputs if out.get("output_type") == "error"]
        raise EngineError(": ".join(["no report", *reasons])[:300]) from error


def _joined(text: Any) -> str:
    return "".join(text) if isinstance(text, list) else str(text)


def plain_report(said: dict[str, Any]) -> DraftReport:
    """Return what a check said as data. Raises an error of Python's own for what has another shape."""
    findings = [
        DraftFinding(str(file)[:200], int(line), str(sentence)[:LONGEST], str(key)[:LONGEST], _facts(facts))
        for file, line, sentence, key, facts in said["findings"][:MOST_FINDINGS]
    ]
    contents = {name: base64.b64decode(data) for name, data in said.get("contents", {}).items()}
    return DraftReport(
        findings,
        {str(name)[:60]: str(value)[:200] for name, value in said["figures"].items()},
        {str(name): base64.b64decode(data) for name, data in said["kept"].items()},
        {str(path): contents[name] for path, name in said.get("built", {}).items()},
        base64.b64decode(said.get("solved", "")),
        dict(said.get("answers", {})),
    )


def _facts(said: dict[str, Any]) -> dict[str, str]:
    return {str(name)[:40]: str(value)[:LONGEST] for name, value in list(said.items())[:12]}


def _worded(file: str, key: str, **facts: str) -> DraftFinding:
    return DraftFinding(file, 0, key.format(**facts), key, facts)


def run_findings(solved: Graded, blank: Graded) -> list[DraftFinding]:
    """Return what is wrong with a draft by how it was graded: solutions earn all, and doing nothing earns nothing."""
    found = []
    for name, graded in (("solved", solved), ("blank", blank)):
        if name == "solved":
            found += [_worded("lab.py", STOPS, where=cell, error=why) for cell, why in _errors(graded)]
    for task in solved.tasks:
        if task.outcome is Outcome.COULD_NOT_CHECK:
            raise EngineError(f"{task.grade_id} could not be checked")
        if task.score is not None and task.score < task.max_score:
            facts = {"points": f"{task.score:g}", "most": f"{task.max_score:g}", "task": task.grade_id}
            found.append(_worded("judge.py", EARNS_LESS, **facts))
    for task in blank.tasks:
        if task.score:
            facts = {"points": f"{task.score:g}", "task": task.grade_id}
            found.append(_worded("judge.py", BLANK_EARNS, **facts))
    return found


def _errors(graded: Graded) -> list[tuple[str, str]]:
    found = []
    for cell in json.loads(graded.notebook)["cells"]:
        if cell.get("metadata", {}).get("nbgrader", {}).get("grade"):
            continue
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                found.append((str(cell.get("id")), f"{output.get('ename')}: {output.get('evalue')}"[:300]))
    return found
