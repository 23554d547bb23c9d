"""`./isomo gradebook rebuild|check [COURSE]`: nbgrader's gradebook of a course, made from the store at will."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlalchemy import make_url

from graders.nbgrader.projection.gradebook_differences import Difference, read_rows, row_differences
from graders.nbgrader.projection.gradebook_places import Place, gradebook_place
from graders.nbgrader.projection.gradebook_rows import Rows, gradebook_rows
from hub.isomo_settings import Settings, load_settings
from hub.message_catalogues import N_
from hub.message_catalogues import terminal_sentence as _
from hub.store import Store
from hub.verb_errors import IsomoError
from hub.verb_options import Parser

MOST_SHOWN = 50

REBUILT = N_("{course}: submissions in the gradebook: {count}.")
SAME = N_("{course}: the gradebook says what the store says.")
MISSING = N_("{what} is missing from the gradebook.")
TOO_MUCH = N_("{what} is in the gradebook, but not in the store.")
DIFFERENT = N_("{what}: {field} is {found} in the gradebook, and {wanted} in the store.")
MORE = N_("And {count} more.")
NONE_YET = N_("{course}: there is no gradebook yet.")
REBUILD = N_("Make it again: ./isomo gradebook rebuild {course}")
NO_COURSE = N_("There is no course {course}.")
COURSES = N_("There are: {courses}.")
NO_COURSES = N_("There is no course yet. Make one first, for example with ./isomo demo.")
OPEN_WITH = N_("nbgrader's own tools read it: nbgrader export --db '{url}'")


def course_rows(store: Store, course: str) -> Rows:
    """Return the rows that the store asks for."""

    def files(_lab: str, source: str) -> Mapping[str, bytes]:
        return store.blobs.get_bundle(source)

    return gradebook_rows(store.coursebook.record(course), files)


def gradebook_of(settings: Settings, course: str) -> Place:
    """Return the place of a course's gradebook in an installation."""
    return gradebook_place(settings.database_url, Path(settings.state) / "gradebooks", course)


def rebuild_gradebook(store: Store, course: str) -> int:
    """Rebuild a course's gradebook; return how many submissions it holds."""
    made = course_rows(store, course)
    gradebook_of(store.settings, course).rebuild(made)
    return len(made["submitted_assignment"])


def compare_gradebook(store: Store, course: str) -> list[Difference] | None:
    """Return what the gradebook says differently from the store; None if there is no gradebook."""
    with gradebook_of(store.settings, course).reading() as connection:
        if connection is None:
            return None
        found = read_rows(connection)
    return list(row_differences(found, course_rows(store, course)))


def difference_sentences(found: Iterable[Difference]) -> list[str]:
    """Return differences in words, at most `MOST_SHOWN` of them."""
    said = []
    for one in found:
        if one.field:
            facts = {"field": one.field, "found": one.found, "wanted": one.wanted}
            said.append(_(DIFFERENT).format(what=one.what, **facts))
        else:
            said.append(_(MISSING if one.missing else TOO_MUCH).format(what=one.what))
    rest = len(said) - MOST_SHOWN
    return said[:MOST_SHOWN] + ([_(MORE).format(count=rest)] if rest > 0 else [])


def _chosen(store: Store, course: str | None) -> list[str]:
    there = [each.id for each in store.courses.all()]
    if not there:
        raise IsomoError(_(NO_COURSES))
    if course is not None and course not in there:
        raise IsomoError(_(NO_COURSE).format(course=course), _(COURSES).format(courses=", ".join(there)))
    return there if course is None else [course]


def arguments() -> argparse.ArgumentParser:
    """Return the words after `gradebook`."""
    parser = Parser("gradebook", description=__doc__)
    parser.add_argument(
        "what", choices=("rebuild", "check"), help=_("make the gradebook again, or compare it")
    )
    parser.add_argument("course", nargs="?", help=_("a course; without one, every course"))
    return parser


def command(argv: list[str]) -> int:
    """Verb `gradebook`; `check` ends with 1 if something differs."""
    asked = arguments().parse_args(argv)
    store = Store.open(load_settings())
    step = _rebuild if asked.what == "rebuild" else _check
    return max(step(store, course) for course in _chosen(store, asked.course))


def _rebuild(store: Store, course: str) -> int:
    _say(_(REBUILT).format(course=course, count=rebuild_gradebook(store, course)))
    url = make_url(gradebook_of(store.settings, course).url).render_as_string(hide_password=True)
    _say(f"  {_(OPEN_WITH).format(url=url)}")
    return 0


def _check(store: Store, course: str) -> int:
    found = compare_gradebook(store, course)
    if found == []:
        _say(_(SAME).format(course=course))
        return 0
    for said in [_(NONE_YET).format(course=course)] if found is None else difference_sentences(found):
        _say(said)
    _say(_(REBUILD).format(course=course))
    return 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
