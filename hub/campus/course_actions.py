"""Actions of trainers and learners, the same from a page and from the API: each checks, acts, and writes it down."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hub.campus import submitted_notebook
from hub.campus.built_labs import built_labs, facts_for_lists, find_built
from hub.campus.file_bundles import for_language, unpack_files, unpack_work
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.memory_sizes import Size
from hub.shared_names import is_lab_name
from hub.store.course_store import Lab
from hub.store.late_work import work_lateness
from hub.store.table_models import Attempt

YEARS = range(2000, 2200)
"""Years in which a lab may close."""
LONGEST_NOTE = 2000
"""Letters that a note to learners may have."""
PAGES_SIZE = Size.parse("20 MB")
"""What a zip of feedback pages may hold."""


def released_lab(who: Visitor, course: str, lab: str) -> Lab:
    """A released lab. Raises Problem if this person cannot see it, or cannot see it yet."""
    who.must_see(course)
    found = who.campus.store.courses.lab(course, lab)
    if found is None:
        raise Problem("lab-not-released", {"lab": lab})
    if not who.trains(course):
        if found.withdrawn_at is not None:
            raise Problem("lab-withdrawn", {"lab": found.named(who.language)})
        _must_be_open(who, with_own_times(who, found))
    return found


def own_lab(who: Visitor, course: str, lab: str) -> Lab:
    """A released lab with this person's own times. Raises Problem if they cannot see it."""
    return with_own_times(who, released_lab(who, course, lab))


def with_own_times(who: Visitor, lab: Lab) -> Lab:
    """Return a lab with the times that count for this person."""
    return who.campus.store.schedules.own_labs(lab.course, who.name, [lab])[0]


def _must_be_open(who: Visitor, lab: Lab) -> None:
    """Raise Problem for a lab that opens later."""
    if lab.state() == "planned" and lab.opens_at is not None:
        time = lab.opens_at.astimezone(ZoneInfo(who.campus.settings.timezone))
        raise Problem("lab-not-open-yet", {"lab": lab.named(who.language), "time": f"{time:%Y-%m-%d %H:%M}"})


def own_attempt(who: Visitor, receipt: str) -> Attempt:
    """An attempt that is the visitor's own, or of a course they train."""
    found = who.campus.store.attempts.get(receipt)
    if found is None or (found.learner != who.name and not who.trains(found.course)):
        who.refuse(f"attempt {receipt}")
    return found


def release_built(who: Visitor, course: str, slug: str, closes_at: str | None) -> None:
    """Release a lab from the library of built ones; learners may hand in until `closes_at`."""
    who.must_train(course)
    check_lab_name(slug)
    settings = who.campus.settings
    built = find_built(settings.state / "labs", slug)
    who.campus.store.courses.release(
        course,
        slug,
        version=built.version,
        title=built.title,
        minutes=built.minutes,
        tasks=built.tasks,
        release=built.release_files(),
        source=built.source_files(),
        closes_at=future_closing_time(closes_at, settings.timezone),
        **facts_for_lists(built, built_labs(settings.state / "labs")),
    )
    who.note("released", f"{course}/{slug} version {built.version}")


def release_zip(who: Visitor, course: str, lab: str, body: bytes) -> None:
    """Release what `nbgrader release_assignment` sends: files below `release/` and `source/`."""
    who.must_train(course)
    check_lab_name(lab)
    release, source = unpack_release(body, who.campus.settings.grading.release_size)
    check_notebooks(lab, for_language(release, "en", who.campus.settings.languages), source)
    version = hashlib.sha256(body).hexdigest()[:12]
    before = who.campus.store.courses.lab(course, lab)
    who.campus.store.courses.release(
        course,
        lab,
        version=version,
        title=before.title if before else {"en": lab},
        minutes=before.minutes if before else 0,
        tasks=[],
        release=release,
        source=source,
        number=before.number if before else 0,
        track=before.track if before else "",
        builds_on=before.builds_on if before else (),
        # nbgrader's list --remove closes a lab, and its release_assignment opens it again.
        reopen=True,
    )
    who.note("released", f"{course}/{lab} version {version}")


def check_lab_name(lab: str) -> None:
    """Raise Problem for a name under which a lab could not be opened or kept."""
    if not is_lab_name(lab):
        raise Problem("bad-lab-name", {"lab": lab[:100]})


