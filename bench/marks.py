"""`bench marks`: the marks of a large course as a trainer pages, sorts and filters them, while marks are given.

The campus runs in this process, with a pretended hub; the database is SQLite in a temporary folder.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench.bench_command import print_progress
from hub.store import Store, table_models
from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_stores import RELEASED, SOURCE, TRAINER, settings_for

COURSE, MOST = "large", 3.0
QUERIES = (
    "",
    "?sort=-total",
    "?page=20",
    "?q=learner+12",
    "?state=to-be-marked&lab=lab03",
    "?group=Class+3",
    "?lab=lab00",
)
BATCH = 5000


def measure(argv: list[str]) -> dict[str, object]:
    """Return the time of the first view and of later ones, and the processor time of these, in milliseconds."""
    parser = argparse.ArgumentParser(prog="./isomo bench marks", description=__doc__)
    parser.add_argument("--learners", type=int, default=2000)
    parser.add_argument("--labs", type=int, default=13)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = large_course(folder, options.learners, options.labs)
        browser = Campus(folder, store).browser(TRAINER)
        print_progress("made the course")
        first = _timed(browser, "")
        times, busy = [], []
        for number in range(options.rounds):
            for query in QUERIES:
                spent = time.process_time()
                times.append(_timed(browser, query))
                busy.append(time.process_time() - spent)
            store.results.mark(1 + number, "t4", 1.0, "", TRAINER)
    ordered = sorted(times)
    return {
        "learners": options.learners,
        "labs": options.labs,
        "views": len(times),
        "first_ms": round(1000 * first),
        "median_ms": round(1000 * statistics.median(ordered)),
        "p95_ms": round(1000 * ordered[int(0.95 * (len(ordered) - 1))]),
        "worst_ms": round(1000 * ordered[-1]),
        "cpu_p95_ms": round(1000 * sorted(busy)[int(0.95 * (len(busy) - 1))]),
    }


def _timed(browser: Any, query: str) -> float:
    began = time.perf_counter()
    answer = browser.get(f"{ROOT}/courses/{COURSE}/marks{query}")
    if answer.status_code != 200:
        raise RuntimeError(f"{query} answered {answer.status_code}")
    return time.perf_counter() - began


def large_course(folder: Path, learners: int, labs: int) -> Store:
    """Return a store with a course in which everybody handed in every lab, five tasks each, most of them marked."""
    store = Store.migrate(settings_for(folder))
    names = [f"learner{number:05}" for number in range(learners)]
    store.courses.add_institution("minict", "Ministry of ICT")
    store.people.add(TRAINER, "Claudine U.", roles=("trainer",), institution="minict")
    store.courses.add(COURSE, "A large course", "minict")
    store.courses.add_member(COURSE, TRAINER, "trainer")
    for number in range(labs):
        lab = f"lab{number:02}"
        store.courses.release(
            COURSE, lab, version="1", title={"en": f"Lab {number}"}, minutes=30, number=number + 1,
            tasks=[{"id": f"t{place}", "points": MOST} for place in range(5)],
            release={f"{lab}.ipynb": RELEASED}, source={f"{lab}.ipynb": SOURCE},
        )  # fmt: skip
    for table, rows in _rows(names, [f"lab{number:02}" for number in range(labs)]):
        for start in range(0, len(rows), BATCH):
            with store.database.write() as session:
                session.execute(insert(table), rows[start : start + BATCH])
    return store


def _rows(names: list[str], labs: list[str]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    now, chance = datetime.now(UTC), random.Random(1)
    yield (
        table_models.Person,
        [
            {"username": name, "display_name": f"Learner {name[-5:]}", "language": "en", "created_at": now}
            for name in names
        ],
    )
    yield (
        table_models.CourseMember,
        [{"course": COURSE, "username": name, "role": "learner"} for name in names],
    )
    yield (
        table_models.ClassGroup,
        [{"id": number, "course": COURSE, "title": f"Class {number}"} for number in range(1, 41)],
    )
    yield (
        table_models.ClassMember,
        [{"class_id": 1 + place % 40, "username": name} for place, name in enumerate(names)],
    )
    pairs = list(enumerate(((lab, name) for lab in labs for name in names), 1))
    blob = {"notebook": "0" * 64, "feedback": "0" * 64}
    yield table_models.Attempt, [
        {"id": number, "receipt": f"R-2026-01-01-{number:06}", "course": COURSE, "lab": lab, "learner": name,
         "number": 1, "bundle": "0" * 64, "received_at": now, "warnings": []}
        for number, (lab, name) in pairs
    ]  # fmt: skip
    yield table_models.Grading, [
        {"id": number, "attempt": number, "run": 1, "lab_version": "1", "engine": "bench", **blob,
         "cpu_seconds": 0.0, "wall_seconds": 0.0, "recorded_at": now}
        for number, _pair in pairs
    ]  # fmt: skip
    yield table_models.Verdict, [
        {"grading": number, "grade_id": f"t{place}", "position": place, "outcome": "not-yet", "max_score": MOST,
         "score": None if place == 4 else chance.choice([0.0, 1.0, MOST]), "message": "Nearly.", "flags": []}
        for number, _pair in pairs
        for place in range(5)
    ]  # fmt: skip
    yield (
        table_models.Mark,
        [
            {
                "attempt": number,
                "grade_id": "t4",
                "score": 2.0,
                "comment": "",
                "given_by": TRAINER,
                "given_at": now,
            }
            for number, _pair in pairs
            if chance.random() < 0.8
        ],
    )
