"""Inside the bubble: one attack against stock `nbgrader autograde`, as one line of JSON.

python -m bench.attack_stock COURSE ATTACK [CONTROL]

A control is a run with one of stock's own protections taken away: if an attack succeeds then, it is that protection
which stops it, and the attack is real.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import bench_courses, hostile_notebooks
from bench.attack import seen_line
from bench.attack_scene import Scene
from bench.hostile_notebooks import Attack, Seen

LIMITS = (
    (resource.RLIMIT_NPROC, 300),
    (resource.RLIMIT_AS, 6 << 30),
    (resource.RLIMIT_FSIZE, 256 << 20),
    (resource.RLIMIT_CPU, 60),
    (resource.RLIMIT_CORE, 0),
)
SECONDS = 60.0
CONTROLS = {
    # Without putting back what the lab released, and without dropping copies.
    "unrestored": "c.Autograde.sanitize_preprocessors = "
    "['nbgrader.preprocessors.ClearOutput', 'nbgrader.preprocessors.OverwriteKernelspec']",
}


def main() -> None:
    course, name = Path(sys.argv[1]), sys.argv[2]
    attack = next(one for one in hostile_notebooks.load_attacks([name]) if one.name == name)
    for kind, value in LIMITS:
        resource.setrlimit(kind, (value, value))
    home = Path(tempfile.mkdtemp())
    os.environ |= {"HOME": str(home), "IPYTHONDIR": str(home / ".ipython")}
    mine = Path(shutil.copytree(course, home / "course"))
    write_attack_config(mine, attack, sys.argv[3:])
    submit_notebook(mine, attack, "mallory", attack.notebook)
    if attack.way == "victim":
        submit_notebook(mine, attack, "zoe", json.dumps(hostile_notebooks.honest_notebook()).encode())
    with Scene() as scene:
        began = time.monotonic()
        log = grade_with_stock(mine)
        seen = read_outcome(mine, "mallory")
        seen.seconds = time.monotonic() - began
        seen.problem = log[-300:]
        if attack.way == "victim":
            seen.victim = read_outcome(mine, "zoe").scores
        time.sleep(0.5)
        seen.connected, seen.traces = scene.connected, scene.traces()
    print(seen_line(seen))


def write_attack_config(course: Path, attack: Attack, controls: list[str]) -> None:
    """Give a cell the time that our engine gives it for this attack, and take away what a control does without."""
    lines = [CONTROLS[name] for name in controls]
    if "task_wall" in attack.limits:
        lines.append(f"c.ExecutePreprocessor.timeout = {round(attack.limits['task_wall'])}")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("".join(f"{line}\n" for line in lines))


def submit_notebook(course: Path, attack: Attack, learner: str, data: bytes) -> None:
    """Hand a notebook in."""
    folder = course / "submitted" / learner / "lab"
    folder.mkdir(parents=True)
    (folder / "lab.ipynb").write_bytes(data)
    beside = attack.files | ({} if attack.answers is None else {"answers.json": attack.answers})
    for name, body in beside.items():
        (folder / name).write_bytes(body)


def grade_with_stock(course: Path) -> str:
    """Run stock nbgrader, for a while; what it said."""
    command = [sys.executable, "-m", "nbgrader", "autograde", "lab", "--create"]
    try:
        done = subprocess.run(
            command,
            cwd=course,
            env=bench_courses.nbgrader_environment(),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "never ended"
    return done.stderr


def read_outcome(course: Path, learner: str) -> Seen:
    """Return the scores and the notebook that came of it."""
    scores = {
        cell: found[0]
        for (who, cell), found in bench_courses.gradebook_scores(course).items()
        if who == learner
    }
    path = course / "autograded" / learner / "lab" / "lab.ipynb"
    seen = Seen(scores, {}, page="no notebook came of it")
    with contextlib.suppress(OSError, ValueError):
        data = path.read_bytes()
        seen.page = hostile_notebooks.page_problem(data)
        seen.printed = hostile_notebooks.printed_text(json.loads(data))
    return seen


if __name__ == "__main__":
    main()
