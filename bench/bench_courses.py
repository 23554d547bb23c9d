"""Makes nbgrader courses for benchmarks, and reads the scores back from their gradebooks."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHORTCUT = ROOT / "graders/nbgrader/isomo-warm-autograde.pth"
REFERENCE = ROOT / "bench" / "reference_course.py"
"""The reference course that every engine is timed on, and its submissions."""
SCORES = """
select s.id, b.name, g.auto_score, g.manual_score, g.extra_credit from grade g
join base_cell b on b.id = g.cell_id join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment a on a.id = n.assignment_id join student s on s.id = a.student_id
"""


def nbgrader_environment() -> dict[str, str]:
    """Return an environment in which nbgrader and our packages are found."""
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "USER": os.environ.get("USER", "bench")}


def with_shortcut(environment: dict[str, str], folder: Path) -> dict[str, str]:
    """Return `environment` with the line that the grading wheel has for the start of Python.

    Python reads a `.pth` file in site-packages only; it runs `sitecustomize` right after those.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SHORTCUT, folder / "sitecustomize.py")
    return {**environment, "PYTHONPATH": f"{folder}{os.pathsep}{environment['PYTHONPATH']}"}


def make_reference(folder: Path, count: int) -> Path:
    """Write the reference course with `count` submissions to `folder`."""
    script = [sys.executable, str(REFERENCE), str(folder), str(count)]
    quiet = {"env": nbgrader_environment(), "check": True, "capture_output": True}
    subprocess.run(script, **quiet)  # type: ignore[call-overload]
    run_nbgrader(["generate_assignment", "triage", "--force"], folder)
    subprocess.run([*script, "--submissions"], **quiet)  # type: ignore[call-overload]
    return folder


def run_nbgrader(arguments: list[str], folder: Path) -> None:
    """Run one nbgrader command in a course.

    Raises:
        SystemExit: it failed; its last lines say why.
    """
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=nbgrader_environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
        raise SystemExit(f"`nbgrader {' '.join(arguments)}` failed in {folder}. It said:\n{said}")


def copy_course(course: Path, to: Path, *, drop_in: bool, keep_warm: bool = False) -> Path:
    """Return a copy of a course, ready to be graded by one engine; each run starts cold, unless `keep_warm`."""
    shutil.copytree(course, to)
    config = (to / "nbgrader_config.py").read_text().replace(str(course), str(to))
    if drop_in:
        config += "from graders.nbgrader import drop_in; drop_in.install(c)\n"
        config += f"c.ForkAutograde.keep_warm = {keep_warm}\n"
    (to / "nbgrader_config.py").write_text(config)
    return to


def gradebook_scores(course: Path) -> dict[tuple[str, str], tuple[float | None, ...]]:
    """Return every score in a course's gradebook, by learner and graded cell."""
    with closing(sqlite3.connect(course / "gradebook.db")) as database:
        return {(row[0], row[1]): tuple(row[2:]) for row in database.execute(SCORES)}
