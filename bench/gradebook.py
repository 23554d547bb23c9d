"""`bench gradebook`: a course's gradebook made and read, ours and stock nbgrader's side by side, contents compared."""

from __future__ import annotations

import argparse
import contextlib
import random
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import create_engine, event, text

from bench.bench_command import print_progress
from graders.nbgrader.projection.gradebook_places import FileGradebook
from graders.nbgrader.projection.gradebook_rows import Rows, gradebook_rows

COURSE, LAB = "bench", "triage"
TASKS = 5


def measure(argv: list[str]) -> dict[str, Any]:
    """`ratio` is stock's seconds for one page of formgrader over ours, both at `count` submissions."""
    parser = argparse.ArgumentParser(prog="isomo bench gradebook", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="submissions (default 10,000)")
    parser.add_argument("--sample", type=int, default=50, help="how many stock writes; it is timed for each")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="isomo-bench-") as scratch:
        return _compare(Path(scratch), args.count, args.sample)


def _compare(scratch: Path, count: int, sample: int) -> dict[str, Any]:
    print_progress(f"making a record of {count} submissions with {TASKS} tasks each")
    record = _record(count)
    ours, plain = (
        FileGradebook(scratch / "ours" / "gradebook.db"),
        FileGradebook(scratch / "plain" / "gradebook.db"),
    )
    began = time.perf_counter()
    made = gradebook_rows(record, lambda _lab, _source: {f"{LAB}.ipynb": _notebook()})
    ours.rebuild(made)
    rebuilt = time.perf_counter() - began
    print_progress(f"rebuilt in {rebuilt:.1f} s; writing {sample} with nbgrader's own calls")
    stock_write, commits = _stock_writes(scratch / "stock.db", made, sample)
    plain.rebuild(made)
    _without_indexes(plain)
    print_progress("reading one page of formgrader")
    page, found = _page(ours)
    stock_page, wanted = _page(plain)
    return {
        "ratio": round(stock_page / page, 2),
        "write_ratio": round(stock_write / (rebuilt / count), 1),
        "same": _sorted(found) == _sorted(wanted) and len(found) == count,
        "count": count,
        "page_seconds": round(page, 2),
        "stock_page_seconds": round(stock_page, 2),
        "rebuild_seconds": round(rebuilt, 2),
        "write_seconds_each": round(rebuilt / count, 6),
        "stock_write_seconds_each": round(stock_write, 4),
        "commits": 1,
        "stock_commits_each": round(commits / sample, 1),
    }


def _record(count: int) -> dict[str, Any]:
    chance = random.Random(2026)
    names = [f"learner{number:05}" for number in range(count)]
    return {
        "course": COURSE,
        "learners": [{"name": name, "display_name": f"First {name}"} for name in names],
        "labs": [{"lab": LAB, "version": "1", "source": "", "closes_at": None}],
        "submissions": [_submission(name, chance) for name in names],
    }


def _submission(name: str, chance: random.Random) -> dict[str, Any]:
    verdicts = [
        {"grade_id": f"t{task}", "score": float(chance.randint(0, 2)), "max_score": 2.0, "flags": []}
        for task in range(TASKS)
    ]
    graded = {
        "lab": LAB,
        "learner": name,
        "received_at": "2026-11-23T09:14:07Z",
        "verdicts": verdicts,
        "marks": {},
    }
    return {"lab": LAB, "learner": name, "graded": graded}


def _notebook() -> bytes:
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    cells = []
    for task in range(TASKS):
        for name, graded in ((f"a{task}", False), (f"t{task}", True)):
            cell = new_code_cell("pass")
            meta = {"grade_id": name, "grade": graded, "solution": not graded, "locked": graded, "points": 2}
            cell.metadata["nbgrader"] = {"schema_version": 3, "task": False, **meta}
            cells.append(cell)
    return nbformat.writes(new_notebook(cells=cells)).encode()


def _stock_writes(path: Path, made: Rows, sample: int) -> tuple[float, int]:
    """Return seconds and commits of nbgrader's own way: a gradebook opened for each step, a commit for each cell."""
    book = FileGradebook(path)
    book.rebuild(
        {**made, **{name: [] for name in ("submitted_assignment", "submitted_notebook", "grade", "comment")}}
    )
    _without_indexes(book)
    commits = 0

    def count(_connection: Any) -> None:
        nonlocal commits
        commits += 1

    warnings.simplefilter("ignore")  # nbgrader's own, one for each submission.
    began = time.perf_counter()
    for row in made["submitted_assignment"][:sample]:
        learner = row["student_id"]
        for step in range(2):  # Autograde itself, then SaveAutoGrades.
            with Gradebook(book.url, COURSE) as opened:
                event.listen(opened.engine, "commit", count)
                if step == 0:
                    opened.update_or_create_submission(LAB, learner, timestamp=row["timestamp"])
                    continue
                for task in range(TASKS):
                    opened.find_grade(f"t{task}", LAB, LAB, learner).auto_score = 1.0
                    opened.db.commit()
                    with contextlib.suppress(MissingEntry):
                        opened.find_comment(f"a{task}", LAB, LAB, learner).auto_comment = None
                    opened.db.commit()
    return (time.perf_counter() - began) / sample, commits


def _without_indexes(book: FileGradebook) -> None:
    engine = create_engine(book.url)
    with engine.begin() as connection:
        names = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'ix_%'")
        ).scalars()
        for name in list(names):
            connection.execute(text(f'DROP INDEX "{name}"'))
    engine.dispose()


def _page(book: FileGradebook) -> tuple[float, list[dict[str, Any]]]:
    with Gradebook(book.url, COURSE) as opened:
        began = time.perf_counter()
        found = opened.notebook_submission_dicts(LAB, LAB)
        return time.perf_counter() - began, found


def _sorted(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda one: str(one["student"]))
