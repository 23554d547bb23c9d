"""Options of the administrator's verbs: one parser for each, built without any installed package."""

from __future__ import annotations

import argparse
import difflib
import importlib
import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from hub.message_catalogues import N_
from hub.message_catalogues import terminal_sentence as _
from hub.verb_errors import IsomoError

# argparse words its own refusals; these are ours for the same cases. {verb} and the named groups are filled in.
REFUSALS: tuple[tuple[str, str], ...] = (
    (r"the following arguments are required: (?P<names>.+)", N_("{verb} needs {names}.")),
    (
        r"argument (?P<name>.+?): invalid choice: (?P<word>.+) \(choose from (?P<known>.+)\)",
        N_("{verb}: {name} cannot be {word}. It can be {known}."),
    ),
    (
        r"argument (?P<name>.+?): invalid int value: (?P<word>.+)",
        N_("{verb}: {name} must be a whole number, not {word}."),
    ),
    (r"argument (?P<name>.+?): expected .*argument.*", N_("{verb}: {name} needs a value after it.")),
    (
        r"argument (?P<name>.+?): ignored explicit argument (?P<word>.+)",
        N_("{verb}: {name} takes no value, and {word} was given."),
    ),
    (
        r"argument (?P<name>.+?): not allowed with argument (?P<other>.+)",
        N_("{verb}: {name} and {other} exclude each other."),
    ),
    (r"one of the arguments (?P<names>.+) is required", N_("{verb} needs one of {names}.")),
)


class UsageError(IsomoError):
    """The words after a verb do not fit it. The verb ends with exit code 2 and has done nothing."""


class Formatter(argparse.HelpFormatter):
    """argparse's layout, with the heading in the language of the terminal."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Begin with our own heading unless another one is given."""
        super().add_usage(usage, actions, groups, _("Usage: ") if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one plain sentence and raises UsageError instead of ending the process."""

    def __init__(self, verb: str, **more: Any) -> None:
        super().__init__(
            prog=f"./isomo {verb}", formatter_class=Formatter, add_help=False, allow_abbrev=False, **more
        )
        self.verb = verb
        self._positionals.title = _("Words")
        self._optionals.title = _("Options")
        self.add_argument("-h", "--help", action="help", help=_("show this help and do nothing else"))

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse every word; the first unknown one is named with the option that it may have meant."""
        found, rest = self.parse_known_args(args, namespace)
        if rest:
            raise UsageError(self._unknown(rest[0]), self._advice())
        return found

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with our sentence for argparse's `message`."""
        for pattern, sentence in REFUSALS:
            if match := re.fullmatch(pattern, message):
                raise UsageError(_(sentence).format(verb=self.verb, **match.groupdict()), self._advice())
        raise UsageError(f"{self.verb}: {message}.", self._advice())

    def _unknown(self, word: str) -> str:
        known = long_options(self)
        near = difflib.get_close_matches(word.partition("=")[0], known, n=1)
        if not near:
            return _("{verb} does not know {word!r}.").format(verb=self.verb, word=word)
        return _("{verb} does not know {word!r}. Did you mean {near}?").format(
            verb=self.verb, word=word, near=near[0]
        )

    def _advice(self) -> str:
        return _("Type ./isomo {verb} --help to see what it takes.").format(verb=self.verb)


def long_options(parser: argparse.ArgumentParser) -> list[str]:
    """Long options of `parser`, such as `--json`, in their order."""
    return [name for action in parser._actions for name in action.option_strings if name.startswith("--")]


def first_words(parser: argparse.ArgumentParser) -> list[str]:
    """Fixed words that may come first after the verb, such as `rebuild` and `check`."""
    for action in parser._actions:
        if not action.option_strings and action.choices:
            return [str(choice) for choice in action.choices]
    return []


def _json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help=_("print one JSON object, for programs"))


def _up(parser: Parser) -> None:
    parser.add_argument(
        "--evaluate", action="store_true", help=_("without Docker and without isolation: only for a look")
    )


def _logs(parser: Parser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help=_("one process; without it, all of them"))
    parser.add_argument("-f", "--follow", action="store_true", help=_("keep showing new lines"))


