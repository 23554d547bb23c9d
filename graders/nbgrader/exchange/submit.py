"""`nbgrader submit LAB`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from nbgrader.exchange.abc import ExchangeSubmit
from nbgrader.utils import ignore_patterns

from graders.nbgrader.exchange.exchange_base import CampusExchange
from labs.kit import hand_in
from labs.kit.home_files import Home
from labs.kit.kit_sentences import N_, kit_sentence, own_language

NOT_HERE = N_("There is no folder {folder}. Fetch the lab first: nbgrader fetch_assignment {lab}")
NOT_YOURS = N_("Work is handed in by whoever is signed in; it cannot be handed in for {name}.")
TOO_MUCH = N_(
    "The folder {folder} holds more than {limit} kB. Remove large files from it, then hand in again."
)
MISSING = N_("These notebooks of the lab are missing, so nothing was handed in: {names}.")
WAITS = N_(
    "The campus does not answer just now. Your work is kept in your folder and is sent when the line is back."
)
RECEIPT = N_("Receipt {receipt}, attempt {attempt}; it is kept as {path}")


class Submit(CampusExchange, ExchangeSubmit):
    """Hands in the lab's folder: its notebook, answers.json and what else belongs to it."""

    def copy_files(self) -> None:
        """Hand in now, or keep it until the campus answers."""
        me = self.coursedir.student_id
        if me not in ("*", "", os.environ.get("JUPYTERHUB_USER", me)):
            self.refuse(NOT_YOURS, name=me)
        # As with nbgrader's own exchange, the name of a folder does for the lab's.
        folder = Path(self.assignment_dir, self.lab).resolve()
        self.coursedir.assignment_id = folder.name
        course = self.course()
        folder = folder if folder.is_dir() else self.place(course, self.lab)
        if not folder.is_dir():
            self.refuse(NOT_HERE, folder=folder, lab=self.lab)
        files = dict(self._files(folder))
        if sum(map(len, files.values())) > 1000 * self.coursedir.max_dir_size:
            self.refuse(TOO_MUCH, folder=folder, limit=self.coursedir.max_dir_size)
        if self.strict:
            self._have_all(course, files)
        self._hand_in(course, files)

    def _files(self, folder: Path) -> Iterator[tuple[str, bytes]]:
        """Yield the files that nbgrader would copy; links are left out, as they may lead anywhere."""
        cut = self.coursedir
        ignored = ignore_patterns(cut.ignore, cut.include, cut.max_file_size, self.log)
        for place, folders, names in os.walk(folder):
            out = set(ignored(place, folders)) | set(ignored(place, names))
            folders[:] = sorted(name for name in folders if name not in out)
            for name in sorted(names):
                path = Path(place, name)
                if name not in out and path.is_file() and not path.is_symlink():
                    yield path.relative_to(folder).as_posix(), path.read_bytes()

    def _have_all(self, course: str, files: dict[str, bytes]) -> None:
        wanted = {name for name in self.campus.fetch(course, self.lab) if name.endswith(".ipynb")}
        if missing := sorted(wanted - set(files)):
            self.refuse(MISSING, names=", ".join(missing))

    def _hand_in(self, course: str, files: dict[str, bytes]) -> None:
        home = Home.own()
        sent = hand_in.hand_in(home, self.campus, course, self.lab, files)
        if sent.refusal:
            self.fail(sent.refusal)
        if sent.receipt is None:
            self.log.warning(kit_sentence(WAITS, own_language()))
            return
        for warning in sent.receipt.get("warnings", ()):
            self.log.warning(warning)
        self.timestamp = self.moment(str(sent.receipt["received_at"]))
        self.log.info("Submitted as: %s %s %s", course, self.lab, self.timestamp)
        facts = {"receipt": sent.receipt["receipt"], "attempt": sent.receipt["attempt"], "path": sent.path}
        self.log.info(kit_sentence(RECEIPT, own_language(), **facts))
