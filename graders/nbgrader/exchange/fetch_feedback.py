"""`nbgrader fetch_feedback LAB`."""

from __future__ import annotations

from nbgrader.exchange.abc import ExchangeFetchFeedback

from graders.nbgrader.exchange.exchange_base import CampusExchange, write_files
from labs.kit.kit_sentences import N_, kit_sentence, own_language

NONE_YET = N_("There is no feedback on {lab} for you yet. Your trainer returns it when your work is graded.")


class FetchFeedback(CampusExchange, ExchangeFetchFeedback):
    """Puts what was returned next to the lab, in a folder named by the time at which the work arrived."""

    def copy_files(self) -> None:
        """Fetch every page that was returned."""
        course = self.course()
        me = self.campus.me()["name"]
        returned = [one for one in self.campus.attempts(course, self.lab, me) if one["state"] == "returned"]
        if not returned:
            self.log.warning(kit_sentence(NONE_YET, own_language(), lab=self.lab))
        for one in reversed(returned):  # The newest last: of two in the same second it is the one that stays.
            name = f"feedback/{self.moment(one['received_at'])}/{self.lab}.html"
            write_files(self.place(course, self.lab), {name: self.campus.feedback(one["receipt"])})
            self.log.info("Fetched feedback: %s", self.place(course, self.lab) / name)
