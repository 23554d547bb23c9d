"""`nbgrader release_feedback LAB`."""

from __future__ import annotations

import re
from pathlib import Path

from nbgrader.exchange.abc import ExchangeReleaseFeedback

from graders.nbgrader.exchange.exchange_base import CampusExchange
from labs.kit.campus_client import CampusError
from labs.kit.kit_sentences import N_

NONE_MADE = N_("There is no feedback for {lab} yet. Make it first: nbgrader generate_feedback {lab}")
SOME_NOT = N_("The feedback of {count} learners was not returned; the lines above say why.")


class ReleaseFeedback(CampusExchange, ExchangeReleaseFeedback):
    """Returns the pages that `nbgrader generate_feedback` made; each learner sees their own."""

    def copy_files(self) -> None:
        """One by one: a page that is refused keeps no other back."""
        course = self.course("trainer")
        pages = self._pages()
        if not pages:
            self.refuse(NONE_MADE, lab=self.lab)
        refused = 0
        for learner, page in sorted(pages.items()):
            try:
                self.campus.return_feedback(course, self.lab, learner, page.read_bytes())
                self.log.info("Feedback released for '%s' on '%s/%s'", learner, course, self.lab)
            except CampusError as error:
                refused += 1
                self.log.error("%s: %s", learner, error.message)
        if refused:
            self.refuse(SOME_NOT, count=refused)

    def _pages(self) -> dict[str, Path]:
        steps = self.coursedir
        who = steps.student_id if steps.student_id not in ("", "*") else "*"
        left_out = set(steps.student_id_exclude.split(","))
        pattern = steps.format_path(steps.feedback_directory, "(?P<learner>.*)", self.lab, escape=True)
        top = Path(steps.root)
        found = {}
        for page in top.glob(f"{steps.feedback_directory}/**/{self.lab}.html"):
            match = re.fullmatch(pattern, str(page.parent))
            if match and who in ("*", match["learner"]) and match["learner"] not in left_out:
                found[match["learner"]] = page
        return found
