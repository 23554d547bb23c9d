"""Verbs `institution`, `course`, `class` and `person`: make, change, archive, enrol, move, from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from hub.campus.late_recount import recount_learners
from hub.campus.project_folders import tell_applications
from hub.ops import terminal_output, this_installation
from hub.ops.verbs import person_data
from hub.ops.verbs.verb_words import _, plural_words, refusal_error
from hub.shared_names import is_email, is_username
from hub.store import Store
from hub.store.account_store import ROLES, check_coordinator
from hub.store.refused_change import RefusedChange
from hub.store.roster_file import clean_cell
from hub.verb_errors import IsomoError
from hub.verb_options import Parser

WHO = "isomo"
Action = Callable[[Store, argparse.Namespace], str]


def institution_arguments() -> Parser:
    """Return the options of `institution`."""
    parser = Parser("institution", description=_("make and change institutions"))
    parser.add_argument("what", choices=("list", "add", "change", "archive", "restore"), help=_("what to do"))
    parser.add_argument("name", nargs="?", metavar="NAME", help=_("its short name"))
    parser.add_argument("--title", metavar="TITLE", help=_("what people read"))
    parser.add_argument(
        "--parent", metavar="NAME", help=_("the institution that it belongs to; empty for none")
    )
    return parser


def course_arguments() -> Parser:
    """Return the options of `course`."""
    parser = Parser("course", description=_("make and change courses"))
    parser.add_argument("what", choices=("list", "add", "change", "archive", "restore"), help=_("what to do"))
    parser.add_argument("name", nargs="?", metavar="NAME", help=_("its short name"))
    parser.add_argument("--title", metavar="TITLE", help=_("what people read"))
    parser.add_argument(
        "--institution", metavar="NAME", help=_("the institution of the course; empty for none")
    )
    parser.add_argument("--track", metavar="TRACK", help=_("for whom it is"))
    parser.add_argument("--intake", metavar="INTAKE", help=_("which intake it is"))
    return parser


def class_arguments() -> Parser:
    """Return the options of `class`."""
    parser = Parser("class", description=_("make and change the classes of a course"))
    parser.add_argument("what", choices=("list", "add", "change", "archive", "restore"), help=_("what to do"))
    parser.add_argument("course", metavar="COURSE", help=_("short name of the course"))
    parser.add_argument("name", nargs="?", metavar="CLASS", help=_("name of the class"))
    parser.add_argument("--title", metavar="TITLE", help=_("a new name"))
    parser.add_argument("--schedule", metavar="TEXT", help=_("when it meets"))
    return parser


def person_arguments() -> Parser:
    """Return the options of `person`."""
    parser = Parser("person", description=_("make and change people"))
    parser.add_argument(
        "what",
        choices=("show", "add", "change", "close", "open", "enrol", "take-out", "move", "export", "erase"),
        help=_("what to do"),
    )
    parser.add_argument("username", metavar="USERNAME", help=_("user name"))
    parser.add_argument("--file", metavar="FILE", help=_("the .zip file that export writes"))
    parser.add_argument("--yes", action="store_true", help=_("erase; without it, only say what would go"))
    parser.add_argument("--name", metavar="NAME", help=_("name as shown"))
    parser.add_argument("--email", metavar="ADDRESS", help=_("e-mail address; empty for none"))
    parser.add_argument("--language", metavar="CODE", help=_("language that this person reads"))
    parser.add_argument(
        "--institution", metavar="NAME", help=_("short name of the institution; empty for none")
    )
    parser.add_argument(
        "--role", metavar="ROLE", action="append", choices=ROLES, help=_("a role; may come again")
    )
    parser.add_argument("--course", metavar="COURSE", help=_("course to enrol in, take out of or move from"))
    parser.add_argument("--to", metavar="COURSE", help=_("course to move to"))
    parser.add_argument("--class", dest="group", metavar="CLASS", help=_("name of a class of the course"))
    parser.add_argument(
        "--part", choices=("learner", "trainer"), default="learner", help=_("part in the course")
    )
    return parser


def institution_command(argv: list[str]) -> int:
    """`institution list|add|change|archive|restore [NAME] [--title T] [--parent NAME]`."""
    options = institution_arguments().parse_args(argv)
    return _carried_out(options, {"list": _list_institutions}, _change_institution)


def course_command(argv: list[str]) -> int:
    """`course list|add|change|archive|restore [NAME] …`."""
    options = course_arguments().parse_args(argv)
    return _carried_out(options, {"list": _list_courses}, _change_course)


def class_command(argv: list[str]) -> int:
    """`class list|add|change|archive|restore COURSE [CLASS] …`."""
    options = class_arguments().parse_args(argv)
    return _carried_out(options, {"list": _list_classes}, _change_class)


def person_command(argv: list[str]) -> int:
    """`person show|add|change|close|open|enrol|take-out|move|export|erase USERNAME …`."""
    options = person_arguments().parse_args(argv)
    options.username = options.username.lower()
    actions: dict[str, Action] = {
        "show": _show_person,
        "add": _add_person,
        "change": _change_person,
        "close": _close_person,
        "open": _open_person,
        "enrol": _enrol,
        "take-out": _take_out,
        "move": _move,
        "export": person_data.export_person,
        "erase": person_data.erase_or_plan,
    }
    return _carried_out(options, actions, _show_person)


def _carried_out(options: argparse.Namespace, actions: dict[str, Action], otherwise: Action) -> int:
    store = Store.open(this_installation.current_settings())
    action = actions.get(options.what, otherwise)
    if options.what != "list" and not getattr(options, "name", "") and not hasattr(options, "username"):
        raise IsomoError(
            _("It is not said which one."), _("Write its name after {what}.").format(what=options.what)
        )
    try:
        said = action(store, options)
    except RefusedChange as error:
        raise refusal_error(error) from error
    if said:
        terminal_output.print_sentence(said)
    return 0


def _list_institutions(store: Store, _options: argparse.Namespace) -> str:
    tree = store.institutions.tree()
    return "\n".join(f"{'  ' * each.depth}{each.institution.id}  {each.institution.title}" for each in tree)


def _change_institution(store: Store, options: argparse.Namespace) -> str:
    name = options.name
    if options.what == "add":
        store.institutions.add(name, options.title or name, options.parent)
    elif options.what == "change":
        store.institutions.change(name, title=options.title, parent=options.parent)
    else:
        store.institutions.archive(name, archived=options.what == "archive")
    codes = {"add": "made-institution", "change": "changed-institution", "archive": "archived"}
    store.audit.add(WHO, codes.get(options.what, "brought-back"), f"institution {name}")
    return _("Done: {name}.").format(name=name)


def _list_courses(store: Store, _options: argparse.Namespace) -> str:
    lines = store.classes.courses()
    return "\n".join(
        f"{each.course.id}  {each.course.title}  "
        + plural_words("{number} learner", "{number} learners", each.learners).format(number=each.learners)
        + ", "
        + plural_words("{number} class", "{number} classes", each.classes).format(number=each.classes)
        for each in lines
    )


def _change_course(store: Store, options: argparse.Namespace) -> str:
    name = options.name
    more = {"institution": options.institution, "track": options.track, "intake": options.intake}
    if options.what == "add":
        given = {key: value for key, value in more.items() if value is not None}
        store.classes.add_course(name, options.title or name, **given)
    elif options.what == "change":
        store.classes.change_course(name, title=options.title, **more)
    else:
        store.classes.archive_course(name, archived=options.what == "archive")
    codes = {"add": "made-course", "change": "changed-course", "archive": "archived"}
    store.audit.add(WHO, codes.get(options.what, "brought-back"), f"course {name}")
    return _("Done: {name}.").format(name=name)


def _list_classes(store: Store, options: argparse.Namespace) -> str:
    lines = store.classes.classes(options.course)
    return "\n".join(f"{each.group.title}  {each.group.schedule}  {each.members}" for each in lines)


def _change_class(store: Store, options: argparse.Namespace) -> str:
    if options.what == "add":
        store.classes.add_class(options.course, options.name, options.schedule or "")
    else:
        number = _class_number(store, options.course, options.name)
        if options.what == "change":
            store.classes.change_class(options.course, number, title=options.title, schedule=options.schedule)
        else:
            store.classes.archive_class(options.course, number, archived=options.what == "archive")
            recount_learners(store, store.schedules.learners_of(number), WHO)
    codes = {"add": "made-class", "change": "changed-class", "archive": "archived"}
    store.audit.add(WHO, codes.get(options.what, "brought-back"), f"class {options.name} in {options.course}")
    return _("Done: {name}.").format(name=options.name)


def _class_number(store: Store, of_course: str, title: str) -> int:
    for each in store.classes.classes(of_course, archived=True):
        if each.group.title.casefold() == title.casefold():
            return each.group.id
    raise RefusedChange("no-such-class", name=of_course)


def _show_person(store: Store, options: argparse.Namespace) -> str:
    found = store.people.get(options.username)
    if found is None:
        raise RefusedChange("no-such-person", name=options.username)
    terminal_output.print_fact(_("Name"), found.display_name)
    terminal_output.print_fact(_("E-mail"), found.email or "–")
    terminal_output.print_fact(_("Language"), found.language)
    terminal_output.print_fact(_("Institution"), found.institution or "–")
    terminal_output.print_fact(_("Roles"), ", ".join(store.people.roles(options.username)))
    if found.disabled_at:
        terminal_output.print_fact(_("Account"), _("closed"))
    for each in store.enrolments.of_person(options.username):
        terminal_output.print_fact(
            each.course.id, " · ".join([*each.parts, *([each.group] if each.group else [])])
        )
    return ""


def _add_person(store: Store, options: argparse.Namespace) -> str:
    name, roles = options.username, options.role or ["learner"]
    if not is_username(name):
        raise RefusedChange("bad-username", name=name)
    if store.people.get(name) is not None:
        raise RefusedChange("name-taken", name=name)
    check_coordinator(roles, options.institution)
    _email(options)
    if options.institution and store.institutions.get(options.institution) is None:
        raise RefusedChange("no-such-institution", name=options.institution)
    shown = clean_cell(options.name or name)
    store.people.add(
        name, shown, roles=roles, institution=options.institution or None, language=_language(store, options)
    )
    store.audit.add(WHO, "invited", f"{name} as {', '.join(roles)}")
    if options.email:
        _change_person(store, options)
    if options.course:
        _enrol(store, options)
    return _("Made {name}. A sign-in link: ./isomo invite {name}").format(name=name)


def _email(options: argparse.Namespace) -> str:
    """Return the e-mail address that was written, "" for none. Raises RefusedChange."""
    email = (options.email or "").strip().lower()
    if email and not is_email(email):
        raise RefusedChange("bad-email", value=email[:60])
    return email


def _language(store: Store, options: argparse.Namespace) -> str:
    have = store.settings.languages
    if options.language is not None and options.language not in have:
        raise IsomoError(
            _("{value} is no language of this installation.").format(value=options.language),
            _("It can be one of: {known}.").format(known=", ".join(have)),
        )
    return options.language or have[0]


def _change_person(store: Store, options: argparse.Namespace) -> str:
    found = store.people.get(options.username)
    if found is None:
        raise RefusedChange("no-such-person", name=options.username)
    institution_name = options.institution if options.institution is not None else found.institution
    store.people.change(
        options.username,
        display_name=clean_cell(options.name) if options.name else found.display_name,
        roles=options.role or store.people.roles(options.username),
        institution=institution_name or None,
        language=_language(store, options) if options.language else found.language,
        email=(_email(options) if options.email is not None else found.email) or None,
    )
    store.audit.add(WHO, "changed-person", options.username)
    return _("Done: {name}.").format(name=options.username)


def _close_person(store: Store, options: argparse.Namespace) -> str:
    if store.people.get(options.username) is None:
        raise RefusedChange("no-such-person", name=options.username)
    store.people.set_disabled(options.username, True)
    tell_applications(store, options.username)
    store.sessions.end_all(options.username)
    store.audit.add(WHO, "disabled", options.username)
    return _("The account {name} is closed. Its servers stop within a minute.").format(name=options.username)


def _open_person(store: Store, options: argparse.Namespace) -> str:
    if store.people.get(options.username) is None:
        raise RefusedChange("no-such-person", name=options.username)
    store.people.set_disabled(options.username, False)
    tell_applications(store, options.username)
    store.audit.add(WHO, "enabled", options.username)
    return _("The account {name} is open.").format(name=options.username)


def _course_of(options: argparse.Namespace) -> str:
    if not options.course:
        raise IsomoError(_("It is not said which course."), _("Write it: --course NAME."))
    return str(options.course)


def _enrol(store: Store, options: argparse.Namespace) -> str:
    of_course = _course_of(options)
    number = _class_number(store, of_course, options.group) if options.group else None
    store.enrolments.enrol(of_course, options.username, options.part, class_id=number)
    recount_learners(store, [options.username], WHO)
    store.audit.add(WHO, "enrolled", f"{options.username} in {of_course} as {options.part}")
    return _("{name} is enrolled in {course}.").format(name=options.username, course=of_course)


def _take_out(store: Store, options: argparse.Namespace) -> str:
    of_course = _course_of(options)
    if not store.enrolments.take_out(of_course, options.username):
        raise RefusedChange("not-enrolled", name=options.username, course=of_course)
    store.audit.add(WHO, "took-out", f"{options.username} from {of_course}")
    return _("{name} is no longer in {course}. What they handed in is kept.").format(
        name=options.username, course=of_course
    )


def _move(store: Store, options: argparse.Namespace) -> str:
    of_course = _course_of(options)
    if not options.to:
        raise IsomoError(_("It is not said to which course."), _("Write it: --to NAME."))
    number = _class_number(store, options.to, options.group) if options.group else None
    moved = store.enrolments.move(options.username, of_course, options.to, class_id=number)
    recount_learners(store, [options.username], WHO)
    store.audit.add(
        WHO, "moved", f"{options.username} from {of_course} to {options.to} with {moved} attempts"
    )
    return _("{name} moved to {course}. Attempts that moved along: {number}.").format(
        name=options.username, course=options.to, number=moved
    )
