"""The marks of a course for programs are those that the description promises, and those of now."""

from __future__ import annotations

import json

from hub.campus.api.marks_api import CourseMarks
from hub.campus.kept_answers import MOST_KEPT, KeptAnswers
from hub.store import GradedRecord
from tests.support.pretended_campus import API, Campus
from tests.support.small_stores import COURSE, LAB, LEARNERS, RIGHT, TRAINER, WRONG, hand_in


def checked(campus, score, content=RIGHT):
    """Hand in, and have it checked."""
    hand_in(campus.store, content=content)
    task = {
        "grade_id": "a",
        "outcome": "not-yet",
        "score": score,
        "max_score": 2.0,
        "message": "",
        "flags": [],
    }
    job = campus.store.claim_ungraded("test", 60)
    campus.store.record_grading(job, GradedRecord([task], notebook=b"{}", feedback_html=b"", engine="test"))


def rename(store):
    """Give a learner another name."""
    same = {"roles": ["learner"], "institution": "minict", "language": "en", "email": None}
    store.people.change(LEARNERS[0], display_name="Amina Kamanzi", **same)


def test_marks_are_read_anew_after_each_change_and_the_same_bytes_without_one(tmp_path):
    campus = Campus(tmp_path)
    program, store = campus.program(TRAINER), campus.store

    def read() -> bytes:
        return program.get(f"{API}/courses/{COURSE}/marks").content

    answers = [read()]
    for change in (
        lambda: checked(campus, 1.5),
        lambda: checked(campus, 0.5, WRONG),
        lambda: rename(store),
        lambda: store.courses.add_class(COURSE, "Class B", LEARNERS[:1]),
        lambda: store.marks.sign_off(COURSE, TRAINER),
        lambda: store.marks.withdraw(COURSE, TRAINER),
        lambda: store.people.set_disabled(LEARNERS[1], True),
    ):
        change()
        answers.append(read())
        assert answers[-1] != answers[-2]
        assert read() == answers[-1]


def test_of_many_large_answers_the_oldest_are_forgotten():
    answers, made = KeptAnswers(), []
    for about in [*range(MOST_KEPT + 1), 0]:
        answers.get(about, "state", lambda about=about: made.append(about) or b"")
    assert made == [*range(MOST_KEPT + 1), 0]


def test_marks_have_each_described_field_and_no_other(tmp_path):
    campus = Campus(tmp_path)
    checked(campus, 1.5)
    answer = campus.program(TRAINER).get(f"{API}/courses/{COURSE}/marks")
    assert answer.headers["content-type"] == "application/json"
    said = json.loads(answer.text)
    described = CourseMarks.model_validate_json(answer.text, strict=True, extra="forbid")
    assert described.model_dump(mode="json") == said
    first, second = said["learners"]
    assert (first["labs"][LAB]["score"], first["total"], second["labs"]) == (1.5, 1.5, {})
