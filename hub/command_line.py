"""Verbs, and the one place where errors become words."""

from __future__ import annotations

import difflib
import importlib
import os
import signal
import sys
import tomllib
import traceback
from collections.abc import Callable
from pathlib import Path

from hub import verb_options
from hub.message_catalogues import N_
from hub.message_catalogues import terminal_sentence as _
from hub.verb_errors import IsomoError

Verb = Callable[[list[str]], int]

DETAILS = Path(__file__).resolve().parents[1] / ".isomo" / "last-mistake.txt"
# verb: (where it lives, what it does)
VERBS: dict[str, tuple[str, str]] = {
    "up": ("hub.ops.verbs.up:command", N_("start everything; installs and builds what is missing")),
    "down": ("hub.ops.verbs.down:command", N_("stop everything; nobody's work is touched")),
    "status": ("hub.ops.verbs.status:command", N_("what runs, and where")),
    "logs": ("hub.ops.verbs.logs:command", N_("what the processes said: logs [NAME] [-f]")),
    "check-settings": ("hub.ops.verbs.check_settings:command", N_("read isomo.toml and say what would run")),
    "doctor": ("hub.ops.verbs.doctor:command", N_("look for what could go wrong, and say what to do")),
    "backup": ("hub.ops.verbs.backup:command", N_("make an encrypted backup while everything runs")),
    "restore": (
        "hub.ops.verbs.restore:command",
        N_("bring a backup back into an empty folder, and check it"),
    ),
    "upgrade": (
        "hub.ops.verbs.upgrade:command",
        N_("take a newer version: upgrade --check|--to VERSION|--back"),
    ),
    "announce": ("hub.ops.verbs.announce:command", N_("tell everybody something: announce TEXT, or --clear")),
    "rotate-keys": ("hub.ops.verbs.rotate_keys:command", N_("new keys; old receipts still verify")),
    "second-factor": (
        "hub.ops.verbs.second_factor:command",
        N_("one-time codes of a person: state, or --remove"),
    ),
    "demo": (
        "hub.ops.verbs.demo:command",
        N_("make a demonstration class, with sign-in links for every role"),
    ),
    "invite": ("hub.ops.verbs.invite:command", N_("a one-time sign-in link: invite USERNAME")),
    "marks": (
        "hub.ops.verbs.marks:command",
        N_("marks of a course: marks export COURSE [FILE.csv|FILE.xlsx]"),
    ),
    "roster": (
        "hub.ops.verbs.roster:command",
        N_("people from a table: roster import FILE [--yes], roster export"),
    ),
    "person": (
        "hub.ops.verbs.registry:person_command",
        N_("one person: person show|add|change|enrol|move USERNAME"),
    ),
    "institution": (
        "hub.ops.verbs.registry:institution_command",
        N_("institutions: list, add, change, archive"),
    ),
    "course": ("hub.ops.verbs.registry:course_command", N_("courses: list, add, change, archive")),
    "class": ("hub.ops.verbs.registry:class_command", N_("classes of a course: list, add, change, archive")),
    "certificate": (
        "hub.ops.verbs.certificate:command",
        N_("certificates: certificate verify CODE|FILE, list COURSE, revoke CODE"),
    ),
    "retention": (
        "hub.ops.verbs.retention:command",
        N_("what is kept longer than it may be: retention plan, retention apply"),
    ),
    "audit": ("hub.ops.verbs.audit:command", N_("prove that nobody changed the audit log: audit verify")),
    "node": ("hub.ops.verbs.node:command", N_("machines of a Swarm: node list|add|drain|resume|hand-over")),
    "grade": ("hub.ops.verbs.grade:grade_command", N_("grade what waits: grade LAB [--learner NAME]")),
    "regrade": (
        "hub.ops.verbs.grade:regrade_command",
        N_("after a change: regrade LAB --dry-run|--yes, or undo N"),
    ),
    "worker": (
        "hub.ops.verbs.grade:worker_command",
        N_("grade on another machine: worker shows what to type there"),
    ),
    "gradebook": (
        "graders.nbgrader.gradebook_verb:command",
        N_("nbgrader's gradebook: rebuild|check COURSE"),
    ),
    "verify-receipt": (
        "hub.store.signed_receipts:verify_command",
        N_("check a receipt, also without the network"),
    ),
    "completion": ("hub.shell_completion:command", N_("completion script for a shell: completion bash|zsh")),
    "setup": ("hub.node_programs:command", N_("install what Isomo needs and start nothing")),
    "lab": ("labs.authoring.lab_command:command", N_("write labs: lab new|build|check|preview|release")),
    "prototype": (
        "labs.prototype_kit.command_line:command",
        N_("the data team's bench: prototype new|data|evaluate|card|share|serve|package"),
    ),
    "kubernetes": (
        "hub.ops.verbs.kubernetes:command",
        N_("files for a Kubernetes cluster: kubernetes render [--out DIR]"),
    ),
    "sbom": ("hub.ops.verbs.sbom:command", N_("the packages of an image, as a CycloneDX document")),
    "docs": ("hub.ops.verbs.docs:command", N_("build the documentation as a site, and check every link")),
    "test": ("tests.run:command", N_("the tests: test [unit|full|PATH…]")),
    "bench": ("bench.bench_command:command", N_("measure: bench NAME")),
    "lock": ("images.lock_files:command", N_("resolve the lock files anew")),
}


