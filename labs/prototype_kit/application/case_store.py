"""Store of the running application, in one SQLite file: cases, reviews, contests, events. Rows are only added."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

FILE = "cases.sqlite"
KEEP_DAYS = 180
"""How long what was entered is kept; counts and decisions stay."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS cases (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, version INTEGER NOT NULL, source TEXT NOT NULL,
    input TEXT, decision TEXT NOT NULL, label TEXT NOT NULL, person TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS cases_at ON cases (at);
CREATE INDEX IF NOT EXISTS cases_person ON cases (person, id);
CREATE TABLE IF NOT EXISTS contests (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL REFERENCES cases (id), at TEXT NOT NULL, who TEXT NOT NULL,
    note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reviews (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL UNIQUE REFERENCES cases (id), at TEXT NOT NULL, who TEXT NOT NULL,
    label TEXT NOT NULL, note TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL REFERENCES cases (id), at TEXT NOT NULL, who TEXT NOT NULL,
    useful INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, version INTEGER NOT NULL,
    why TEXT NOT NULL);
"""
WAITING = """
FROM cases LEFT JOIN reviews ON reviews.case_id = cases.id
WHERE reviews.id IS NULL AND cases.input IS NOT NULL
AND (cases.person != '' OR cases.id IN (SELECT case_id FROM contests))
"""


ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
"""Made once: json.dumps with options makes one for each call."""


Encoded = tuple[str, str, str, str]
"""A case as it is written: input as JSON, decision as JSON, label, why a person must decide."""


class CaseStore:
    """The file `cases.sqlite` of one application."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(folder / FILE, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file. A connection that is closed while another thread uses it ends the whole process."""
        with self._lock:
            self._db.close()

    def _all(self, text: str, *values: object) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._db.execute(text, values)]

    def _write(self, text: str, *values: object) -> int:
        with self._lock:
            return int(self._db.execute(text, values).lastrowid or 0)

    def add_cases(
        self, who: str, version: int, source: str, cases: Iterable[tuple[dict[str, Any], dict[str, Any]]]
    ) -> list[int]:
        """Write answered cases (input, decision) in one transaction; return their numbers."""
        encoded = [
            (_json(values), _json(decision), decision["label"], decision["person"])
            for values, decision in cases
        ]
        return list(self.add_encoded(who, version, source, encoded))

    def add_encoded(self, who: str, version: int, source: str, cases: Sequence[Encoded]) -> range:
        """Write answered cases whose input and decision are JSON already; return their numbers."""
        now = _now()
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                first = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM cases").fetchone()[0]
                numbers = range(first, first + len(cases))
                self._db.executemany(
                    "INSERT INTO cases (id, at, who, version, source, input, decision, label, person) "
                    "VALUES (?,?,?,?,?,?,?,?,?)",
                    (
                        (number, now, who, version, source, *case)
                        for number, case in zip(numbers, cases, strict=True)
                    ),
                )
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
        return numbers

    def case(self, number: int) -> dict[str, Any] | None:
        """Return one case with its review, None if there is none of that number."""
        found = self._all(
            "SELECT cases.*, reviews.label AS reviewed, reviews.note AS review_note FROM cases "
            "LEFT JOIN reviews ON reviews.case_id = cases.id WHERE cases.id = ?",
            number,
        )
        return _opened(found[0]) if found else None

    def contest(self, number: int, who: str, note: str) -> None:
        """Put a case into the reviewers' queue."""
        self._write(
            "INSERT INTO contests (case_id, at, who, note) VALUES (?,?,?,?)", number, _now(), who, note
        )

    def add_feedback(self, number: int, who: str, useful: bool) -> None:
        """Keep whether the person found the answer useful."""
        self._write(
            "INSERT INTO feedback (case_id, at, who, useful) VALUES (?,?,?,?)",
            number,
            _now(),
            who,
            int(useful),
        )

    def review(self, number: int, who: str, label: str, note: str, seconds: float) -> bool:
        """Keep a reviewer's decision; False if another reviewer was first."""
        try:
            self._write(
                "INSERT INTO reviews (case_id, at, who, label, note, seconds) VALUES (?,?,?,?,?,?)",
                *(number, _now(), who, label, note, seconds),
            )
        except sqlite3.IntegrityError:
            return False
        return True

    def queue(self, size: int = 20) -> list[dict[str, Any]]:
        """Return the cases that wait for a reviewer: contested ones first, then the oldest."""
        contested = "(SELECT note FROM contests WHERE case_id = cases.id ORDER BY id LIMIT 1) AS contested"
        order = "ORDER BY contested IS NULL, cases.id LIMIT ?"
        rows = self._all(f"SELECT cases.*, {contested} {WAITING} {order}", size)
        return [_opened(row) for row in rows]

    def waiting(self) -> int:
        """Return how many cases wait for a reviewer."""
        return int(self._all(f"SELECT count(*) AS n {WAITING}")[0]["n"])

    def latest(self, size: int) -> list[dict[str, Any]]:
        """Return the latest cases whose input is still kept, the newest first."""
        return [
            _opened(row)
            for row in self._all("SELECT * FROM cases WHERE input IS NOT NULL ORDER BY id DESC LIMIT ?", size)
        ]

    def event(self, who: str, what: str, version: int = 0, why: str = "") -> None:
        """Keep who did what to the application."""
        self._write(
            "INSERT INTO events (at, who, what, version, why) VALUES (?,?,?,?,?)",
            _now(),
            who,
            what,
            version,
            why,
        )

    def events(self) -> list[dict[str, Any]]:
        """Return all events, the first one first."""
        return self._all("SELECT * FROM events ORDER BY id")

    def month(self, month: str) -> dict[str, Any]:
        """Return the figures of one month, such as "2026-11"."""
        row = self._all(
            "SELECT count(*) AS cases, coalesce(sum(person != ''), 0) AS to_person FROM cases WHERE at LIKE ?",
            f"{month}%",
        )[0]
        reviews = self._all(
            "SELECT count(*) AS reviewed, coalesce(sum(reviews.label != cases.label), 0) AS overturned, "
            "coalesce(avg(reviews.seconds), 0) AS seconds FROM reviews JOIN cases ON cases.id = reviews.case_id "
            "WHERE reviews.at LIKE ?",
            f"{month}%",
        )[0]
        contests = self._all("SELECT count(*) AS contested FROM contests WHERE at LIKE ?", f"{month}%")[0]
        useful = self._all(
            "SELECT count(*) AS told, coalesce(sum(useful), 0) AS useful FROM feedback WHERE at LIKE ?",
            f"{month}%",
        )[0]
        return row | reviews | contests | useful

    def reviewed_cases(self) -> list[dict[str, Any]]:
        """Return cases that a person decided, with that decision: the next version's data."""
        rows = self._all(
            "SELECT cases.*, reviews.label AS reviewed, reviews.who AS reviewer FROM reviews "
            "JOIN cases ON cases.id = reviews.case_id WHERE cases.input IS NOT NULL ORDER BY cases.id"
        )
        return [_opened(row) for row in rows]

    def forget(self, before: dt.datetime) -> int:
        """Delete what was entered before a moment; counts and decisions stay. Return how many cases it touched."""
        with self._lock:
            done = self._db.execute(
                "UPDATE cases SET input = NULL WHERE input IS NOT NULL AND at < ?",
                (before.isoformat(timespec="seconds"),),
            )
            return done.rowcount


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"input": json.loads(row["input"] or "{}"), "decision": json.loads(row["decision"])}


def _json(values: Any) -> str:
    return ENCODER.encode(values)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
