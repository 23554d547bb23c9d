"""Store of the running application, in one SQLite file: cases, reviews, contests, events. Rows are only added."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.batch_chunks import Encoded, KeptChunk, OpenedChunk
from labs.prototype_kit.application.disk_room import must_have_room

FILE = "cases.sqlite"
KEEP_DAYS = 180
"""How long what was entered is kept; counts and decisions stay."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS cases (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, version INTEGER NOT NULL, source TEXT NOT NULL,
    input TEXT, decision TEXT NOT NULL, label TEXT NOT NULL, person TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS cases_at ON cases (at);
CREATE INDEX IF NOT EXISTS cases_person ON cases (person, id);
CREATE TABLE IF NOT EXISTS chunks (
    first INTEGER PRIMARY KEY, count INTEGER NOT NULL, alone INTEGER NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
    version INTEGER NOT NULL, inputs TEXT, answers TEXT NOT NULL, counts TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_at ON chunks (at);
CREATE TABLE IF NOT EXISTS contests (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL REFERENCES cases (id), at TEXT NOT NULL, who TEXT NOT NULL,
    note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reviews (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL UNIQUE REFERENCES cases (id), at TEXT NOT NULL, who TEXT NOT NULL,
    label TEXT NOT NULL, note TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL REFERENCES cases (id), at TEXT NOT NULL, who TEXT NOT NULL,
    useful INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS visits (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, version INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS visits_at ON visits (at);
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


IN_CHUNK = ""
"""Content of a case that is still to be read from its chunk."""
NEXT = (
    "SELECT max(coalesce((SELECT max(id) FROM cases), 0), "
    "coalesce((SELECT first + count - 1 FROM chunks ORDER BY first DESC LIMIT 1), 0)) + 1"
)
OLD_CHUNKS = "FROM chunks WHERE inputs IS NOT NULL AND at < ? ORDER BY first"
OLD_CASES = "FROM cases WHERE id > ? AND input IS NOT NULL AND at < ? ORDER BY id LIMIT ?"
MOST_IN_STEP, LARGEST_STEP = 500, 1024 * 1024
"""Cases and signs that are deleted together."""
INSERT = "INSERT INTO cases (id, at, who, version, source, input, decision, label, person) VALUES (?,?,?,?,?,?,?,?,?)"


def file_ways() -> tuple[tuple[str, str], ...]:
    """Return how SQLite keeps the file: as is quick on one machine, or as a folder that machines share needs.

    SQLite's log next to the file (WAL) works through memory that machines do not share. Without it each change is on the
    disk before it is answered, so the next machine has it if this one is lost.
    """
    if os.environ.get("ISOMO_SHARED_FOLDER"):
        return ("journal_mode", "DELETE"), ("synchronous", "FULL")
    return ("journal_mode", "WAL"), ("synchronous", "NORMAL")


class CaseStore:
    """The file `cases.sqlite` of one application."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / FILE
        self._lock = threading.Lock()
        self._db = sqlite3.connect(folder / FILE, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        for name, value in file_ways():
            self._db.execute(f"PRAGMA {name}={value}")
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
        """Write answered cases whose input and decision are JSON already; return their numbers.

        Raises:
            OSError: the folder is full, but for the room that is kept for people's decisions; nothing was written.
        """
        self._must_have_room(0)
        now = _now()
        with self._change():
            first = self._db.execute(NEXT).fetchone()[0]
            numbers = range(first, first + len(cases))
            lines = zip(numbers, cases, strict=True)
            self._db.executemany(INSERT, ((n, now, who, version, source, *case) for n, case in lines))
        return numbers

    def add_chunk(self, who: str, version: int, chunk: KeptChunk) -> int:
        """Write answered rows of a batch in one line; return the number of the first.

        Those that a person decides get a row too, whose content stays in the chunk until somebody opens it.

        Raises:
            OSError: as `add_encoded`.
        """
        # Twice: SQLite writes into its log first.
        self._must_have_room(2 * (len(chunk.inputs) + len(chunk.answers)))
        now, alone = _now(), chunk.count - len(chunk.handed_on)
        with self._change():
            first = int(self._db.execute(NEXT).fetchone()[0])
            if chunk.count:
                self._db.execute(
                    "INSERT INTO chunks (first, count, alone, at, who, version, inputs, answers, counts) "
                    "VALUES (?,?,?,?,?,?,?,?,?)",
                    (first, chunk.count, alone, now, who, version, chunk.inputs, chunk.answers, chunk.counts),
                )
            self._db.executemany(
                INSERT,
                (
                    (first + n, now, who, version, "batch", IN_CHUNK, IN_CHUNK, label, person)
                    for n, label, person in chunk.handed_on
                ),
            )
        return first

    def _must_have_room(self, more: int) -> None:
        must_have_room(self._file.parent, more, self._file)

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Write everything inside, or nothing of it."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # On a full disk SQLite may have taken it back already.
                    self._db.execute("ROLLBACK")
                raise

    def _make_case(self, number: int) -> None:
        """Write a row of a batch as a case, if it is none yet: somebody opens it."""
        with self._change():
            case = self._db.execute("SELECT decision FROM cases WHERE id = ?", (number,)).fetchone()
            if case is not None and case["decision"] != IN_CHUNK:
                return
            chunk = self._db.execute(
                "SELECT * FROM chunks WHERE first <= ? AND first + count > ? ORDER BY first DESC LIMIT 1",
                (number, number),
            ).fetchone()
            if chunk is None:
                return
            made = OpenedChunk(chunk["inputs"], chunk["answers"]).encoded(number - chunk["first"])
            if case is not None:
                self._db.execute("UPDATE cases SET input = ?, decision = ? WHERE id = ?", (*made[:2], number))
                return
            about = (number, chunk["at"], chunk["who"], chunk["version"], "batch")
            self._db.execute(INSERT, (*about, *made))
            self._db.execute("UPDATE chunks SET alone = alone - 1 WHERE first = ?", (chunk["first"],))

    def case(self, number: int) -> dict[str, Any] | None:
        """Return one case with its review, None if there is none of that number."""
        self._make_case(number)
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
        for row in self._all(f"SELECT cases.id, {contested} {WAITING} {order}", size):
            self._make_case(row["id"])
        rows = self._all(f"SELECT cases.*, {contested} {WAITING} {order}", size)
        return [_opened(row) for row in rows]

    def waiting(self) -> int:
        """Return how many cases wait for a reviewer."""
        return int(self._all(f"SELECT count(*) AS n {WAITING}")[0]["n"])

    def latest(self, size: int) -> list[dict[str, Any]]:
        """Return the latest cases whose input is still kept, the newest first."""
        rows = self._all(
            "SELECT * FROM cases WHERE input IS NOT NULL AND decision != ? ORDER BY id DESC LIMIT ?",
            IN_CHUNK,
            size,
        )
        found = {row["id"]: _opened(row) for row in rows}
        for chunk in self._chunks_of_latest(size):
            opened = OpenedChunk(chunk["inputs"], chunk["answers"])
            for place in range(chunk["count"] - 1, max(-1, chunk["count"] - 1 - size), -1):
                number = chunk["first"] + place
                if number not in found:
                    decision = opened.decision(place)
                    found[number] = {
                        **{"id": number, "at": chunk["at"], "who": chunk["who"], "version": chunk["version"]},
                        **{"source": "batch", "input": opened.input(place), "decision": decision},
                        **{"label": decision["label"], "person": decision["person"]},
                    }
        return [found[number] for number in sorted(found, reverse=True)[:size]]

    def _chunks_of_latest(self, size: int) -> list[dict[str, Any]]:
        """Return the latest chunks that hold `size` rows together."""
        heads = self._all("SELECT first, count FROM chunks WHERE inputs IS NOT NULL ORDER BY first DESC")
        held = itertools.accumulate((head["count"] for head in heads), initial=0)
        wanted = [head["first"] for head, before in zip(heads, held, strict=False) if before < size]
        return [self._all("SELECT * FROM chunks WHERE first = ?", first)[0] for first in wanted]

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

    def add_visit(self, who: str, version: int) -> None:
        """Count that a person opened the team's own page."""
        self._write("INSERT INTO visits (at, who, version) VALUES (?,?,?)", _now(), who, version)

    def events(self) -> list[dict[str, Any]]:
        """Return all events, the first one first."""
        return self._all("SELECT * FROM events ORDER BY id")

    def month(self, month: str) -> dict[str, Any]:
        """Return the figures of one month, such as "2026-11"."""
        row = self._all(
            "SELECT count(*) AS cases, coalesce(sum(person != ''), 0) AS to_person FROM cases WHERE at LIKE ?",
            f"{month}%",
        )[0]
        alone = "SELECT coalesce(sum(alone), 0) AS alone FROM chunks WHERE at LIKE ?"
        row["cases"] += self._all(alone, f"{month}%")[0]["alone"]
        reviews = self._all(
            "SELECT count(*) AS reviewed, coalesce(sum(reviews.label != cases.label), 0) AS overturned, "
            "coalesce(avg(reviews.seconds), 0) AS seconds FROM reviews JOIN cases ON cases.id = reviews.case_id "
            "WHERE reviews.at LIKE ?",
            f"{month}%",
        )[0]
        contests = self._all("SELECT count(*) AS contested FROM contests WHERE at LIKE ?", f"{month}%")[0]
        # Answers that a person had to look at after all.
        looked_at = self._all(
            "SELECT count(DISTINCT case_id) AS looked_at FROM contests JOIN cases ON cases.id = contests.case_id "
            "WHERE cases.person = '' AND cases.at LIKE ?",
            f"{month}%",
        )[0]
        useful = self._all(
            "SELECT count(*) AS told, coalesce(sum(useful), 0) AS useful FROM feedback WHERE at LIKE ?",
            f"{month}%",
        )[0]
        visits = self._all("SELECT count(*) AS visits FROM visits WHERE at LIKE ?", f"{month}%")[0]
        return row | reviews | contests | looked_at | useful | visits

    def chunk_counts(self, month: str) -> list[str]:
        """Return how many rows of each slice the month's chunks have, as JSON."""
        return [row["counts"] for row in self._all("SELECT counts FROM chunks WHERE at LIKE ?", f"{month}%")]

    def cases_outside_chunks(self, month: str) -> list[dict[str, Any]]:
        """Return input and person of the month's cases that belong to no chunk."""
        return self._all(
            "SELECT input, person FROM cases WHERE at LIKE ? AND coalesce("
            "(SELECT first + count FROM chunks WHERE first <= cases.id ORDER BY first DESC LIMIT 1), 0) <= cases.id",
            f"{month}%",
        )

    def reviews_of(self, month: str) -> list[dict[str, Any]]:
        """Return the input of each case that a person decided in the month, and whether otherwise than the model."""
        return self._all(
            "SELECT cases.input AS input, reviews.label != cases.label AS overturned FROM reviews "
            "JOIN cases ON cases.id = reviews.case_id WHERE reviews.at LIKE ?",
            f"{month}%",
        )

    def reviewed_cases(self) -> list[dict[str, Any]]:
        """Return cases that a person decided, with that decision: the next version's data."""
        rows = self._all(
            "SELECT cases.*, reviews.label AS reviewed, reviews.who AS reviewer FROM reviews "
            "JOIN cases ON cases.id = reviews.case_id WHERE cases.input IS NOT NULL ORDER BY cases.id"
        )
        return [_opened(row) for row in rows]

    def forget(self, before: dt.datetime) -> int:
        """Delete what was entered before a moment; counts and decisions stay. Return how many cases it touched.

        It goes in small steps, because what is deleted is overwritten and needs as much room again: a full folder has
        room for a step.
        """
        moment = before.isoformat(timespec="seconds")
        touched = 0
        # Chunks first: a row that waits would be filled from its chunk again if somebody opened it in between.
        for chunk in self._all(f"SELECT first, alone {OLD_CHUNKS}", moment):
            self._write("UPDATE chunks SET inputs = NULL WHERE first = ?", chunk["first"])
            touched += chunk["alone"]
        last = 0
        while step := self._old_cases(last, moment):
            with self._change():
                self._db.executemany("UPDATE cases SET input = NULL WHERE id = ?", [(each,) for each in step])
            touched, last = touched + len(step), step[-1]
        return touched

    def _old_cases(self, after: int, moment: str) -> list[int]:
        """Return the numbers of the next old cases whose input is still there, as many as a step may have."""
        found = self._all(f"SELECT id, length(input) AS size {OLD_CASES}", after, moment, MOST_IN_STEP)
        sizes = itertools.accumulate(case["size"] for case in found)
        fitting = [case["id"] for case, sum_ in zip(found, sizes, strict=True) if sum_ <= LARGEST_STEP]
        return fitting or [case["id"] for case in found[:1]]


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"input": json.loads(row["input"] or "{}"), "decision": json.loads(row["decision"])}


def _json(values: Any) -> str:
    return ENCODER.encode(values)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