def usage_text() -> str:
    """Return the list of verbs."""
    lines = [f"  {verb:<16}{_(text)}" for verb, (_where, text) in VERBS.items()]
    more = _("./isomo VERB --help explains one of them.")
    return "\n".join([_("Usage: ./isomo VERB …"), "", *lines, "", more])


def isomo_version() -> str:
    """Return the version in pyproject.toml."""
    text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text("utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def unknown_verb(word: str) -> str:
    """Return what to say about a verb that does not exist, with a guess at the one that was meant."""
    near = difflib.get_close_matches(word, VERBS, n=1)
    if not near:
        return _("There is no verb {word}.").format(word=word)
    return _("There is no verb {word}. Did you mean {near}?").format(word=word, near=near[0])


def our_mistake(error: Exception) -> str:
    """Return what to say about an error that nobody foresaw; its traceback goes to a file, and in CI to the
    log too.
    """
    details = "".join(traceback.format_exception(error))
    said = _("This is Isomo's own mistake, not yours: {error}.").format(
        error=f"{type(error).__name__}: {error}"
    )
    try:
        DETAILS.parent.mkdir(exist_ok=True)
        DETAILS.write_text(details, "utf-8")
    except OSError:
        return f"{details}\n{said}"
    where = _("Please send the file {file} to whoever looks after Isomo.").format(file=DETAILS)
    return "\n".join([details, said] if os.environ.get("CI") else [said, where])


def load_verb(verb: str) -> Verb:
    """Return the function behind `verb`; only what it needs is imported."""
    module, _, name = VERBS[verb][0].partition(":")
    function: Verb = getattr(importlib.import_module(module), name)
    return function


def carry_out(verb: str, words: list[str]) -> int:
    """Run `verb`. This is the boundary: whatever it raises ends here, in words and an exit code."""
    try:
        return load_verb(verb)(words)
    except IsomoError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, verb_options.UsageError) else 1
    except KeyboardInterrupt:
        sys.stderr.write("\n" + _("Stopped. Run the same command again to go on.") + "\n")
        return 130
    except Exception as error:
        sys.stderr.write(f"{our_mistake(error)}\n")
        return 70


def main(argv: list[str] | None = None) -> int:
    """Run the verb in `argv` and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in ("help", "-h", "--help"):
        sys.stdout.write(usage_text() + "\n")
        return 0
    if words[0] == "--version":
        sys.stdout.write(f"Isomo {isomo_version()}\n")
        return 0
    if words[0] not in VERBS:
        sys.stderr.write(f"{unknown_verb(words[0])}\n{usage_text()}\n")
        return 2
    if verb_options.asks_for_help(words[0], words[1:]):
        sys.stdout.write(verb_options.help_text(words[0], _(VERBS[words[0]][1])))
        return 0
    if refused := verb_options.option_refusal(words[0], words[1:]):
        sys.stderr.write(f"{refused}\n")
        return 2
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # A shell's background job ignores Ctrl+C, and so would all that it starts; but Jupyter stops servers by it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return carry_out(words[0], words[1:])


if __name__ == "__main__":
    sys.exit(main())
