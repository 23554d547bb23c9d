"""Actions of trainers on drafts of labs, the same from a page and from the API: check, act, write it down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hub.campus.built_labs import Built, built_from, built_labs, facts_for_lists
from hub.campus.course_actions import check_notebooks, future_closing_time, released_lab
from hub.campus.file_bundles import for_language, is_plain
from hub.campus.lab_folder import (
    LONGEST_TITLE,
    MOST_MINUTES,
    LabFacts,
    check_file_name,
    check_files,
    check_name,
    starter_files,
    with_facts,
)
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.shared_names import is_lab_name
from hub.store.lab_drafts import GOOD, LabDraft

MOST_DRAFTS = 50
"""Drafts that a course keeps."""
Change = Callable[[dict[str, bytes]], Mapping[str, bytes]]


def draft_for(who: Visitor, course: str, lab: str) -> LabDraft:
    """Return a draft of a course. Raises Problem if this person does not train there, or there is none."""
    who.must_train(course)
    found = who.campus.store.lab_drafts.get(course, lab)
    if found is None:
        raise Problem("no-such-draft", {"lab": lab[:60]})
    return found


def begin_draft(
    who: Visitor, course: str, lab: str, title: str, files: Mapping[str, bytes] | None = None
) -> None:
    """Begin a draft from uploaded files, else from the starter, and have it checked. Raises Problem."""
    who.must_train(course)
    check_name(lab)
    store = who.campus.store
    taken = {each.slug for each in built_labs(who.campus.settings.state / "labs")}
    if lab in taken or store.courses.lab(course, lab) is not None:
        raise Problem("draft-name-taken", {"name": lab})
    if len(store.lab_drafts.list(course)) >= MOST_DRAFTS:
        raise Problem("too-many-drafts", {"most": MOST_DRAFTS})
    made = starter_files(lab, title or lab.replace("-", " ").capitalize()) if files is None else dict(files)
    check_files(made)
    if not store.lab_drafts.add(course, lab, made, who.name):
        raise Problem("draft-name-taken", {"name": lab})
    who.note("began-draft", f"{course}/{lab}")


def change_draft(
    who: Visitor, course: str, lab: str, change: Change, *, checks: bool = False, keeps_removed: bool = False
) -> None:
    """Change the files of a draft; what does not fit leaves it as it was. Raises Problem.

    With `keeps_removed` files that are gone afterwards can be put back.
    """
    draft_for(who, course, lab)

    def checked(files: dict[str, bytes]) -> Mapping[str, bytes]:
        made = change(files)
        check_files(made)
        return made

    drafts = who.campus.store.lab_drafts
    if not drafts.change(course, lab, checked, who.name, checks=checks, keeps_removed=keeps_removed):
        raise Problem("no-such-draft", {"lab": lab[:60]})
    who.note("changed-draft", f"{course}/{lab}")


def upload_to_draft(
    who: Visitor, course: str, lab: str, files: Mapping[str, bytes], *, is_folder: bool
) -> None:
    """Take uploaded files into a draft: a folder in the place of all, single files in the place of those."""
    change_draft(
        who,
        course,
        lab,
        lambda before: files if is_folder else {**before, **files},
        checks=True,
        keeps_removed=True,
    )


def save_file(
    who: Visitor, course: str, lab: str, file: str, *, text: str, before: str, checks: bool
) -> None:
    """Save one text file of a draft; `before` is the digest of what its editor showed. Raises Problem."""
    check_file_name(file)
    data = text.replace("\r\n", "\n").encode("utf-8", "replace")

    def change(files: dict[str, bytes]) -> dict[str, bytes]:
        if file_digest(files.get(file, b"")) != before:
            raise Problem("draft-file-changed", {"file": file})
        made = {**files, file: data}
        if file == "hidden.py" and files.get(file) != data:
            made.pop("hidden.json", None)  # The next check makes it by the new script.
        return made

    change_draft(who, course, lab, change, checks=checks)


def remove_file(who: Visitor, course: str, lab: str, file: str) -> None:
    """Remove one file of a draft; it can be put back while there is the draft."""
    change_draft(
        who,
        course,
        lab,
        lambda files: {name: data for name, data in files.items() if name != file},
        keeps_removed=True,
    )


def put_file_back(who: Visitor, course: str, lab: str, file: str) -> None:
    """Put a removed file back into a draft. Raises Problem if it is not among the removed ones, or does not fit."""
    draft_for(who, course, lab)
    if not who.campus.store.lab_drafts.put_back(course, lab, file, who.name, check_files):
        raise Problem("no-removed-file", {"file": file[:80]})
    who.note("changed-draft", f"{course}/{lab}")


def set_facts(who: Visitor, course: str, lab: str, facts: LabFacts) -> None:
    """Set title, minutes and languages of a draft, and have it checked. Raises Problem."""
    change_draft(who, course, lab, lambda files: with_facts(files, facts), checks=True)


def ask_check(who: Visitor, course: str, lab: str) -> None:
    """Have a draft checked. Raises Problem."""
    draft_for(who, course, lab)
    who.campus.store.lab_drafts.ask_check(course, lab)


def remove_draft(who: Visitor, course: str, lab: str) -> None:
    """Remove a draft; a lab that was released from it stays released. Raises Problem."""
    draft_for(who, course, lab)
    who.campus.store.lab_drafts.remove(course, lab)
    who.note("removed-draft", f"{course}/{lab}")


def file_digest(data: bytes) -> str:
    """Return what tells one state of a file from another."""
    return hashlib.sha256(data).hexdigest()


def built_draft(who: Visitor, course: str, lab: str) -> tuple[Built, dict[str, bytes]]:
    """Return the lab that the newest check of a draft built, with its files. Raises Problem before that.

    The sandbox built it, so its facts are read as a claim: what does not fit is left out.
    """
    draft = draft_for(who, course, lab)
    if draft.state != GOOD or draft.checked_bundle != draft.files_bundle:
        raise Problem("draft-not-checked", {"lab": lab})
    files = who.campus.store.lab_drafts.built_files(draft)
    try:
        said = json.loads(files["lab.json"])
        return built_from(_fitting(said, lab), Path()), files
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Problem("draft-not-checked", {"lab": lab}) from error


def _fitting(said: dict[str, Any], lab: str) -> dict[str, Any]:
    title = {code: str(text)[:200] for code, text in dict(said["title"]).items() if len(str(code)) <= 8}
    tasks = [
        {"id": str(task["id"])[:100], "kind": str(task["kind"])[:20], "points": float(task["points"])}
        for task in said["tasks"]
    ]
    return {
        "slug": lab,
        "version": file_digest(json.dumps(said, sort_keys=True).encode())[:12],
        "title": title,
        "minutes": max(0, min(int(said["minutes"]), MOST_MINUTES)),
        "number": max(0, min(int(said["number"]), 99)),
        "track": str(said["track"])[:20],
        "tasks": tasks,
        "objectives": said.get("objectives", []),
        "builds_on": [slug for slug in said.get("builds_on", [])[:20] if is_lab_name(str(slug))],
    }


def release_draft(who: Visitor, course: str, lab: str, closes_at: str | None) -> None:
    """Release the lab that a draft's check built; work that learners have begun is kept. Raises Problem."""
    built, files = built_draft(who, course, lab)
    settings = who.campus.settings
    release, source = _side(files, "release"), _side(files, "source")
    if not all(map(is_plain, files)):
        raise Problem("draft-not-checked", {"lab": lab})
    if sum(map(len, set(files.values()))) > settings.grading.release_size:
        raise Problem("release-too-large", {"limit": settings.grading.release_size})
    check_notebooks(lab, for_language(release, "en", settings.languages), source)
    who.campus.store.courses.release(
        course,
        lab,
        version=built.version,
        title=built.title,
        minutes=built.minutes,
        tasks=built.tasks,
        release=release,
        source=source,
        closes_at=future_closing_time(closes_at, settings.timezone),
        **facts_for_lists(
            built, [*built_labs(settings.state / "labs"), *who.campus.store.courses.labs(course)]
        ),
    )
    who.campus.store.courses.rename(course, lab, {}, 0)  # The draft says its title itself.
    who.note("released", f"{course}/{lab} version {built.version}")


def _side(files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    start = f"{folder}/"
    return {name.removeprefix(start): data for name, data in files.items() if name.startswith(start)}


def rename_lab(who: Visitor, course: str, lab: str, title: Mapping[str, str], minutes: int) -> None:
    """Give a released lab another title and other minutes; an empty title or 0 means its author's own."""
    who.must_train(course)
    released_lab(who, course, lab)
    own = {code: " ".join(text.split()) for code, text in title.items() if text.strip()}
    if any(len(text) > LONGEST_TITLE for text in own.values()) or not 0 <= minutes <= MOST_MINUTES:
        raise Problem("bad-lab-facts", {"most": MOST_MINUTES, "letters": LONGEST_TITLE})
    who.campus.store.courses.rename(course, lab, own, minutes)
    who.note("renamed-lab", f"{course}/{lab}")


def withdraw_lab(who: Visitor, course: str, lab: str, *, withdrawn: bool) -> None:
    """Take a released lab off the learners' lists, or put it back; what was handed in and marked stays."""
    who.must_train(course)
    released_lab(who, course, lab)
    who.campus.store.courses.withdraw(course, lab, withdrawn=withdrawn)
    who.note("withdrew-lab" if withdrawn else "brought-lab-back", f"{course}/{lab}")
