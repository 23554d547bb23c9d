"""`person export` and `person erase`: all that is kept of a person, as a file, and its erasure."""

from __future__ import annotations

import argparse
from pathlib import Path

from hub.campus.hub_client import HubClient
from hub.campus.person_erasure import Erased, backups_until, erase_person
from hub.campus.problem_codes import Problem
from hub.campus.web.own_data import write_own_data
from hub.ops.verbs.verb_words import _, plural_words
from hub.store import Store
from hub.store.refused_change import RefusedChange
from hub.verb_errors import IsomoError

WHO = "isomo person"


def export_person(store: Store, options: argparse.Namespace) -> str:
    """Write a person's data to a zip file."""
    person = store.people.get(options.username)
    if person is None:
        raise RefusedChange("no-such-person", name=options.username)
    file = Path(options.file or f"{options.username}-data.zip")
    try:
        with file.open("xb") as opened:
            file.chmod(0o600)
            number = write_own_data(store, options.username, person.language, opened)
    except FileExistsError:
        raise IsomoError(
            _("{file} is there already.").format(file=file), _("Name another file with --file.")
        ) from None
    except OSError as error:
        raise IsomoError(
            _("{file} could not be written: {reason}.").format(file=file, reason=error.strerror),
            _("Choose another folder, then try again."),
        ) from error
    store.audit.add(WHO, "exported-person", options.username)
    text = plural_words(
        "{file}: all that is kept of {name}, {number} attempt. Hand it over safely.",
        "{file}: all that is kept of {name}, {number} attempts. Hand it over safely.",
        number,
    )
    return text.format(file=file, name=options.username, number=number)


def erase_or_plan(store: Store, options: argparse.Namespace) -> str:
    """Say what would be erased; with --yes, erase it."""
    name = options.username
    person = store.people.get(name)
    if not options.yes:
        if person is None:
            raise RefusedChange("no-such-person", name=name)
        return "\n".join(
            [_what_goes(store, name), _what_stays(store), _("To do it: add --yes. Nobody can undo it.")]
        )
    if person is not None and "administrator" in store.people.roles(name):
        raise IsomoError(
            _("{name} is an administrator.").format(name=name),
            _("Take the role from them first, so that nobody erases the last administrator by mistake."),
        )
    try:
        done = erase_person(store, HubClient(store.settings.hub_api_url), name, WHO, files_now=True)
    except Problem:
        raise IsomoError(_("The hub does not answer just now."), _("Try again in a minute.")) from None
    return erasure_sentences(store, done)


def erasure_sentences(store: Store, done: Erased) -> str:
    """Return the sentences about a finished erasure."""
    lines = [
        _("Erased under the number {number}: {attempts}, {files}.").format(
            number=done.number,
            attempts=plural_words("{count} attempt", "{count} attempts", done.attempts).format(
                count=done.attempts
            ),
            files=plural_words("{count} file", "{count} files", done.files).format(count=done.files),
        )
    ]
    if done.files_later:
        lines.append(
            _(
                "{files} files are newer than an hour; the next night, or ./isomo retention apply, removes them."
            ).format(files=done.files_later)
        )
    if done.hub_knows:
        lines.append(
            _("The hub was away and still knows the user name. Run the same command again when it is up.")
        )
    return "\n".join([*lines, _what_stays(store)])


def _what_goes(store: Store, name: str) -> str:
    number = sum(len(store.attempts.list(course.id, learner=name)) for course in store.courses.all())
    return _(
        "This erases {name}: the account, {number} attempts with results and feedback, certificates, the home folder, "
        "mails, sessions, and the account at the hub."
    ).format(name=name, number=number)


def _what_stays(store: Store) -> str:
    until = backups_until(store.settings)
    kept = _("The audit log keeps the user name, without name and address: it proves who did what in office.")
    if until is None:
        return kept
    return (
        kept
        + " "
        + _("Backups hold the person until {day}, when the last of them is removed.").format(day=until)
    )
