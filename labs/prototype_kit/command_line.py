"""`isomo prototype new|data|evaluate|test|card|share|serve|package|reviews`: the bench at the terminal."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError, bench_sentence
from labs.prototype_kit.application.disk_room import is_disk_full

FOLDER_FULL = N_(
    "The project's folder is full, so this was not finished. Delete files that the team does not need, then type it again."
)
TEMPLATES = ("triage", "routing", "dedup", "forecast", "answers")


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the verbs and their options."""
    parser = argparse.ArgumentParser(
        prog="./isomo prototype",
        description=bench_sentence(N_("Build, measure and share a prototype; see docs/data-team.md.")),
    )
    verbs = parser.add_subparsers(
        dest="verb", required=True, help=bench_sentence(N_("one of these steps; each takes --help"))
    )
    new = verbs.add_parser(
        "new",
        help=bench_sentence(
            N_("begin from a template that runs on synthetic data: new NAME --template triage")
        ),
    )
    new.add_argument("name")
    new.add_argument("--template", choices=TEMPLATES, default="triage")
    new.add_argument(
        "--no-run", action="store_true", help=bench_sentence(N_("write the project and train nothing yet"))
    )
    data = verbs.add_parser(
        "data",
        help=bench_sentence(N_("look at a CSV or Excel file; then --confirm what data/intake.toml says")),
    )
    data.add_argument("file", nargs="?", type=Path)
    data.add_argument(
        "--confirm",
        action="store_true",
        help=bench_sentence(N_("bring the data in as data/intake.toml says")),
    )
    data.add_argument(
        "--list",
        action="store_true",
        help=bench_sentence(N_("list the approved datasets, which are named like a file")),
    )
    data.add_argument(
        "--delete", action="store_true", help=bench_sentence(N_("delete the data and write what proves it"))
    )
    data.add_argument("--encoding", default="")
    data.add_argument("--separator", default="")
    _add_later_verbs(verbs)
    return parser


def _add_later_verbs(verbs: Any) -> None:
    """Add the verbs that come after the data: measure, test, describe, share, serve."""
    verbs.add_parser("evaluate", help=bench_sentence(N_("train and measure; writes report.html")))
    verbs.add_parser("test", help=bench_sentence(N_("run the project's own tests")))
    verbs.add_parser("card", help=bench_sentence(N_("write card.md and list the answers that are missing")))
    share = verbs.add_parser(
        "share", help=bench_sentence(N_("freeze a version for the approver: share [--with GROUP]"))
    )
    share.add_argument("--with", dest="groups", action="append", default=[], metavar="GROUP")
    serve = verbs.add_parser("serve", help=bench_sentence(N_("run the application from here")))
    serve.add_argument("--port", type=int, default=8080)
    serve.add_argument(
        "--as",
        dest="person",
        default="",
        metavar="NAME",
        help=bench_sentence(N_("try it as this person; only this machine may connect")),
    )
    package = verbs.add_parser("package", help=bench_sentence(N_("write an archive that runs without Isomo")))
    package.add_argument("--out", type=Path, help=bench_sentence(N_("where to write it")))
    package.add_argument(
        "--wheels",
        action="store_true",
        help=bench_sentence(N_("with all packages, to build without a network")),
    )
    verbs.add_parser(
        "reviews",
        help=bench_sentence(N_("write what people decided as data/reviews.csv, for the next version")),
    )
    for name, each in verbs.choices.items():
        text = N_("where to make it") if name == "new" else N_("the project's folder; without it, this one")
        each.add_argument(
            "--in", dest="folder", type=Path, default=Path(), metavar="FOLDER", help=bench_sentence(text)
        )


def command(argv: list[str]) -> int:
    """Do what was asked; the answer is the exit status."""
    options = arguments().parse_args(argv)
    try:
        return VERBS[options.verb](options)
    except PrototypeError as error:
        sys.stderr.write(error.worded() + "\n")
    except OSError as error:
        if not is_disk_full(error):
            raise
        sys.stderr.write(bench_sentence(FOLDER_FULL, "") + "\n")
    return 1


def _tell(text: str, **facts: object) -> None:
    sys.stdout.write(bench_sentence(text, "", **facts) + "\n")
    sys.stdout.flush()


def _new(options: argparse.Namespace) -> int:
    from labs.prototype_kit.project_history import commit_files
    from labs.prototype_kit.project_start import start_project

    began = time.monotonic()
    folder = start_project(options.name, options.template, options.folder.resolve())
    _tell(N_("{folder} was made from the template {template}."), folder=folder, template=options.template)
    if not options.no_run:
        _measured(folder)
        commit_files(folder, "Train on synthetic data")
    _tell(
        N_(
            "Ready after {seconds:.0f} s. Next: cd {name}; read report.html; bring your own data with isomo prototype data FILE."
        ),
        seconds=time.monotonic() - began,
        name=options.name,
    )
    return 0


def _tell_kept(kept: list[Path]) -> None:
    for path in kept:
        _tell(
            N_(
                "card.md had been edited by hand. That text is kept in {file}; put what belongs to it into impact.toml."
            ),
            file=path.name,
        )


