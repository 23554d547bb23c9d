"""`bench labs`: Isomo's own labs, solved, each graded in a stock kernel, in a sandbox, and in sandboxes that share
what the lab begins with; marks compared.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.bench_command import print_progress
from graders.engine import shared_first_cells
from graders.engine.fork_engine import ForkEngine
from graders.engine.learner_view import learners_room
from labs.authoring.lab_mutants import best_answers
from labs.authoring.lab_spec import lab_folders
from labs.authoring.notebook_runs import run_solved
from labs.datasets.learners_data import ready_data
from tests.support.lab_work import Edition, edition

NEVER = 1 << 30


def measure(argv: list[str]) -> dict[str, Any]:
    """Grade each lab's own solution; `ratio` is a stock run's time over a shared one's, all labs together."""
    parser = argparse.ArgumentParser(prog="isomo bench labs", description=__doc__)
    parser.add_argument("labs", nargs="*", help="numbers of labs, such as 02 (default: all)")
    parser.add_argument("--count", type=int, default=5, help="how often ours grades each (default 5)")
    args = parser.parse_args(argv)
    data = ready_data()
    chosen = [one for one in lab_folders() if not args.labs or one.name[:2] in args.labs]
    if not chosen:
        parser.error(f"there is no such lab; there are {', '.join(one.name[:2] for one in lab_folders())}")
    rows = {}
    with (
        tempfile.TemporaryDirectory(prefix="isomo-labs-") as place,
        ForkEngine(learners_room(data)) as engine,
    ):
        engine.template()
        for folder in chosen:
            rows[folder.name] = _lab(engine, edition(folder, "", data, Path(place)), args.count)
            print_progress(f"{folder.name}: {_told(rows[folder.name])}")
    whole = {key: sum(row[key] for row in rows.values()) for key in ("stock", "alone", "shared")}
    return {
        "ratio": round(whole["stock"] / whole["shared"], 1),
        "ratio_alone": round(whole["stock"] / whole["alone"], 1),
        "marks_equal": all(row["marks_equal"] for row in rows.values()),
        "stock_cpu": round(sum(row["stock_cpu"] for row in rows.values()), 2),
        "alone_cpu": round(sum(row["alone_cpu"] for row in rows.values()), 2),
        "shared_cpu": round(sum(row["shared_cpu"] for row in rows.values()), 2),
        "labs": {name: {key: _short(value) for key, value in row.items()} for name, row in rows.items()},
    }


def _lab(engine: ForkEngine, lab: Edition, count: int) -> dict[str, Any]:
    before, began = _children(), time.monotonic()
    marks = run_solved(lab.lab, lab.files, best_answers(lab.cases)).marks
    row: dict[str, Any] = {"stock": time.monotonic() - began, "stock_cpu": _children() - before}
    found = [marks]
    worth = shared_first_cells.WORTH
    try:
        for way, shared_first_cells.WORTH in (("alone", NEVER), ("shared", 1)):
            runs = [_graded(engine, lab, found.append) for _ in range(max(count, 1) + 1)]
            # The first one has the beginning made, which the others find.
            row[way], row[f"{way}_cpu"] = (statistics.median(times) for times in zip(*runs[1:], strict=True))
    finally:
        shared_first_cells.WORTH = worth
    return row | {"marks_equal": all(one == marks for one in found)}


def _graded(
    engine: ForkEngine, lab: Edition, keep: Callable[[dict[str, float]], None]
) -> tuple[float, float]:
    """Wall and processor seconds of one submission, with what the trusted side computes."""
    work, before = lab.solved(), time.process_time()
    graded = engine.grade(work)
    keep({task.grade_id: task.score for task in graded.tasks if task.score is not None})
    return graded.wall_seconds, graded.cpu_seconds + time.process_time() - before


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _told(row: dict[str, Any]) -> str:
    equal = "the same marks" if row["marks_equal"] else "OTHER MARKS"
    return f"stock {row['stock']:.2f} s, alone {row['alone']:.2f} s, shared {row['shared']:.2f} s, {equal}"


def _short(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value
