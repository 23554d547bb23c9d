"""`./isomo test`: rules first, then the tests; the last lines are pytest's own counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNIT = ("tests/unit", "tests/property")
CHECKED = ("hub", "graders", "labs", "bench", "images", "tests", "jupyterhub_config.py", "isomo")


def python(*words: str) -> list[str]:
    """A command that runs a module of this environment."""
    return [sys.executable, "-m", *words]


def rules() -> list[list[str]]:
    """What must hold of the text of the project, as commands."""
    present = [name for name in CHECKED if (ROOT / name).exists()]
    return [
        python("ruff", "check", "--quiet", *present),
        python("ruff", "format", "--check", "--quiet", *present),
        python("mypy", "--no-error-summary"),
    ]


def plan(argv: list[str]) -> list[list[str]]:
    """The commands for `argv`, in order."""
    if not argv:
        return [*rules(), python("pytest", "-m", "not full", "tests")]
    if argv[0] == "unit":
        return [*rules(), python("pytest", "-q", "-m", "not full", "-n", "2", *UNIT, *argv[1:])]
    if argv[0] == "full":
        return [*rules(), python("pytest", "tests", *argv[1:])]
    return [python("pytest", *argv)]


def command(argv: list[str]) -> int:
    """Verb `test`. All steps run even if an early one fails; the exit code is the first that is not 0."""
    codes = []
    for step in plan(argv):
        done = subprocess.run(step, cwd=ROOT, check=False)
        if done.returncode:
            sys.stderr.write(f"Failed: {' '.join(step[2:6])}\n")
        codes.append(done.returncode)
    return next((code for code in codes if code), 0)
