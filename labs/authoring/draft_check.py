"""Check of a draft that was written in the browser: runs inside the grader's sandbox and returns plain data."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import runpy
import traceback
import zlib
from pathlib import Path
from typing import Any

from labs.authoring import lab_mutants, notebook_making
from labs.authoring.content_checks import check_lab
from labs.authoring.finding_report import Finding, LabError, Problem, Report, english_finding
from labs.authoring.lab_build import built_files
from labs.authoring.lab_sentences import languages_of, update_catalogue
from labs.authoring.lab_spec import load_lab
from labs.kit.checking import plain_data

DATA = Path("/opt/isomo/data")
"""Where a sandbox shows the learners' data."""
PIECE = 1 << 19
"""Letters that are printed at once."""
BEGIN = "isomo-draft-report "
"""First word of each printed line of the report."""


def check_draft(folder: Path) -> dict[str, Any]:
    """Return all that can be said of the draft in `folder`, whose name is two digits, a hyphen and the lab's name.

    Returns:
        `findings` as [file, line, sentence, key, facts]; `figures` by name; `kept`, the files that the check made or
        brought up to date; and, if nothing is wrong, `contents` by digest, `built` (digest by path), the `solved`
        notebook and the `answers` to its tasks.
    """
    os.environ.setdefault("ISOMO_DATA", str(DATA))
    report, kept, figures = Report(folder), dict[str, bytes](), dict[str, object]()
    with contextlib.redirect_stdout(io.StringIO()):
        _guarded(report, lambda: _make_hidden(folder, kept))
        _guarded(report, lambda: _bring_up_translations(folder, kept))
        if not report.problems:
            _guarded(report, lambda: _check(folder, report, figures))
        made: dict[str, Any] = {}
        if not report.problems:
            _guarded(report, lambda: made.update(_built(folder)))
    findings = [_finding(one, folder) for one in sorted(set(report.problems))]
    said = {name: str(value) for name, value in figures.items()}
    return {"findings": findings, "figures": said, "kept": _coded(kept), **(made if not findings else {})}


def report_lines(report: dict[str, Any]) -> list[str]:
    """Return a report as lines that a cell can print, each with BEGIN before it."""
    packed = base64.b64encode(zlib.compress(json.dumps(report).encode(), 6)).decode()
    return [BEGIN + packed[start : start + PIECE] for start in range(0, len(packed), PIECE)]


def _guarded(report: Report, act: Any) -> None:
    """Do something; what stops it becomes a finding, with the author's own line if there is one."""
    try:
        act()
    except LabError as error:
        report.problems += error.problems
    except (Exception, SystemExit) as error:
        report.problems.append(_stopped(report.folder, error))


def _stopped(folder: Path, error: BaseException) -> Problem:
    """Return a finding about code of the draft that stopped, at its last line that is the author's."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_relative_to(folder):
        name = Path(error.filename).relative_to(folder).as_posix()
        return Problem(
            f"{folder.name}/{name}",
            error.lineno or 0,
            english_finding("Python cannot read this: {msg}.", msg=error.msg),
        )
    frames = [
        one for one in traceback.extract_tb(error.__traceback__) if folder.name in Path(one.filename).parts
    ]
    name = Path(frames[-1].filename).name if frames else "lab.toml"
    line = (frames[-1].lineno or 0) if frames else 0
    return Problem(
        f"{folder.name}/{name}",
        line,
        english_finding("This stops with {error}.", error=f"{type(error).__name__}: {str(error)[:300]}"),
    )


def _make_hidden(folder: Path, kept: dict[str, bytes]) -> None:
    """Make hidden.json by the draft's hidden.py, if there is none yet."""
    script, made = folder / "hidden.py", folder / "hidden.json"
    if script.is_file() and not made.is_file():
        runpy.run_path(str(script), run_name="__main__")
        if made.is_file():
            kept["hidden.json"] = made.read_bytes()


def _bring_up_translations(folder: Path, kept: dict[str, bytes]) -> None:
    """Bring the catalogues up to date with the text, so that a trainer can translate them."""
    lab = load_lab(folder)
    for language in languages_of(lab)[1:]:
        update_catalogue(lab, language)
        name = f"locale/{language}.po"
        kept[name] = (folder / name).read_bytes()


def _check(folder: Path, report: Report, figures: dict[str, object]) -> None:
    outcome = check_lab(folder, running=False)
    report.problems += outcome.report.problems
    figures |= outcome.figures


def _built(folder: Path) -> dict[str, Any]:
    _version, files = built_files(folder)
    contents = {hashlib.sha256(data).hexdigest(): data for data in files.values()}
    return {
        "built": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        "contents": _coded(contents),
        "solved": base64.b64encode(notebook_making.solved_notebook(load_lab(folder))).decode(),
        "answers": plain_data(lab_mutants.best_answers(lab_mutants.read_mutants(folder))),
    }


def _coded(files: dict[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(data).decode() for name, data in files.items()}


def _finding(one: Problem, folder: Path) -> list[Any]:
    """Return a finding as plain data: its sentence in English, and what it takes to say it in another language."""
    key, facts = (one.message.key, one.message.facts) if isinstance(one.message, Finding) else ("", {})
    return [one.path.removeprefix(f"{folder.name}/"), one.line, str(one.message), key, facts]