def unpack_release(body: bytes, limit: Size) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the learners' files and the grader's. Raises Problem if they are too large; what both have counts once."""
    try:
        files = unpack_files(body, Size(2 * limit))
    except Problem as problem:
        if problem.code == "too-large":
            raise Problem("release-too-large", {"limit": limit}) from problem
        raise
    if sum(map(len, set(files.values()))) > limit:
        raise Problem("release-too-large", {"limit": limit})
    return _below(files, "release"), _below(files, "source")


def check_notebooks(lab: str, release: Mapping[str, bytes], source: Mapping[str, bytes]) -> None:
    """Raise Problem for a lab that could not be handed in or graded."""
    both = [name for name in source if submitted_notebook.is_notebook(name) and name in release]
    if not both:
        raise Problem("no-lab-notebook", {"lab": lab})
    for name in submitted_notebook.main_names(source, lab):
        if name not in release:
            raise Problem("notebook-not-released", {"lab": lab, "file": name})
    for name in both:
        for side in (release, source):
            kernel, language = submitted_notebook.language_of(
                submitted_notebook.read_notebook(side[name], name)
            )
            if language != "python":
                facts: dict[str, object] = {
                    "file": name,
                    "language": language.capitalize(),
                    "kernel": kernel or "?",
                }
                raise Problem("other-language", facts)


def _below(files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    start = f"{folder}/"
    return {path.removeprefix(start): content for path, content in files.items() if path.startswith(start)}


def closing_time(text: str | None, zone: str) -> datetime | None:
    """A closing time as a trainer types it; without a zone it is the office's own. Raises Problem."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Problem("bad-date", {"value": text[:40]}) from error
    if found.year not in YEARS:
        raise Problem(
            "bad-date", {"value": text[:40]}
        )  # Near the ends of the calendar it has no time in UTC.
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def future_closing_time(text: str | None, zone: str) -> datetime | None:
    """The same for a closing time that is still to come. Raises Problem for one that is over."""
    found = closing_time(text, zone)
    if found is not None and found <= datetime.now(UTC):
        raise Problem("past-date", {"value": (text or "")[:40]})
    return found


def set_closing(who: Visitor, course: str, lab: str, closes_at: str | None) -> datetime | None:
    """Take work for a lab until `closes_at`, or with no closing time; reopens a closed lab."""
    who.must_train(course)
    released_lab(who, course, lab)
    until = future_closing_time(closes_at, who.campus.settings.timezone)
    who.campus.store.courses.open_until(course, lab, until)
    recount_late(who, course, lab)
    who.note("opened", f"{course}/{lab} until {until or 'further notice'}")
    return until


def recount_late(who: Visitor, course: str, lab: str, learners: Collection[str] | None = None) -> int:
    """Count late work again after times changed; returns how many attempts cost less now."""
    store = who.campus.store
    changed = store.late.recount(released_lab(who, course, lab), learners)
    for attempt in changed:
        store.results.return_changes_at_once(attempt, who.name)
    return len(changed)


def close_lab(who: Visitor, course: str, lab: str) -> None:
    """Take no more work for a lab."""
    who.must_train(course)
    released_lab(who, course, lab)
    who.campus.store.courses.close(course, lab)
    who.note("closed", f"{course}/{lab}")


def hand_in(who: Visitor, course: str, lab: str, body: bytes) -> tuple[Attempt, bool]:
    """Keep a zip of work as an attempt; also whether it is a new one. When this returns, it is on disk."""
    found = own_lab(who, course, lab)
    if found.state() != "released":
        raise Problem("lab-closed", {"lab": found.named(who.language)})
    limit = who.campus.settings.grading.submission_size
    files, left_out = unpack_work(body, limit)
    warnings: list[Any] = submitted_notebook.work_warnings(files, _released_notebooks(who, found))
    if left_out:
        warnings.append({"code": "files-left-out", "cells": ", ".join(left_out), "limit": str(limit)})
    attempt, new = who.campus.store.attempts.submit(
        course, lab, who.name, files, warnings, late=lambda received_at: work_lateness(found, received_at)
    )
    who.note("submitted" if new else "submitted-again", f"{course}/{lab} {attempt.receipt}")
    return attempt, new


def _released_notebooks(who: Visitor, lab: Lab) -> dict[str, dict[str, Any]]:
    """Return the notebooks that learners of a lab hand in, as they were released."""
    blobs = who.campus.store.blobs
    manifest = blobs.manifest(lab.release_bundle)
    names = [name for name in manifest if name.endswith(".ipynb")]
    bundle = {name: blobs.get(manifest[name]) for name in names}
    release = for_language(bundle, "en", who.campus.settings.languages)
    return {
        name: submitted_notebook.read_notebook(release[name], name)
        for name in submitted_notebook.main_names(release, lab.lab)
    }


