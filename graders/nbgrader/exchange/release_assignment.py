"""`nbgrader release_assignment LAB`."""

from __future__ import annotations

from pathlib import Path

from nbgrader.exchange.abc import ExchangeReleaseAssignment
from nbgrader.utils import find_all_files

from graders.nbgrader.exchange.exchange_base import CampusExchange
from labs.kit.kit_sentences import N_

GENERATE = N_("There is no learners' version of {lab} yet. Make it first: nbgrader generate_assignment {lab}")
THERE = N_("{lab} is released in {course} already. To release this version of it, add --force.")


class ReleaseAssignment(CampusExchange, ExchangeReleaseAssignment):
    """Sends the learners' version, and the trainer's own for the grader."""

    def copy_files(self) -> None:
        """Release, or with --force release it again; work that was handed in is kept."""
        course = self.course("trainer")
        steps = self.coursedir
        sides = {"release": steps.release_directory, "source": steps.source_directory}
        files = {}
        for side, step in sides.items():
            folder = Path(steps.format_path(step, ".", self.lab))
            if not folder.is_dir():
                self.refuse(GENERATE, lab=self.lab)
            for name in find_all_files(str(folder), steps.ignore):
                files[f"{side}/{Path(name).relative_to(folder).as_posix()}"] = Path(name).read_bytes()
        states = {one["lab"]: one["state"] for one in self.campus.labs(course)}
        if states.get(self.lab) == "released" and not self.force:
            self.refuse(THERE, lab=self.lab, course=course)
        self.campus.release(course, self.lab, files)
        self.log.info("Released as: %s %s", course, self.lab)
