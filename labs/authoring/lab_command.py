"""`./isomo lab new|build|check|hidden|po|preview|release|trace`, also as `python -m labs.authoring`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from labs.authoring.finding_report import LabError
from labs.kit.campus_client import CampusError


def arguments() -> argparse.ArgumentParser:
    """Return the verbs and their options."""
    parser = argparse.ArgumentParser(prog="./isomo lab", description="Write labs; see docs/authoring.md.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("build", help="build labs into a folder")
    make.add_argument("--out", type=Path, default=Path(".isomo/state/labs"))
    make.add_argument("--lab", action="append", help="only this one, by folder, slug or number")
    check = verbs.add_parser("check", help="everything a lab has to keep, its mutants included")
    check.add_argument("lab", nargs="*")
    new = verbs.add_parser("new", help="begin a lab from a small example that works: new 14-my-lab")
    new.add_argument("folder")
    hidden = verbs.add_parser("hidden", help="make the data that only judges have, by the lab's hidden.py")
    hidden.add_argument("lab", nargs="+")
    po = verbs.add_parser("po", help="bring the translators' files up to date with the text")
    po.add_argument("lab", nargs="*")
    release = verbs.add_parser("release", help="put a lab into the library, and into a course")
    release.add_argument("lab")
    release.add_argument("--course", help="release it there at once, with your own token")
    verbs.add_parser("trace", help="write docs/traceability.md: task, competency, law, policy")
    preview = verbs.add_parser("preview", help="open a lab as a learner sees it; no hub needed")
    preview.add_argument("lab")
    preview.add_argument("--language", default="en")
    preview.add_argument("--port", type=int, default=8899)
    preview.add_argument("--no-browser", action="store_true")
    return parser


def command(argv: list[str]) -> int:
    """Do what was asked; the answer is the exit status."""
    options = arguments().parse_args(argv)
    try:
        return _VERBS[options.verb](options)
    except (LabError, CampusError, FileNotFoundError, FileExistsError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _folders(names: list[str] | None) -> list[Path]:
    from labs.authoring.lab_spec import find_lab, lab_folders

    return [find_lab(name) for name in names] if names else lab_folders()


def _build(options: argparse.Namespace) -> int:
    from labs.authoring.lab_build import build_lab

    for folder in _folders(options.lab):
        place = build_lab(folder, options.out)
        sys.stdout.write(f"{folder.name}  {place.name}\n")
    return 0


def _check(options: argparse.Namespace) -> int:
    from labs.authoring.lab_preview import run_elsewhere

    words = ["check", *options.lab]
    other = run_elsewhere(words)
    if other is not None:
        return other
    from labs.authoring.content_checks import check_lab

    folders = _folders(options.lab)
    if len(folders) > 1:  # In a process each: what one lab has loaded another does not find there.
        command = [sys.executable, "-m", "labs.authoring", "check"]
        return max([subprocess.run([*command, str(folder)], check=False).returncode for folder in folders])
    worst = 0
    for folder in folders:
        outcome = check_lab(folder)
        sys.stdout.write(outcome.text())
        worst = max(worst, outcome.status)
    return worst


def _new(options: argparse.Namespace) -> int:
    from labs.authoring.new_lab import create_lab

    folder = create_lab(options.folder)
    sys.stdout.write(f"{folder} is there. Look at it: ./isomo lab preview {folder.name}\n")
    return 0


def _hidden(options: argparse.Namespace) -> int:
    from labs.authoring.lab_preview import make_hidden_data

    for folder in _folders(options.lab):
        sys.stdout.write(f"{make_hidden_data(folder)}\n")
    return 0


def _po(options: argparse.Namespace) -> int:
    from labs.authoring.lab_sentences import LANGUAGES, update_catalogue
    from labs.authoring.lab_spec import load_lab

    for folder in _folders(options.lab):
        for language in LANGUAGES[1:]:
            done, every = update_catalogue(load_lab(folder), language)
            sys.stdout.write(f"{folder.name}  {language}  {done} of {every} sentences\n")
    return 0


def _preview(options: argparse.Namespace) -> int:
    from labs.authoring.lab_preview import preview_lab
    from labs.authoring.lab_spec import find_lab

    return preview_lab(find_lab(options.lab), options.language, options.port, browser=not options.no_browser)


def _release(options: argparse.Namespace) -> int:
    from labs.authoring.lab_release import release_lab
    from labs.authoring.lab_spec import find_lab

    return release_lab(find_lab(options.lab), options.course)


def _trace(_: argparse.Namespace) -> int:
    from labs.authoring.lab_traceability import write_page

    sys.stdout.write(f"{write_page()}\n")
    return 0


_VERBS = {
    "build": _build,
    "check": _check,
    "hidden": _hidden,
    "new": _new,
    "po": _po,
    "preview": _preview,
    "release": _release,
    "trace": _trace,
}