def _doctor(parser: Parser) -> None:
    parser.add_argument("--prune", action="store_true", help=_("remove images of earlier versions"))
    _json(parser)


def _invite(parser: Parser) -> None:
    parser.add_argument("username", metavar="USERNAME", help=_("user name of an existing account"))


def _marks(parser: Parser) -> None:
    parser.add_argument("what", choices=("export",), help=_("what to do"))
    parser.add_argument("course", metavar="COURSE", help=_("short name of the course"))
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help=_("a .csv or .xlsx file; without it, CSV to standard output")
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(_("write a whole number from 1 on, not {text}").format(text=text))
    return int(text)


def _worker(parser: Parser) -> None:
    parser.add_argument("--join", action="store_true", help=_("be a grader of the named campus"))
    parser.add_argument(
        "--reserve", type=_count, metavar="N",
        help=_("grade only while more than N submissions wait in the queue"),
    )  # fmt: skip


def _check_settings(parser: Parser) -> None:
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help=_("settings file; without it, the one that up reads")
    )
    _json(parser)


def _verify_receipt(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help=_("the receipt's .json file"))
    parser.add_argument(
        "--keys", metavar="FILE", help=_("public keys of another installation, its keys.json")
    )
    _json(parser)


def _backup(parser: Parser) -> None:
    parser.add_argument("--list", action="store_true", help=_("show the backups that there are"))
    _json(parser)


def _restore(parser: Parser) -> None:
    parser.add_argument("--from", metavar="PLACE", help=_("where the backups are; without it, [backup] says"))
    parser.add_argument("--password-file", metavar="FILE", help=_("file with the backups' password"))
    parser.add_argument(
        "--snapshot", metavar="ID", default="latest", help=_("one backup; without it, the newest")
    )
    parser.add_argument(
        "--into", metavar="FOLDER", help=_("an empty folder; without it, state in isomo.toml")
    )
    parser.add_argument(
        "--tag", metavar="TAG", help=_("backups of an installation with another project name")
    )
    _json(parser)


def _upgrade(parser: Parser) -> None:
    parser.add_argument("--check", action="store_true", help=_("say what would change, and change nothing"))
    parser.add_argument("--to", metavar="VERSION", help=_("a tag or commit; without it, what the branch has"))
    parser.add_argument(
        "--back", action="store_true", help=_("return to the version before the last upgrade")
    )
    parser.add_argument("--offline", action="store_true", help=_("do not ask the remote repository"))


def _announce(parser: Parser) -> None:
    parser.add_argument("text", nargs="?", metavar="TEXT", help=_("what everybody reads on each page"))
    parser.add_argument(
        "--in", action="append", default=[], metavar="LANGUAGE:TEXT", help=_("the same in another language")
    )
    parser.add_argument(
        "--hours", type=int, default=24, metavar="N", help=_("how long it is shown; 24 if not given")
    )
    parser.add_argument("--clear", action="store_true", help=_("take the announcement away"))


def _rotate_keys(parser: Parser) -> None:
    parser.add_argument("--yes", action="store_true", help=_("do it; without it, only say what would happen"))


def _second_factor(parser: Parser) -> None:
    parser.add_argument("username", metavar="USERNAME", help=_("user name of an existing account"))
    parser.add_argument(
        "--remove", action="store_true", help=_("for a lost telephone: ask for no code any more")
    )


def _completion(parser: Parser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh"), help=_("the shell that reads the script"))


def _test(parser: Parser) -> None:
    parser.add_argument(
        "words",
        nargs=argparse.REMAINDER,
        metavar="unit|full|PATH",
        help=_(
            "unit: quick tests; full: all of them; anything else goes to pytest; nothing: all but the long ones"
        ),
    )


def _lock(parser: Parser) -> None:
    parser.add_argument("--upgrade", action="store_true", help=_("take the newest versions"))


def _sbom(parser: Parser) -> None:
    parser.add_argument(
        "image", choices=("lab", "grader"), help=_("the image of learners' servers, or the one of graders")
    )
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help=_("where to write it; if not given, it is printed")
    )


