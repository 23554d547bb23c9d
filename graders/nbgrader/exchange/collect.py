"""`nbgrader collect LAB`."""

from __future__ import annotations

import shutil
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import ExchangeCollect
from nbgrader.utils import parse_utc

from graders.nbgrader.exchange.exchange_base import CampusExchange, write_files


class Collect(CampusExchange, ExchangeCollect):
    """Copies each learner's newest attempt, or the last in time, into the trainer's `submitted` folder."""

    def copy_files(self) -> None:
        """Collect what is new; with --update also what is newer."""
        course = self.course("trainer")
        who = self.coursedir.student_id if self.coursedir.student_id not in ("", "*") else ""
        attempts = self.campus.attempts(course, self.lab, who)
        attempts.sort(key=lambda one: (one["learner"], -one["number"]))
        if not attempts:
            self.log.warning("No submissions of '%s' for course '%s' to collect", self.lab, course)
        due = self._due(course) if self.before_duedate else None
        for learner, found in groupby(attempts, key=lambda one: str(one["learner"])):
            own = list(found)
            in_time = [one for one in own if due is None or parse_utc(one["received_at"]) <= due]
            self._collect(learner, (in_time or own)[0])

    def _due(self, course: str) -> Any:
        closing = [one["closes_at"] for one in self.campus.labs(course) if one["lab"] == self.lab]
        return parse_utc(closing[0]) if closing and closing[0] else None

    def _collect(self, learner: str, attempt: dict[str, Any]) -> None:
        steps = self.coursedir
        place = Path(steps.format_path(steps.submitted_directory, learner, self.lab))
        when = self.moment(attempt["received_at"])
        if place.is_dir() and not self._takes(place, attempt, when):
            hint = (
                "No newer submission to collect" if self.update else "Submission already exists, use --update"
            )
            self.log.info("%s: %s %s", hint, learner, self.lab)
            return
        self.log.info(
            "%s submission: %s %s", "Updating" if place.is_dir() else "Collecting", learner, self.lab
        )
        files = self.campus.files(attempt["receipt"])
        files |= {"timestamp.txt": when.encode(), "receipt.txt": str(attempt["receipt"]).encode()}
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=place.parent) as aside:
            write_files(Path(aside) / "new", files)
            shutil.rmtree(place, ignore_errors=True)
            (Path(aside) / "new").rename(place)

    def _takes(self, place: Path, attempt: dict[str, Any], when: str) -> bool:
        """Return whether an attempt replaces the one that was collected before."""
        known = place / "receipt.txt"
        if known.is_file() and known.read_text("utf-8") == attempt["receipt"]:
            return False
        had, new = self.coursedir.get_existing_timestamp(str(place)), parse_utc(when)
        return bool((self.update and (had is None or new >= had)) or (self.before_duedate and new != had))
