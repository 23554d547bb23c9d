"""The marks of a course for programs are those that the description promises."""

from __future__ import annotations

import json

from hub.campus.api.marks_api import CourseMarks
from hub.store import GradedRecord
from tests.support.pretended_campus import API, Campus
from tests.support.small_stores import COURSE, LAB, TRAINER, hand_in


def test_marks_have_each_described_field_and_no_other(tmp_path):
    campus = Campus(tmp_path)
    hand_in(campus.store)
    task = {"grade_id": "a", "outcome": "not-yet", "score": 1.5, "max_score": 2.0, "message": "", "flags": []}
    job = campus.store.claim_ungraded("test", 60)
    campus.store.record_grading(job, GradedRecord([task], notebook=b"{}", feedback_html=b"", engine="test"))
    answer = campus.program(TRAINER).get(f"{API}/courses/{COURSE}/marks")
    assert answer.headers["content-type"] == "application/json"
    said = json.loads(answer.text)
    described = CourseMarks.model_validate_json(answer.text, strict=True, extra="forbid")
    assert described.model_dump(mode="json") == said
    first, second = said["learners"]
    assert (first["labs"][LAB]["score"], first["total"], second["labs"]) == (1.5, 1.5, {})
