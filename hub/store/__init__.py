"""Memory outside nbgrader's gradebook: one SQL schema, and files by content."""

from __future__ import annotations

from functools import cached_property
from typing import Self

from hub.isomo_settings import Settings
from hub.private_files import make_private_file, make_private_folder
from hub.secret_keys import Secrets
from hub.store.account_store import Invitations, People
from hub.store.announcement_store import Announcements
from hub.store.api_tokens import ApiTokens
from hub.store.appeal_store import Appeals
from hub.store.attempt_store import Attempts
from hub.store.audit_log import AuditLog
from hub.store.certificate_store import Certificates
from hub.store.class_management import Classes
from hub.store.class_times import ClassTimes
from hub.store.content_files import Blobs
from hub.store.course_notes import CourseNotes
from hub.store.course_record import CourseBook
from hub.store.course_store import Courses
from hub.store.database_connections import Database
from hub.store.enrolment_store import Enrolments
from hub.store.extension_store import Extensions
from hub.store.flag_rulings import FlagRulings
from hub.store.graded_results import Results
from hub.store.grading_queue import GradedRecord, GradingJob, Gradings, Progress
from hub.store.institution_tree import Institutions
from hub.store.lab_drafts import LabDrafts
from hub.store.lab_schedules import Schedules
from hub.store.lab_statistics import LabStatistics
from hub.store.late_work import LateAttempts
from hub.store.live_reports import LiveReports
from hub.store.lti_lines import LtiLines
from hub.store.mail_queue import MailQueue
from hub.store.marking_queue import MarkingQueue
from hub.store.marks_table import Marks
from hub.store.points_upkeep import settle_all, settle_points
from hub.store.project_store import Projects
from hub.store.refused_requests import Refusals
from hub.store.regrade_store import Regrades
from hub.store.roster_import import Rosters
from hub.store.saved_comments import SavedComments
from hub.store.sealed_values import Sealer
from hub.store.second_marks import SecondMarks
from hub.store.sign_in import Identities, SecondFactors
from hub.store.sign_in_sessions import Sessions
from hub.store.wanted_regrades import ProposalDesk, WantedRegrades

__all__ = ["GradedRecord", "GradingJob", "Progress", "Regrades", "Store"]


class Store:
    """Everything that is remembered, by subject."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.database.before_commit = settle_points
        self.blobs = Blobs(settings.state / "blobs")
        self.people = People(self.database)
        self.invitations = Invitations(self.database)
        self.courses = Courses(self.database, self.blobs)
        self.lab_drafts = LabDrafts(self.database, self.blobs)
        self.coursebook = CourseBook(self.database, self.courses)
        self.gradings = Gradings(self.database, self.blobs)
        self.regrades = Regrades(self.database, self.blobs, self.gradings)
        self.wanted_regrades = WantedRegrades(self.database, self.regrades)
        self.results = Results(self.database, self.blobs)
        self.marks = Marks(self.database, self.blobs, self.courses)
        self.lab_statistics = LabStatistics(self.database)
        self.marking = MarkingQueue(self.database)
        self.saved_comments = SavedComments(self.database)
        self.extensions = Extensions(self.database)
        self.schedules = Schedules(self.database)
        self.notes = CourseNotes(self.database)
        self.live_reports = LiveReports(self.database)
        self.appeals = Appeals(self.database)
        self.flags = FlagRulings(self.database)
        self.second_marks = SecondMarks(self.database)
        self.late = LateAttempts(self.database, self.schedules)
        self.audit = AuditLog(self.database)
        self.refusals = Refusals(self.database)
        self.sessions = Sessions(self.database, lambda: self.sealer)
        self.tokens = ApiTokens(self.database)
        self.identities = Identities(self.database)
        self.lti_lines = LtiLines(self.database)
        self.second_factors = SecondFactors(self.database, lambda: self.sealer)
        self.announcements = Announcements(self.database)
        self.mails = MailQueue(self.database)
        self.institutions = Institutions(self.database)
        self.classes = Classes(self.database)
        self.class_times = ClassTimes(self.database, settings.timezone)
        self.enrolments = Enrolments(self.database, settings.timezone)
        self.rosters = Rosters(self.database)
        self.projects = Projects(self.database)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Return the store of an installation. Raises IsomoError if its schema is not this version's."""
        store = cls(settings)
        store.database.check()
        return store

    @classmethod
    def migrate(cls, settings: Settings) -> Self:
        """Return the store of an installation, made or brought up to date first."""
        make_private_folder(settings.state)
        if settings.database == "sqlite":
            make_private_file(settings.state / "isomo.sqlite")
        database = Database(settings.database_url)
        database.migrate()
        # A migration may ask for points of the whole installation: one course after the other.
        if settle_all(database):
            database.refresh_statistics("kept_points")
        database.engine.dispose()
        return cls(settings)

    @cached_property
    def attempts(self) -> Attempts:
        """Return the store of handed-in attempts; needs the key that signs receipts."""
        secrets = Secrets.load(self.settings)
        return Attempts(self.database, self.blobs, secrets.receipt, self.settings.timezone)

    @cached_property
    def certificates(self) -> Certificates:
        """Return the store of certificates; signs with the key of receipts."""
        return Certificates(self.database, Secrets.load(self.settings).receipt)

    @cached_property
    def sealer(self) -> Sealer:
        """Return the sealer of the database's secrets, with the keys of the state folder."""
        return Sealer(Secrets.load(self.settings).sealing_keys)

    def proposal_desk(self) -> ProposalDesk:
        """Return the queue of attempts together with the regrades that trainers want."""
        return ProposalDesk(self.gradings, self.regrades, self.wanted_regrades)

    def claim_ungraded(self, worker: str, lease_seconds: float) -> GradingJob | None:
        """Return the oldest attempt that waits to be graded, taken for `lease_seconds`."""
        return self.gradings.claim(worker, lease_seconds)

    def record_grading(self, job: GradingJob, graded: GradedRecord) -> bool:
        """Keep a result, once; False if it was recorded before."""
        return self.gradings.record(job, graded)

    def release(self, job: GradingJob) -> None:
        """Give an attempt back, untried."""
        self.gradings.release(job)

    def progress(self, course: str, lab: str) -> Progress:
        """Return how far the grading of a lab is."""
        return self.gradings.progress(course, lab)
