"""The second marker of a sample, and similar answers next to each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus import course_actions
from hub.campus.answer_cells import own_answer
from hub.campus.file_bundles import for_language
from hub.campus.marking_desk import desk_answer, give_second_mark
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Sender, Visitor, Who
from hub.campus.similar_answers import similar_pairs
from hub.campus.web.page_rendering import back_to, pages_of
from hub.store.content_files import Blobs
from hub.store.course_store import Lab
from hub.store.second_marks import marker_agreement

router = APIRouter(prefix="/courses/{course}/desk")
MOST_ANSWERS = 400
"""How many answers are compared: the newest ones."""


def _lab_of(who: Visitor, course: str, lab: str) -> tuple[Lab, Mapping[str, str]]:
    who.must_train(course)
    found = course_actions.released_lab(who, course, lab)
    return found, who.campus.store.courses.texts.titles(found.source_bundle, who.language)


@router.get("/second")
def second_marker(course: str, request: Request, who: Who, lab: str = "", task: str = "") -> Response:
    """Show the next answer of the sample without its first mark; when all are marked, the agreement."""
    found, titles = _lab_of(who, course, lab)
    store = who.campus.store
    sample = store.second_marks.sample(course, lab, task)
    mine = [each for each in sample if each.second is None and each.first_by != who.name]
    pairs = [(each.first, each.second) for each in sample if each.second is not None]
    return pages_of(request).show(
        who,
        "second.html",
        course=store.courses.get(course),
        lab=found,
        task=task,
        title=titles.get(task, task),
        sample=sample,
        left=len(mine),
        answer=desk_answer(who, mine[0].receipt, task) if mine else None,
        agreed=marker_agreement(pairs),
        different=[each for each in sample if each.second is not None and each.second != each.first],
    )


@router.post("/second")
def mark_second(
    course: str,
    who: Sender,
    receipt: Annotated[str, Form()],
    task: Annotated[str, Form()],
    score: Annotated[str, Form()] = "",
) -> Response:
    """Keep a second mark, then show the next answer of the sample."""
    who.must_train(course)
    answer = desk_answer(who, receipt, task)
    if answer.attempt.course != course:
        raise Problem("not-found")
    give_second_mark(who, answer, score)
    query = urlencode({"lab": answer.attempt.lab, "task": task})
    return back_to(f"/courses/{quote(course, safe='')}/desk/second?{query}")


@router.get("/alike")
def similar_answers(course: str, request: Request, who: Who, lab: str = "", task: str = "") -> Response:
    """Show pairs of similar answers to one task next to each other."""
    found, titles = _lab_of(who, course, lab)
    store = who.campus.store
    newest = store.results.latest(course, lab, MOST_ANSWERS)
    texts = {}
    for attempt in newest:
        try:
            texts[attempt.receipt] = answer_text(store.blobs, attempt.bundle, lab, task)
        except (OSError, ValueError):
            continue  # Work whose files are gone is like nobody's.
    release = for_language(
        store.blobs.get_bundle(found.release_bundle), who.language, who.campus.settings.languages
    )
    given = own_answer(release, lab, task, {}).text
    return pages_of(request).show(
        who,
        "alike.html",
        course=store.courses.get(course),
        lab=found,
        task=task,
        title=titles.get(task, task),
        texts=texts,
        pairs=similar_pairs(texts, given),
        most=MOST_ANSWERS,
        learners={each.receipt: each.learner for each in newest},
    )


@lru_cache(maxsize=4 * MOST_ANSWERS)
def answer_text(blobs: Blobs, bundle: str, lab: str, task: str) -> str:
    """Return an answer's text; handed-in work never changes, and reading its notebook is what the page costs."""
    return own_answer(blobs.get_bundle(bundle), lab, task, {}).text