def _measured(folder: Path) -> None:
    from labs.prototype_kit.model_card import write_card
    from labs.prototype_kit.model_evaluation import evaluate
    from labs.prototype_kit.report_page import beats_rule

    record = evaluate(folder)
    kept: list[Path] = []
    write_card(folder, kept=kept)
    _tell_kept(kept)
    sys.stdout.write(record["change"] + "\n")
    if not beats_rule(record):
        _tell(
            N_(
                "The model is no better than the simple rule. Use the rule: it is cheaper, and everybody understands it."
            )
        )
    for name, rows in record["measures"]["slices"].items():
        if worse := [row["value"] for row in rows if row["worse"]]:
            _tell(N_("Served worse, by {name}: {values}."), name=name, values=", ".join(worse[:8]))
    _tell(N_("Tables and plots: {path}"), path=folder / "report.html")


def _data(options: argparse.Namespace) -> int:
    from labs.prototype_kit.approved_data import approved_datasets, bring_dataset, describe_dataset
    from labs.prototype_kit.data_deletion import delete_data
    from labs.prototype_kit.data_intake import bring_in, propose_intake

    if options.list:
        for name, entry in sorted(approved_datasets().items()):
            sys.stdout.write(f"{name}: {describe_dataset(entry)}\n")
        return 0
    if options.delete:
        deleted = delete_data(options.folder)
        _tell(N_("{count} files are deleted; data/deletion.json says which."), count=deleted.files)
        for copy in deleted.copies:
            _tell(N_("The same content is also in {file}. Delete it there too."), file=copy)
        return 0 if not deleted.copies else 1
    if options.confirm:
        facts = bring_in(options.folder)
        _tell(
            N_("{rows} rows are in; {refused} did not fit and are listed in data/refused.csv."),
            **{k: facts[k] for k in ("rows", "refused")},
        )
        if (options.folder / facts["source"]).is_file() and any(
            answer in ("remove", "replace") for answer in facts["answers"].values()
        ):
            _tell(
                N_(
                    "{file} is still in the project's folder, with all that you removed or replaced. Delete it there once you no longer need it."
                ),
                file=facts["source"],
            )
        return 0
    if options.file is None:
        raise PrototypeError(
            N_("Name a file, or bring in what was looked at: isomo prototype data --confirm.")
        )
    source = options.file
    if not source.is_file() and source.name == str(source) and not source.suffix:
        source = bring_dataset(options.folder, str(source))
    path = propose_intake(options.folder, source, options.encoding, options.separator)
    sys.stdout.write(path.read_text("utf-8") + "\n")
    _tell(
        N_("This is in {path}. Correct it, answer each finding, then type: isomo prototype data --confirm"),
        path=path,
    )
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    _measured(options.folder)
    return 0


def _test(options: argparse.Namespace) -> int:
    import os
    import subprocess

    root = str(Path(__file__).resolve().parents[2])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    return subprocess.run(words, cwd=options.folder, env=env, check=False).returncode


def _card(options: argparse.Namespace) -> int:
    from labs.prototype_kit.impact_note import write_impact
    from labs.prototype_kit.model_card import write_card

    write_impact(options.folder)
    kept: list[Path] = []
    missing = write_card(options.folder, kept=kept)
    _tell_kept(kept)
    for text in missing:
        _tell(N_("Answer in impact.toml: {question}"), question=bench_sentence(text))
    _tell(N_("card.md is written. Answers that are missing: {count}."), count=len(missing))
    return 0


def _share(options: argparse.Namespace) -> int:
    from labs.prototype_kit.application.project_settings import read_settings
    from labs.prototype_kit.version_sharing import make_version

    number = make_version(options.folder, tuple(options.groups))
    _tell(
        N_(
            "Version {number} waits for {approver}, who approves it on the page “Versions” of the application."
        ),
        number=number,
        approver=read_settings(options.folder).approver,
    )
    return 0


def _serve(options: argparse.Namespace) -> int:
    import os

    from labs.prototype_kit.application.__main__ import serve_application
    from labs.prototype_kit.application.frozen_versions import version_numbers
    from labs.prototype_kit.version_sharing import service_folder

    state = service_folder(options.folder)
    if not version_numbers(state):
        raise PrototypeError(N_("There is no version yet. The team makes one: isomo prototype share."))
    _tell(
        N_("The application answers at http://127.0.0.1:{port}/ until you press Ctrl+C."), port=options.port
    )
    serve_application(
        state,
        options.port,
        os.environ.get("PROTOTYPE_HOST", ""),
        options.person,
        os.environ.get("PROTOTYPE_USER_HEADER", ""),
    )
    return 0


def _package(options: argparse.Namespace) -> int:
    from labs.prototype_kit.project_archive import write_package

    _tell(
        N_("{path} is written. Its README.md says how to run it."),
        path=write_package(options.folder, options.out, options.wheels),
    )
    return 0


def _reviews(options: argparse.Namespace) -> int:
    from labs.prototype_kit.reviewed_data import write_reviews

    path, count = write_reviews(options.folder)
    _tell(
        N_("{count} reviewed cases are in {path}; the column origin says where each comes from."),
        count=count,
        path=path,
    )
    return 0


VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "new": _new,
    "data": _data,
    "evaluate": _evaluate,
    "test": _test,
    "card": _card,
    "share": _share,
    "serve": _serve,
    "package": _package,
    "reviews": _reviews,
}
