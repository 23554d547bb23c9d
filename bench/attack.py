"""`bench attack`: hostile notebooks against our engine and against stock nbgrader, side by side."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import bench_courses, hostile_notebooks
from bench.attack_scene import Scene
from bench.bench_command import print_progress
from bench.hostile_notebooks import Attack, Seen
from graders.contract.work_contract import Graded, Limits, Work
from graders.engine.fork_engine import ForkEngine

LIMITS = Limits(wall=25.0, cpu=20.0, task_wall=3.0, memory=256 << 20, output=1 << 18)
STOCK_SECONDS = 90.0


def measure(argv: list[str]) -> dict[str, Any]:
    """Run every attack on both engines; an attack that needs the other engine's absence says so in its folder."""
    parser = argparse.ArgumentParser(prog="isomo bench attack", description=__doc__)
    parser.add_argument("--only", nargs="*", help="names of attacks, or how they begin")
    parser.add_argument("--no-stock", action="store_true", help="our engine only")
    parser.add_argument("--list", type=Path, help="write what became of each attack to this file, as JSON")
    args = parser.parse_args(argv)
    chosen = hostile_notebooks.load_attacks(args.only)
    mine: dict[str, str] = {}
    with ForkEngine() as engine:
        for number, attack in enumerate(chosen, 1):
            mine[attack.name] = hostile_notebooks.attack_success(attack, run_ours(engine, attack))
            print_progress(f"ours  {number}/{len(chosen)} {attack.name}: {mine[attack.name] or 'failed'}")
    theirs = {} if args.no_stock else run_stock(chosen)
    bared = {} if args.no_stock else run_stock([one for one in chosen if one.control], control=True)
    rows = [
        {"name": one.name, "kind": one.kind, "tries": one.tries, "ours": mine[one.name] or None,
         "stock": theirs.get(one.name) or None, "stock_not_run": one.stock or None,
         "control": one.control or None, "control_run": bared.get(one.name) or None,
         "unproven": one.unproven or None}
        for one in chosen
    ]  # fmt: skip
    if args.list:
        args.list.write_text(json.dumps(rows, indent=1))
    return {
        "tried": len(chosen),
        "succeeded": sum(bool(one["ours"]) for one in rows),
        "stock_tried": len(theirs),
        "stock_succeeded": sum(bool(one["stock"]) for one in rows),
        "control_tried": len(bared),
        "control_succeeded": sum(bool(one["control_run"]) for one in rows),
        **unproven_attacks(rows, tried=not args.no_stock),
        "which": [one["name"] for one in rows if one["ours"]],
    }


def unproven_attacks(rows: list[dict[str, Any]], *, tried: bool) -> dict[str, Any]:
    """Attacks that nobody has seen succeed: those whose folder says what stops them, those that cannot be run on stock,
    and, if stock was run, those that should have succeeded there and did not.
    """
    shown = [one for one in rows if one["stock"] or one["control_run"]]
    silent = [one for one in rows if one not in shown and not (one["unproven"] or one["stock_not_run"])]
    return {
        "unproven": sum(bool(one["unproven"]) for one in rows if one not in shown),
        "stock_not_run": sum(bool(one["stock_not_run"]) for one in rows),
        "unexplained": [one["name"] for one in silent] if tried else None,
    }


def work_of(attack: Attack) -> Work:
    """Return the work that our engine is given to grade."""
    limits = dataclasses.replace(LIMITS, **attack.limits)
    own = frozenset(attack.files)
    return Work(
        "course", "lab", "mallory", attack.source, attack.notebook, attack.answers, attack.files, limits, own
    )


def run_ours(engine: ForkEngine, attack: Attack) -> Seen:
    """Grade one attack with our engine, and look around afterwards."""
    work = work_of(attack)
    with Scene(listens=attack.way == "connected") as scene:
        template = engine.template()
        bystander = _Bystander(engine) if attack.way == "victim" else None
        began = time.monotonic()
        try:
            seen = hostile_notebooks.seen_of(engine.grade(work))
        except Exception as error:
            seen = Seen(
                {}, {}, problem=f"{type(error).__name__}: {error}", page=f"{type(error).__name__}: {error}"
            )
        seen.seconds = time.monotonic() - began
        if bystander:
            seen.victim = bystander.scores()
        if attack.way in ("connected", "trace"):
            seen.connected, seen.traces = scene.connected, scene.traces()
        if engine.template() is not template:
            seen.traces = (*seen.traces, "the template had to be started again")
            seen.victim = {}
        scene.clean()
    return seen


