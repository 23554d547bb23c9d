"""What continuous integration relies on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
A_SKIP = """
import pytest

def test_needs_what_is_not_there():
    pytest.skip("no such thing")

@pytest.mark.xfail(reason="known", strict=True)
def test_known_to_fail():
    assert False
"""


@pytest.mark.parametrize(("where", "ending"), [("", "1 skipped, 1 xfailed"), ("true", "1 failed, 1 xfailed")])
def test_a_skip_is_a_failure_in_ci_alone(tmp_path: Path, where: str, ending: str) -> None:
    """A test that skips for want of an engine would otherwise be green and prove nothing."""
    (tmp_path / "test_it.py").write_text(A_SKIP)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    env = {**os.environ, "CI": where, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "-c", os.devnull, str(tmp_path)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1].startswith(ending), done.stdout + done.stderr


def test_the_script_for_ci_calls_the_readmes_test_command() -> None:
    """Whoever types the README's second command runs what CI runs."""
    command = "./isomo test"
    assert (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1] == command
    readme = (ROOT / "README.md").read_text("utf-8")
    block = readme.split("```")[1].strip().splitlines()
    assert [line.split("#")[0].strip() for line in block] == ["./isomo up", command]
