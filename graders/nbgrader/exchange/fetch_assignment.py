"""`nbgrader fetch_assignment LAB`."""

from __future__ import annotations

from nbgrader.exchange.abc import ExchangeFetchAssignment

from graders.nbgrader.exchange.exchange_base import CampusExchange, write_files
from labs.kit.kit_sentences import N_

HAVE = N_(
    "You already have {lab} in your folder, and nothing was changed. "
    "Add --replace to bring back files that are missing."
)


class FetchAssignment(CampusExchange, ExchangeFetchAssignment):
    """Puts a released lab into the user's folder; what is there already stays as it is."""

    def copy_files(self) -> None:
        """Fetch, then write what is missing."""
        course = self.course()
        place = self.place(course, self.lab)
        if place.is_dir() and not self.replace_missing_files:
            self.refuse(HAVE, lab=self.lab)
        files = self.campus.fetch(course, self.lab)
        write_files(place, {name: content for name, content in files.items() if not (place / name).exists()})
        self.log.info("Fetched as: %s %s", course, self.lab)
