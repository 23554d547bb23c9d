"""`nbgrader list`: what is released, and with --cached or --inbound what was handed in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import ExchangeList

from graders.nbgrader.exchange.exchange_base import CampusExchange
from labs.kit.kit_sentences import N_

KEPT = N_("What was handed in is kept, so nothing was removed. To take no more work, remove the lab itself.")


class List(CampusExchange, ExchangeList):
    """Answers in the form that nbgrader's command line, panels and formgrader read."""

    def copy_files(self) -> None:
        """Nothing is copied by looking."""

    def list_files(self) -> list[dict[str, Any]]:
        """Released labs; or submissions, grouped by learner and lab."""
        if self.inbound or self.cached:
            found = [group for course in self.courses() for group in self._submissions(course)]
            self.log.info("Submitted assignments:")
            for group in found:
                for one in group["submissions"]:
                    self.log.info(_submitted_line(one))
            return found
        found = [one for course in self.courses() for one in self._released(course)]
        self.log.info("Released assignments:")
        for one in found:
            here = " (already downloaded)" if one["status"] == "fetched" else ""
            self.log.info("%s %s%s", one["course_id"], one["assignment_id"], here)
        return found

    def remove_files(self) -> list[dict[str, Any]]:
        """Take no more work for a lab. Attempts are never removed."""
        if self.inbound or self.cached:
            self.refuse(KEPT)
        found = [one for course in self.courses("trainer") for one in self._released(course)]
        self.log.info("Removing released assignments:")
        for one in found:
            self.campus.close(one["course_id"], one["assignment_id"])
            self.log.info("%s %s", one["course_id"], one["assignment_id"])
        return [{**one, "status": "removed"} for one in found]

    def _wanted(self, course: str) -> Iterator[dict[str, Any]]:
        for lab in self.campus.labs(course):
            if self.lab in ("", "*", lab["lab"]) and lab["state"] in ("released", "closed"):
                yield lab

    def _released(self, course: str) -> Iterator[dict[str, Any]]:
        for lab in self._wanted(course):
            place = self.place(course, lab["lab"])
            have = place.is_dir()
            if lab["state"] == "closed" and not have:
                continue
            paths = sorted(place.glob("*.ipynb")) if have else [place / f"{lab['lab']}.ipynb"]
            yield {
                "course_id": course,
                "assignment_id": lab["lab"],
                "status": "fetched" if have else "released",
                "path": str(place),
                "notebooks": [{"notebook_id": path.stem, "path": str(path)} for path in paths],
            }

    def _submissions(self, course: str) -> Iterator[dict[str, Any]]:
        who = self.coursedir.student_id if self.coursedir.student_id not in ("", "*") else ""
        me = "" if self.inbound else self.campus.me()["name"]
        for lab in self._wanted(course):
            attempts = self.campus.attempts(course, lab["lab"], me or who)
            attempts.sort(key=lambda one: (one["learner"], one["number"]))
            for learner, own in groupby(attempts, key=lambda one: str(one["learner"])):
                if who in ("", learner):
                    yield {
                        "course_id": course,
                        "student_id": learner,
                        "assignment_id": lab["lab"],
                        "status": "submitted",
                        "submissions": [self._submission(course, one) for one in own],
                    }

    def _submission(self, course: str, attempt: dict[str, Any]) -> dict[str, Any]:
        lab, when = attempt["lab"], self.moment(attempt["received_at"])
        place = self.place(course, lab)
        page = place / "feedback" / when / f"{lab}.html"
        have, there = page.is_file(), attempt["state"] == "returned"
        feedback = {
            "has_local_feedback": have,
            "has_exchange_feedback": there,
            "feedback_updated": have and there and _digest(page) != attempt["feedback"],
        }
        notebook = {
            "notebook_id": lab,
            "path": str(place / f"{lab}.ipynb"),
            "local_feedback_path": str(page) if have else None,
        }
        return {
            "course_id": course,
            "student_id": attempt["learner"],
            "assignment_id": lab,
            "timestamp": when,
            "random_string": attempt["receipt"],
            "status": "submitted",
            "path": str(place),
            "notebooks": [{**notebook, **feedback}],
            "local_feedback_path": str(page.parent) if have else None,
            **feedback,
        }


def _submitted_line(one: dict[str, Any]) -> str:
    """As nbgrader's own list writes it."""
    if one["has_local_feedback"] and not one["feedback_updated"]:
        state = "feedback already fetched"
    else:
        state = "feedback ready to be fetched" if one["has_exchange_feedback"] else "no feedback available"
    return "{course_id} {student_id} {assignment_id} {timestamp}".format(**one) + f" ({state})"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