class _Bystander:
    """An honest notebook that is graded while the attack runs: one at once, and one a second later."""

    def __init__(self, engine: ForkEngine) -> None:
        self._engine = engine
        self._graded: list[Graded] = []
        self._threads = [threading.Thread(target=self._grade, args=(wait,)) for wait in (0.0, 1.0)]
        for one in self._threads:
            one.start()

    def _grade(self, wait: float) -> None:
        time.sleep(wait)
        book = hostile_notebooks.honest_notebook()
        for cell in book["cells"]:
            if cell["metadata"]["nbgrader"]["grade_id"] == "double":
                cell["source"] = "import time\ntime.sleep(1)\n" + cell["source"]
        data = json.dumps(book).encode()
        self._graded.append(
            self._engine.grade(Work("course", "lab", "zoe", hostile_notebooks.attacked_source(), data))
        )

    def scores(self) -> dict[str, float | None]:
        """Return the lowest of what the two earned for each task."""
        for one in self._threads:
            one.join()
        if len(self._graded) < len(self._threads):
            return {}
        lowest: dict[str, float | None] = {}
        for graded in self._graded:
            for task in graded.tasks:
                lowest[task.grade_id] = min(task.score or 0, lowest.get(task.grade_id) or task.max_score)
        return lowest


def run_stock(chosen: list[Attack], *, control: bool = False) -> dict[str, str]:
    """Run the attacks that may be run against stock nbgrader, each in a separate throwaway bubblewrap.

    With `control`, without the protection that each of them names.
    """
    found: dict[str, str] = {}
    runnable = [one for one in chosen if not one.stock]
    with tempfile.TemporaryDirectory(prefix="isomo-stock-") as scratch:
        Path(scratch).chmod(0o755)
        made = {
            attack.source: make_course(Path(scratch) / f"{len(attack.source)}", attack.source)
            for attack in chosen
        }

        def one(attack: Attack) -> None:
            seen = stock_one(made[attack.source], attack, attack.control if control else "")
            found[attack.name] = hostile_notebooks.attack_success(attack, seen)
            run, said = "control" if control else "stock", found[attack.name] or "failed"
            print_progress(f"{run} {len(found)}/{len(runnable)} {attack.name}: {said}")

        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            list(pool.map(one, runnable))
    return found


def make_course(folder: Path, source: bytes) -> Path:
    """Return a plain nbgrader course with the attacked lab, released."""
    if folder.exists():
        return folder
    (folder / "source" / "lab").mkdir(parents=True)
    (folder / "source" / "lab" / "lab.ipynb").write_bytes(source)
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'course'\nc.ExecutePreprocessor.timeout = 4\n"
    )
    bench_courses.run_nbgrader(["generate_assignment", "lab"], folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def stock_one(course: Path, attack: Attack, control: str = "") -> Seen:
    """Run one attack against stock nbgrader, without one of its protections if a control is named."""
    command = [
        *bubblewrap_command(course),
        sys.executable,
        "-m",
        "bench.attack_stock",
        str(course),
        attack.name,
    ]
    command += [control] if control else []
    try:
        done = subprocess.run(
            command,
            env=bench_courses.nbgrader_environment(),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=STOCK_SECONDS,
            check=False,
        )
        last = done.stdout.strip().splitlines()[-1]
        return Seen(**json.loads(last))
    except subprocess.TimeoutExpired:
        return Seen({}, {}, problem="never ended", seconds=STOCK_SECONDS, victim={})
    except (IndexError, ValueError, TypeError):
        return Seen({}, {}, problem=f"the whole run was ended: {done.stderr[-300:]}", victim={})


def bubblewrap_command(course: Path) -> list[str]:
    """A bubblewrap that hides homes and every process, has no network but its own, and cannot write outside /tmp."""
    command = [
        "bwrap",
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-net",
        "--die-with-parent",
    ]
    command += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    hidden = ("/root", "/home", "/tmp", "/var/tmp", "/dev/shm")
    for folder in hidden:
        command += ["--perms", "1777", "--tmpfs", folder]
    for path in (sys.base_prefix, sys.prefix, bench_courses.ROOT, course):
        real = str(Path(path).resolve())
        if real.startswith(tuple(f"{folder}/" for folder in hidden)):
            above = [
                str(one)
                for one in reversed(Path(real).parents)
                if str(one).startswith(tuple(f"{f}/" for f in hidden))
            ]
            for one in above:
                command += ["--perms", "0755", "--dir", one]
            command += ["--ro-bind", real, real]
    if os.geteuid() == 0:
        # As root no limit on processes would hold.
        command += ["setpriv", "--reuid", "64998", "--regid", "64998", "--clear-groups", "--no-new-privs"]
    return command


def seen_line(seen: Seen) -> str:
    """Return one line for the other side of the bubble."""
    return json.dumps(dataclasses.asdict(seen))
