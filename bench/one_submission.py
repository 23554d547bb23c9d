"""Times one submission, `nbgrader autograde LAB --student NAME`: stock and the drop-in in turn.

Stock starts each time; the drop-in starts cold (no warm engine is there), and then finds one that a run before it left
behind: `nbgrader autograde` runs inside it by the wheel's shortcut, or borrows its template if the shortcut is not
installed; `isomo-autograde` runs inside it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import bench_courses
from bench.bench_command import print_progress

LAB, LEARNER = "triage", "learner00000"
WORDS = (LAB, "--student", LEARNER, "--force")
NBGRADER = ("nbgrader", "autograde", *WORDS)
SCRIPT = ("graders.nbgrader.autograde_script", *WORDS)
NO_WARM = "--ForkAutograde.keep_warm=False"
RUNS = {
    "stock": ("stock", NBGRADER, "alone"),
    "cold": ("ours", (*NBGRADER, NO_WARM), "alone"),
    "warm": ("ours", NBGRADER, "shortcut"),
    "warm_borrowed": ("ours", NBGRADER, "warm"),
    "warm_script": ("ours", SCRIPT, "warm"),
}
"""For each run its course, its words, and its environment: no warm engine, one, or one and the wheel's shortcut."""


def measure(argv: list[str]) -> dict[str, Any]:
    """Return the medians of all runs and their ratios; the scores have to be the same after every round."""
    parser = argparse.ArgumentParser(prog="isomo bench one", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each side grades it (5)")
    rounds = parser.parse_args(argv).rounds
    taken: dict[str, list[float]] = {name: [] for name in RUNS}
    with tempfile.TemporaryDirectory() as folder:
        made = bench_courses.make_reference(Path(folder) / "made", 1)
        places = {
            name: bench_courses.copy_course(made, Path(folder) / name, drop_in=name == "ours", keep_warm=True)
            for name in ("stock", "ours")
        }
        plain = {
            **bench_courses.nbgrader_environment(),
            "XDG_RUNTIME_DIR": str(_private(Path(folder) / "none")),
        }
        short = bench_courses.with_shortcut(plain, Path(folder) / "start")
        with (
            _warm_engine(plain, Path(folder) / "w") as warm,
            _warm_engine(short, Path(folder) / "s") as shortcut,
        ):
            environments = {"alone": short, "warm": warm, "shortcut": shortcut}
            for number in range(rounds):
                for name, (side, words, with_what) in RUNS.items():
                    taken[name].append(_seconds(places[side], words, environments[with_what]))
                    print_progress(f"round {number + 1} of {rounds}, {name}: {taken[name][-1]:.2f} s")
                    _compare(places, name)
    return submission_report(taken)


def submission_report(taken: dict[str, list[float]]) -> dict[str, Any]:
    """Return the figures of a run.

    >>> times = {"stock": [4.0, 2.0, 3.0], "cold": [3.0, 1.5, 9.0], "warm": [1.5]}
    >>> times |= {"warm_borrowed": [2.0], "warm_script": [0.3]}
    >>> figures = report(times)
    >>> figures["ratio_cold"], figures["ratio_warm"], figures["ratio_warm_script"]
    (1.0, 0.5, 0.1)
    """
    medians = {name: statistics.median(times) for name, times in taken.items()}
    ours = [name for name in RUNS if name != "stock"]
    return {
        **{f"ratio_{name}": round(medians[name] / medians["stock"], 3) for name in ours},
        "seconds_stock": round(medians["stock"], 2),
        **{f"seconds_ours_{name}": round(medians[name], 2) for name in ours},
        "rounds": len(taken["stock"]),
    }


@contextmanager
def _warm_engine(environment: dict[str, str], folder: Path) -> Iterator[dict[str, str]]:
    """Keep a warm engine of this bench alone; the environment that finds it."""
    environment = {**environment, "XDG_RUNTIME_DIR": str(_private(folder))}
    environment.pop("CI", None)
    program = (
        "import os; from graders.nbgrader import warm_engine, warm_socket; "
        "print(warm_socket.socket_address(os.environ)); warm_engine.leave_behind(os.environ)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    deadline = time.monotonic() + 120
    while not Path(done.stdout.strip()).exists():
        if time.monotonic() > deadline:
            raise SystemExit("The warm engine did not start; type isomo-sandbox-check.")
        time.sleep(0.1)
    try:
        yield environment
    finally:
        end = "import os; from graders.nbgrader import warm_engine; warm_engine.end_engine(os.environ)"
        subprocess.run([sys.executable, "-c", end], env=environment, check=True)


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


def _compare(places: dict[str, Path], name: str) -> None:
    if name != "stock" and bench_courses.gradebook_scores(places["stock"]) != bench_courses.gradebook_scores(
        places["ours"]
    ):
        raise SystemExit(f"The scores differ ({name}), so these times compare different work.")


def _seconds(course: Path, words: tuple[str, ...], environment: dict[str, str]) -> float:
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", *words], cwd=course, env=environment, check=True, capture_output=True
    )
    return time.monotonic() - began
