"""Buttons of formgrader as they act here: they ask the campus, instead of running anything."""

from __future__ import annotations

from typing import ClassVar

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange.abc import ExchangeCollect

from graders.nbgrader.exchange.exchange_base import CampusExchange
from graders.nbgrader.formgrader.course_copy import CourseCopy
from graders.nbgrader.formgrader.safe_feedback import DiscreetFeedback
from labs.kit.campus_client import CampusError
from labs.kit.kit_sentences import N_, kit_sentence, own_language

QUEUED = N_(
    "{learner}'s newest work at {lab} waits to be graded. This page shows the result as soon as it is there."
)
WAITS = N_("{learner}'s newest work at {lab} is in the queue already.")


class QueuedAutograde(Autograde):
    """The autograde button: puts the learner's newest attempt into the queue."""

    copy: ClassVar[CourseCopy]

    def start(self) -> None:
        """Ask; nothing of the submission is opened here."""
        lab, learner = self.coursedir.assignment_id, self.coursedir.student_id
        try:
            asked = self.copy.campus.grade_again(self.copy.course, lab, learner)
        except CampusError as error:
            self.log.error(error.message)
            raise NbGraderException(error.message) from error
        self.log.info(kit_sentence(QUEUED if asked else WAITS, own_language(), learner=learner, lab=lab))


class FilledFeedback(DiscreetFeedback):
    """The feedback button: nbgrader's own, once the graded notebooks are here."""

    copy: ClassVar[CourseCopy]

    def start(self) -> None:
        """Fetch what was not read yet, then make the pages."""
        try:
            self.copy.fill(self.coursedir.assignment_id, self.coursedir.student_id)
        except CampusError as error:
            self.log.error(error.message)
            raise NbGraderException(error.message) from error
        super().start()


class SyncedCollect(CampusExchange, ExchangeCollect):
    """The collect button: everything that was handed in is here at any time; this only asks at once."""

    copy: ClassVar[CourseCopy]

    def copy_files(self) -> None:
        """Ask the campus what changed."""
        self.copy.sync()


def bind_copy(copy: CourseCopy) -> None:
    """Say which copy the three work on; nbgrader makes them itself, and a process shows one course."""
    for kind in (QueuedAutograde, FilledFeedback, SyncedCollect):
        kind.copy = copy