def cell_names(who: Visitor, course: str, lab: str) -> set[str]:
    """Return the cells of a lab that earn points or hold answers, as graders name them."""
    found = who.campus.store.courses.lab(course, lab)
    files = who.campus.store.blobs.get_bundle(found.source_bundle) if found else {}
    names = submitted_notebook.main_names(files, lab)
    return {
        f"{submitted_notebook.task_prefix(name, names)}{cell}"
        for name in names
        for cell in submitted_notebook.graded_cells(submitted_notebook.read_notebook(files[name], name))
    }


def return_feedback(
    who: Visitor, course: str, lab: str, learners: Collection[str] | None = None, page: bytes | None = None
) -> list[str]:
    """Show the newest grading to `learners`, else to all who have one; returns whom. `page` replaces the grader's."""
    who.must_train(course)
    newest = {each.id: each.learner for each in who.campus.store.results.newest(course, lab)}
    wanted = [key for key, name in newest.items() if learners is None or name in learners]
    results = who.campus.store.results
    names = [newest[key] for key in results.return_to(wanted, who.name, page)]
    results.return_to(results.older_unseen(course, lab, set(names)), who.name)
    who.note("returned", f"{course}/{lab} for {', '.join(names) if learners else len(names)}")
    return names


def act_on(
    who: Visitor,
    course: str,
    lab: str,
    what: str,
    learners: Collection[str],
    *,
    closes_at: str | None = None,
    text: str = "",
) -> int:
    """Return, grade again, write to, or change the closing time for some learners of a lab; returns for how many.

    Raises Problem for an unknown act, for nobody, and for people who do not learn here.
    """
    who.must_train(course)
    released_lab(who, course, lab)
    if what not in ("return", "grade", "extend", "end", "write"):
        raise Problem("bad-request", {"fields": "act"})
    here = {each.username for each in who.campus.store.courses.learners(course)}
    chosen = sorted(set(learners) & here)
    if not chosen:
        raise Problem("nobody-chosen")
    if what == "return":
        return len(return_feedback(who, course, lab, chosen))
    if what == "grade":
        return sum(grade_again(who, course, lab, name) for name in chosen)
    if what == "write":
        return write_note(who, course, lab, chosen, text)
    return extend_lab(who, course, lab, chosen, closes_at if what == "extend" else None, end=what == "end")


def write_note(who: Visitor, course: str, lab: str, learners: Collection[str], text: str) -> int:
    """Write to learners about a lab; they read it on their first page. Returns to how many."""
    said = text.replace("\r\n", "\n").strip()
    if not said or len(said) > LONGEST_NOTE:
        raise Problem("no-note" if not said else "long-reason", {"most": LONGEST_NOTE})
    who.campus.store.notes.write(course, lab, learners, said, who.name)
    who.note("wrote-note", f"{course}/{lab} to {', '.join(learners)}")
    return len(learners)


def extend_lab(
    who: Visitor,
    course: str,
    lab: str,
    learners: Collection[str],
    closes_at: str | None,
    *,
    end: bool = False,
) -> int:
    """Let learners hand in until a time of their own, or with `end` take that back; returns for how many."""
    until = None if end else closing_time(closes_at, who.campus.settings.timezone)
    if not end and (until is None or until <= datetime.now(UTC)):
        raise Problem("past-extension", {"value": (closes_at or "")[:40]})
    who.campus.store.extensions.give(course, lab, learners, until, who.name)
    recount_late(who, course, lab, learners)
    about = f"{course}/{lab} for {', '.join(learners)}"
    who.note("extension-ended" if end else "extended", about if end else f"{about} until {until}")
    return len(learners)


def return_at_once(who: Visitor, course: str, lab: str, *, at_once: bool) -> None:
    """Let feedback return by itself as soon as work is checked, or wait for a trainer again."""
    who.must_train(course)
    released_lab(who, course, lab)
    who.campus.store.courses.return_at_once(course, lab, at_once=at_once)
    who.note("returns-at-once" if at_once else "returns-by-hand", f"{course}/{lab}")


def feedback_page(body: bytes, lab: str) -> bytes | None:
    """The page in what `nbgrader release_feedback` sends: a zip with `<lab>.html`, or the page itself."""
    if not body.startswith(b"PK"):
        return body or None
    files = unpack_files(body, PAGES_SIZE)
    pages = [content for path, content in files.items() if path.endswith(".html")]
    found = files.get(f"{lab}.html", pages[0] if pages else None)
    if found is None:
        raise Problem("no-notebook", {"file": f"{lab}.html"})
    return found


def grade_again(who: Visitor, course: str, lab: str, learner: str | None = None) -> int:
    """Ask for every newest attempt, or one learner's, to be graded once more; returns how many."""
    who.must_train(course)
    asked = who.campus.store.gradings.ask_again(course, lab, who.name, learner)
    who.note("asked-to-grade", f"{course}/{lab} {learner or 'all'}: {asked}")
    return asked
