"""Times one submission from a cold start, `nbgrader autograde LAB --student NAME`: stock and the drop-in in turn."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import courses
from bench.cli import say

LAB, LEARNER = "triage", "learner00000"


def measure(argv: list[str]) -> dict[str, Any]:
    """Return the medians of both sides and their ratio; the scores have to be the same."""
    parser = argparse.ArgumentParser(prog="isomo bench one", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each side grades it (5)")
    rounds = parser.parse_args(argv).rounds
    with tempfile.TemporaryDirectory() as folder:
        made = courses.make_reference(Path(folder) / "made", 1)
        places = {
            name: courses.copy(made, Path(folder) / name, drop_in=name == "ours")
            for name in ("stock", "ours")
        }
        taken: dict[str, list[float]] = {"stock": [], "ours": []}
        for number in range(rounds):
            for name, course in places.items():
                taken[name].append(_seconds(course))
                say(f"round {number + 1} of {rounds}, {name}: {taken[name][-1]:.2f} s")
        if courses.scores(places["stock"]) != courses.scores(places["ours"]):
            raise SystemExit("The scores differ, so these times compare different work.")
    return report(taken)


def report(taken: dict[str, list[float]]) -> dict[str, Any]:
    """Return the figures of a run.

    >>> report({"stock": [4.0, 2.0, 3.0], "ours": [3.0, 1.5, 9.0]})["ratio_cold"]
    1.0
    """
    stock, ours = (statistics.median(taken[name]) for name in ("stock", "ours"))
    return {
        "ratio_cold": round(ours / stock, 3),
        "seconds_stock": round(stock, 2),
        "seconds_ours_cold": round(ours, 2),
        "rounds": len(taken["ours"]),
    }


def _seconds(course: Path) -> float:
    command = [sys.executable, "-m", "nbgrader", "autograde", LAB, "--student", LEARNER, "--force"]
    began = time.monotonic()
    subprocess.run(command, cwd=course, env=courses.environment(), check=True, capture_output=True)
    return time.monotonic() - began
