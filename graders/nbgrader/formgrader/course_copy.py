"""A copy of one course as nbgrader lays it out; its notebooks are fetched when somebody reads them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from graders.nbgrader.exchange.exchange_base import write_files
from graders.nbgrader.projection.gradebook_places import FileGradebook, clear_gradebook, put_rows
from graders.nbgrader.projection.gradebook_rows import gradebook_rows, submission_ids
from labs.kit.campus_client import Campus
from labs.kit.home_files import write_aside


class CourseCopy:
    """Brings a folder up to what the campus says; asked again, it fetches only what changed."""

    def __init__(self, campus: Campus, course: str, root: Path) -> None:
        self.campus = campus
        self.course = course
        self.root = root
        self.gradebook = FileGradebook(root / "gradebook.db")
        self._cursor = ""
        self._frame: dict[str, Any] = {}
        """Labs and learners: where these change, more than single submissions does."""
        self._receipts: dict[tuple[str, str], str] = {}
        """Which attempt is shown, by lab and learner."""
        self._versions: dict[tuple[str, str], str] = {}
        """Which state of its notebook is on disk, or was when it was fetched."""
        self._lock = threading.Lock()

    def sync(self) -> bool:
        """Fetch what changed; whether anything did. Raises CampusError."""
        with self._lock:
            record = self.campus.gradebook(self.course, self._cursor)
            frame = {name: record[name] for name in ("labs", "learners")}
            if record["cursor"] == self._cursor and frame == self._frame:
                return False
            anew = frame != self._frame
            if anew and self._cursor:
                record = self.campus.gradebook(self.course)
            made = gradebook_rows(record, self._source)
            if self._cursor:
                self._put(record, made, anew=anew)
            else:
                self.gradebook.rebuild(made)
            for each in record["submissions"]:
                self._place(each)
            self._cursor, self._frame = record["cursor"], frame
            return True

    def _put(self, record: Mapping[str, Any], made: Any, *, anew: bool) -> None:
        shown = [
            submission_ids(self.course, each["lab"], each["learner"])[1]
            for each in record["submissions"]
            if each["graded"]
        ]
        engine = create_engine(self.gradebook.url)
        try:
            with engine.begin() as connection:
                if anew:
                    clear_gradebook(connection)
                put_rows(connection, made, shown)
        finally:
            engine.dispose()

    def _source(self, lab: str, source: str) -> dict[str, bytes]:
        """Return the lab's files for graders and for learners, fetched once for each version."""
        place, mark = self.root / "source" / lab, self.root / ".sources" / lab
        if not mark.is_file() or mark.read_text("utf-8") != source:
            write_files(place, self.campus.fetch(self.course, lab, side="source"))
            write_files(self.root / "release" / lab, self.campus.fetch(self.course, lab))
            write_aside(mark, source.encode())
        return {path.name: path.read_bytes() for path in place.glob("*.ipynb")}

    def source_notebook(self, lab: str) -> bytes:
        """Return the grader's notebook of a lab; empty if it has another name."""
        path = self.root / "source" / lab / f"{lab}.ipynb"
        return path.read_bytes() if path.is_file() else b""

    def _place(self, each: Mapping[str, Any]) -> None:
        """Put empty notebooks in the place of those that nobody has read yet."""
        key = (each["lab"], each["learner"])
        _stand_in(self._folder("submitted", key), key[0], each["received_at"], each["receipt"])
        graded = each["graded"]
        if graded is not None:
            folder = self._folder("autograded", key)
            if self._versions.get(key) != graded["notebook"]:
                (folder / f"{key[0]}.ipynb").unlink(missing_ok=True)
            _stand_in(folder, key[0], graded["received_at"], graded["receipt"])
            self._receipts[key], self._versions[key] = graded["receipt"], graded["notebook"]

    def _folder(self, step: str, key: tuple[str, str]) -> Path:
        return self.root / step / key[1] / key[0]

    def receipt(self, lab: str, learner: str) -> str:
        """Return the attempt that is shown. Raises KeyError if there is none."""
        return self._receipts[lab, learner]

    def fill(self, lab: str, learner: str = "*") -> None:
        """Have the graded notebooks of a lab, all or one learner's. Raises CampusError."""
        for (one, who), receipt in list(self._receipts.items()):
            path = self._folder("autograded", (one, who)) / f"{one}.ipynb"
            if one == lab and learner in ("*", who) and not path.stat().st_size:
                write_aside(path, self.campus.graded_notebook(receipt))


def _stand_in(folder: Path, lab: str, when: str, receipt: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{lab}.ipynb").touch()
    (folder / "timestamp.txt").write_text(when, "utf-8")
    (folder / "receipt.txt").write_text(receipt, "utf-8")
