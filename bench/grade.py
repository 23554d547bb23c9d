"""`bench grade`: our engine and stock `nbgrader autograde` on the same submissions, in one run, scores compared."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench import bench_courses
from bench.bench_command import print_progress

LAB = "triage"


def measure(argv: list[str]) -> dict[str, Any]:
    """Time both engines; `ratio` is our submissions per second over stock's, each once it has started.

    `cpu_overhead` is our processor time over that of the bare cells. The bare cells run right after each of our rounds:
    a virtual machine's cores may change their speed by half within minutes. The median of the rounds counts.
    """
    parser = argparse.ArgumentParser(prog="isomo bench grade", description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="submissions (default 60)")
    parser.add_argument("--rounds", type=int, default=1, help="how often ours is timed; the median counts")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="isomo-bench-") as scratch:
        return _compare(Path(scratch), args.count, args.rounds)


def _compare(scratch: Path, count: int, rounds: int) -> dict[str, Any]:
    print_progress(f"making a course with {count} submissions")
    course = bench_courses.make_reference(scratch / "course", count)
    stock_course = bench_courses.copy_course(course, scratch / "stock", drop_in=False)
    ours, bare = [], []
    for number in range(rounds):
        fork_course = bench_courses.copy_course(course, scratch / f"fork{number}", drop_in=True)
        print_progress("grading with the fork server")
        ours.append(_batch(fork_course, "fork"))
        bare.append(_python("bench.bare_cells", str(fork_course), LAB)["cpu"])
        print_progress(
            f"  {_told(ours[-1], count)}; processor time {_overhead(ours[-1], bare[-1], count):.2f} of the cells'"
        )
    print_progress("grading with stock nbgrader")
    stock = _batch(stock_course, "stock")
    print_progress(f"  {_told(stock, count)}")
    fork = sorted(ours, key=lambda one: one["batch"])[len(ours) // 2]
    wanted, found = bench_courses.gradebook_scores(stock_course), bench_courses.gradebook_scores(fork_course)
    differing = sorted(key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key))
    return {
        "ratio": round(stock["batch"] / fork["batch"], 2),
        "ratio_with_start": round((stock["batch"] + stock["start"]) / (fork["batch"] + fork["start"]), 2),
        "scores_equal": not differing and len(wanted) == 3 * count,
        "scores": len(wanted),
        "differing": [list(key) for key in differing[:10]],
        "count": count,
        "cpu_overhead": round(median(map(_overhead, ours, bare, [count] * rounds)), 2),
        "worker_mb": round(fork["peak"] / 1e6),
        "seconds_each": round(fork["batch"] / count, 4),
        "stock_seconds_each": round(stock["batch"] / count, 4),
        "start_seconds": round(fork["start"], 2),
        "stock_start_seconds": round(stock["start"], 2),
        "bare_cpu_each": round(median(bare), 4),
        "cpu_each": round(median(one["cpu"] for one in ours) / count, 4),
        "stock_cpu_each": round(stock["cpu"] / count, 4),
    }


def _overhead(run: dict[str, Any], bare: float, count: int) -> float:
    return float(run["cpu"] / count / bare)


def _told(run: dict[str, Any], count: int) -> str:
    return f"{run['graded']} of {count} in {run['batch']:.1f} s, {run['batch'] / count:.3f} s each"


def _batch(course: Path, which: str) -> dict[str, Any]:
    return _python("bench.converter_batch", str(course), LAB, which)


def _python(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        env=bench_courses.nbgrader_environment(),
        cwd=bench_courses.ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))