def _kubernetes(parser: Parser) -> None:
    parser.add_argument("what", choices=("render",), help=_("what to do"))
    parser.add_argument("--out", metavar="DIR", help=_("folder to write to; without it, they are printed"))
    _json(parser)


def _nothing(_parser: Parser) -> None:
    """The verb takes no words."""


DECLARED: dict[str, Callable[[Parser], None]] = {
    "up": _up,
    "down": _nothing,
    "status": _json,
    "logs": _logs,
    "doctor": _doctor,
    "demo": _json,
    "invite": _invite,
    "marks": _marks,
    "worker": _worker,
    "check-settings": _check_settings,
    "backup": _backup,
    "restore": _restore,
    "upgrade": _upgrade,
    "announce": _announce,
    "rotate-keys": _rotate_keys,
    "second-factor": _second_factor,
    "completion": _completion,
    "verify-receipt": _verify_receipt,
    "setup": _nothing,
    "docs": _nothing,
    "kubernetes": _kubernetes,
    "sbom": _sbom,
    "test": _test,
    "lock": _lock,
}
# Verbs of other rooms keep their parsers there; they are found by name, as the verbs themselves are.
ELSEWHERE: dict[str, str] = {
    "roster": "hub.ops.verbs.roster:arguments",
    "person": "hub.ops.verbs.registry:person_arguments",
    "institution": "hub.ops.verbs.registry:institution_arguments",
    "course": "hub.ops.verbs.registry:course_arguments",
    "class": "hub.ops.verbs.registry:class_arguments",
    "audit": "hub.ops.verbs.audit:arguments",
    "retention": "hub.ops.verbs.retention:arguments",
    "certificate": "hub.ops.verbs.certificate:arguments",
    "node": "hub.ops.verbs.node:arguments",
    "grade": "graders.agent.grade_verb:arguments",
    "regrade": "graders.agent.regrade_verb:arguments",
    "gradebook": "graders.nbgrader.gradebook_verb:arguments",
    "lab": "labs.authoring.lab_command:arguments",
    "bench": "bench.bench_command:arguments",
    "prototype": "labs.prototype_kit.command_line:arguments",
}
# Their later words belong to another program or to a further verb, `--help` included.
PASSES_ON = frozenset({"test", "lab", "bench", "prototype"})


def declared_parser(verb: str, description: str = "") -> Parser:
    """Return the parser of a verb whose options are declared here."""
    parser = Parser(verb, description=description)
    DECLARED[verb](parser)
    return parser


def parse_options(verb: str, argv: list[str]) -> argparse.Namespace:
    """Return the options in `argv`. Raises UsageError for words that `verb` does not take."""
    found: argparse.Namespace = declared_parser(verb).parse_args(argv)
    return found


def option_refusal(verb: str, words: list[str]) -> UsageError | None:
    """Return what is wrong with the words after a verb declared here; None if they fit or cannot be judged yet."""
    if verb not in DECLARED:
        return None
    try:
        parse_options(verb, words)
    except UsageError as error:
        return error
    return None


def parser_for(verb: str, description: str = "") -> argparse.ArgumentParser | None:
    """Return the parser of any verb; None if the packages it is made of are not installed yet."""
    if verb in DECLARED:
        return declared_parser(verb, description)
    if verb not in ELSEWHERE:
        return Parser(verb, description=description)
    module, _colon, name = ELSEWHERE[verb].partition(":")
    try:
        made: argparse.ArgumentParser = getattr(importlib.import_module(module), name)()
    except ModuleNotFoundError:
        return None
    return made


def asks_for_help(verb: str, words: list[str]) -> bool:
    """Return whether the words after `verb` ask for its help."""
    asked = words[:1] if verb in PASSES_ON else words
    return bool({"-h", "--help"} & set(asked))


def help_text(verb: str, description: str) -> str:
    """Return the help of `verb`: usage, and one line for each option."""
    parser = parser_for(verb, description)
    if parser is not None:
        return parser.format_help()
    more = _("Type ./isomo setup once; after that, this help lists the options too.")
    return f"{_('Usage: ')}./isomo {verb} …\n\n{description}\n\n{more}\n"
