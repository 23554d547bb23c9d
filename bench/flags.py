"""`bench flags`: honest submissions that are flagged or marked down, and hostile ones that gain marks unflagged.

Stock nbgrader executes the honest ones only: `bench attack` runs the hostile ones with both.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import attack, bench_courses, hostile_notebooks
from bench.bench_command import print_progress, usable_cores
from graders.contract.work_contract import EngineError, Work
from graders.engine.fork_engine import ForkEngine
from tests.compat.honest.honest_corpus import Honest, submissions

Marks = dict[str, float | None]


@dataclass(frozen=True)
class Verdicts:
    """Result of our engine for one submission: marks of each task, and flags of those that earned some."""

    marks: Marks
    flags: tuple[str, ...]
    problem: str = ""


def measure(argv: list[str]) -> dict[str, Any]:
    """Grade every honest submission with both engines and every hostile one with ours."""
    parser = argparse.ArgumentParser(prog="isomo bench flags", description=__doc__)
    parser.add_argument("--only", nargs="+", help="names of submissions, or how they begin")
    parser.add_argument("--no-stock", action="store_true", help="compare with the recorded marks instead")
    parser.add_argument("--no-hostile", action="store_true", help="leave out the hostile submissions")
    parser.add_argument("--list", type=Path, help="write marks and flags of each submission to this file")
    args = parser.parse_args(argv)
    honest = submissions(args.only)
    attacks = [] if args.no_hostile else hostile_notebooks.load_attacks(args.only)
    with ForkEngine() as engine:
        found = dict(grade_all(engine, honest))
        succeeded = list(successful_attacks(engine, attacks))
    wanted = {one.name: one.earns for one in honest} if args.no_stock else grade_with_stock(honest)
    flagged = [name for name, one in found.items() if one.flags]
    lost = [one.name for one in honest if found[one.name].marks != wanted.get(one.name)]
    unflagged = [one.name for one in succeeded if one.way == "mark"]
    if args.list:
        args.list.write_text("".join(f"{line}\n" for line in verdict_lines(found, wanted)), "utf-8")
    return {
        "honest": len(honest),
        "flagged": len(flagged),
        "lost": len(lost),
        "hostile": len(attacks),
        "unflagged": len(unflagged),
        "misrecorded": [one.name for one in honest if wanted.get(one.name) != one.earns],
        "which_flagged": flagged,
        "which_lost": lost,
        "which_unflagged": unflagged,
        "which_succeeded_otherwise": [one.name for one in succeeded if one.way != "mark"],
    }


def grade_all(engine: ForkEngine, honest: list[Honest]) -> Iterator[tuple[str, Verdicts]]:
    """Grade honest submissions with our engine, one after the other."""
    for number, one in enumerate(honest, 1):
        verdicts = grade_honest(engine, one)
        right = verdicts.marks == one.earns
        told = "; ".join(map(str, verdicts.flags)) or "no flags"
        print_progress(
            f"ours {number}/{len(honest)} {one.name}: {'' if right else f'{verdicts.marks} '}{told}"
        )
        yield one.name, verdicts


def grade_honest(engine: ForkEngine, one: Honest) -> Verdicts:
    """Grade one honest submission with our engine."""
    work = Work("course", one.subject, "amina.k", one.source, one.notebook, files=one.files)
    try:
        graded = engine.grade(work)
    except EngineError as error:
        return Verdicts({}, (), str(error))
    flags = [flag for task in graded.tasks if task.score for flag in task.flags]
    marks = {task.grade_id: task.score for task in graded.tasks}
    return Verdicts(marks, tuple(dict.fromkeys(flags)), str(graded.problem or ""))


def successful_attacks(
    engine: ForkEngine, attacks: list[hostile_notebooks.Attack]
) -> Iterator[hostile_notebooks.Attack]:
    """Yield the hostile submissions that reach what they try."""
    for number, one in enumerate(attacks, 1):
        how = hostile_notebooks.attack_success(one, attack.run_ours(engine, one))
        print_progress(f"hostile {number}/{len(attacks)} {one.name}: {how or 'failed'}")
        if how:
            yield one


def grade_with_stock(honest: list[Honest]) -> dict[str, Marks]:
    """Grade honest submissions with stock nbgrader, one process for each core."""
    shares = [honest[start :: usable_cores()] for start in range(usable_cores())]
    with ThreadPoolExecutor(len(shares)) as pool:
        return {name: marks for found in pool.map(_stock_share, shares) for name, marks in found.items()}


def _stock_share(honest: list[Honest]) -> dict[str, Marks]:
    command = [sys.executable, "-m", "bench.flags_stock", *(one.name for one in honest)]
    if not honest:
        return {}
    with tempfile.TemporaryDirectory(prefix="isomo-stock-") as scratch:
        done = subprocess.run(
            command,
            env=bench_courses.nbgrader_environment() | {"IPYTHONDIR": scratch, "TMPDIR": scratch},
            cwd=bench_courses.ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def verdict_lines(found: dict[str, Verdicts], wanted: dict[str, Marks]) -> Iterator[str]:
    """Yield one line for each submission: name, our marks, stock's, flags."""
    yield "name\tours\tstock\tflags"
    for name, one in found.items():
        yield f"{name}\t{_told(one.marks)}\t{_told(wanted.get(name))}\t{'; '.join(map(str, one.flags)) or one.problem}"


def _told(marks: Marks | None) -> str:
    if marks is None:
        return "-"
    return " ".join(
        f"{task}=-" if mark is None else f"{task}={mark:g}" for task, mark in sorted(marks.items())
    )


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1:])))
