"""Marks and comments given in formgrader: first an event at the campus, then a line in the copy that is shown."""

from __future__ import annotations

from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.server_extensions.formgrader.apihandlers import (
    AssignmentHandler,
    CommentHandler,
    FlagSubmissionHandler,
    GradeHandler,
    StudentHandler,
)
from nbgrader.server_extensions.formgrader.base import check_notebook_dir, check_xsrf
from nbgrader.server_extensions.formgrader.handlers import SubmissionHandler
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, authenticated

from graders.nbgrader.formgrader.course_copy import CourseCopy
from labs.kit.campus_client import CampusError
from labs.kit.kit_sentences import N_, kit_sentence, own_language

NO_FLAGS = N_("Flags are set by the grader. Write a comment instead; it is kept with the work.")
CAMPUS_OWNS_LABS = N_(
    "Labs are released, closed and given a closing time on the campus. Open the lab's page there to change it."
)
CAMPUS_OWNS_PEOPLE = N_(
    "Who learns in this course is decided on the campus. Ask your administrator to add a person or change a name."
)
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""What a browser may do on the page for marking: nbgrader's own scripts, and nothing of another machine."""


class ToCampus:
    """Mixin: sends an event, and ends the request with the campus' sentence if it is refused."""

    @property
    def copy(self) -> CourseCopy:
        """The course that is shown."""
        found: CourseCopy = self.settings["isomo_course"]  # type: ignore[attr-defined]
        return found

    async def event(self, entry: Any, **given: Any) -> bool:
        """Send a mark for what `entry`, a grade or a comment, is about; whether it was taken."""
        lab, learner, cell = entry.assignment.name, entry.student.id, entry.name
        try:
            receipt = self.copy.receipt(lab, learner)
            send = IOLoop.current().run_in_executor
            await send(None, lambda: self.copy.campus.mark(receipt, cell, **given))
        except CampusError as error:
            self.set_status(503 if error.retry else 400)  # type: ignore[attr-defined]
            self.write({"message": error.message})  # type: ignore[attr-defined]
            return False
        return True


class MarkHandler(ToCampus, GradeHandler):
    """`PUT formgrader/api/grade/ID`."""

    @authenticated
    @check_xsrf
    @check_notebook_dir
    async def put(self, grade_id: str) -> None:
        """Give points. Extra credit is part of the mark: the store keeps one number that counts."""
        try:
            grade = self.gradebook.find_grade_by_id(grade_id)
        except MissingEntry:
            raise HTTPError(404) from None
        asked = self.get_json_body() or {}
        manual, extra = typed_points(asked.get("manual_score")), typed_points(asked.get("extra_credit"))
        score = extra if isinstance(extra, str) else manual
        if extra and not isinstance(score, str):
            score = (manual if manual is not None else grade.auto_score or 0.0) + extra
        if await self.event(grade, score=score):
            super().put(grade_id)


def typed_points(text: Any) -> Any:
    """Points as formgrader's page sends them, which is as text; what is no number is left for the campus to refuse."""
    try:
        return float(text) if text not in (None, "") else None
    except (TypeError, ValueError):
        return str(text)


class RemarkHandler(ToCampus, CommentHandler):
    """`PUT formgrader/api/comment/ID`."""

    @authenticated
    @check_xsrf
    @check_notebook_dir
    async def put(self, comment_id: str) -> None:
        """Write a comment."""
        try:
            comment = self.gradebook.find_comment_by_id(comment_id)
        except MissingEntry:
            raise HTTPError(404) from None
        asked = self.get_json_body() or {}
        if await self.event(comment, comment=asked.get("manual_comment") or ""):
            super().put(comment_id)


class FlagHandler(FlagSubmissionHandler):
    """`POST formgrader/api/submitted_notebook/ID/flag`."""

    @authenticated
    @check_xsrf
    def post(self, submission_id: str) -> None:
        """Refuse: a flag would be forgotten with this copy."""
        del submission_id
        self.set_status(400)
        self.write({"message": kit_sentence(NO_FLAGS, own_language())})


class OfCampus:
    """Mixin: refuses what would only change this copy, and says where to do it."""

    said: str

    def refuse(self) -> None:
        """Answer with the sentence."""
        self.set_status(400)  # type: ignore[attr-defined]
        self.write({"message": kit_sentence(self.said, own_language())})  # type: ignore[attr-defined]


class LabHandler(OfCampus, AssignmentHandler):
    """`PUT formgrader/api/assignment/NAME`."""

    said = CAMPUS_OWNS_LABS

    @authenticated
    @check_xsrf
    def put(self, assignment_id: str) -> None:
        """Refuse: a due date would be forgotten with this copy, and no learner would see it."""
        del assignment_id
        self.refuse()


class LearnerHandler(OfCampus, StudentHandler):
    """`PUT formgrader/api/student/NAME`."""

    said = CAMPUS_OWNS_PEOPLE

    @authenticated
    @check_xsrf
    def put(self, student_id: str) -> None:
        """Refuse: nobody would be enrolled."""
        del student_id
        self.refuse()


class MarkingPage(SubmissionHandler):
    """`GET formgrader/submissions/ID/`: the page on which a person marks one notebook."""

    @property
    def content_security_policy(self) -> str:
        """Ask the browser to fetch nothing from another machine."""
        return f"{super().content_security_policy}; {POLICY}"


HANDLERS = [
    (r"/formgrader/api/assignment/([^/]+)", LabHandler),
    (r"/formgrader/api/student/([^/]+)", LearnerHandler),
    (r"/formgrader/submissions/([^/]+)/?", MarkingPage),
    (r"/formgrader/api/grade/([^/]+)", MarkHandler),
    (r"/formgrader/api/comment/([^/]+)", RemarkHandler),
    (r"/formgrader/api/submitted_notebook/([^/]+)/flag", FlagHandler),
]
