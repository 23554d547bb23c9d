"""nbgrader's own tests, with our engine in the place of its own: whatever passes there passes here."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXCEPTIONS = tomllib.loads((Path(__file__).with_name("exceptions.toml")).read_text("utf-8"))["nbgrader"]
ENGINE = ("autograde", "generate_feedback", "formgrade")
"""Test files that run the engine, or read what it left."""
BESIDE = ("collect", "submit", "zip_collect", "validate")
"""Test files of the steps before and after it."""


def run(folder: Path, *names: str, only: str = "") -> dict[str, str]:
    """How each of nbgrader's tests in these files ended: passed, skipped or failed."""
    report = folder / "report.xml"
    files = [f"nbgrader.tests.apps.{name}" for name in names] or ["nbgrader.tests.apps"]
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    words = ["-p", "tests.support.compat_plugin", "-p", "no:cacheprovider", "-q", "--timeout=900", "-n", "2"]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *words,
            f"--junitxml={report}",
            *(["-k", only] if only else []),
            "--pyargs",
            *files,
        ],
        cwd=folder,
        env=env,
        check=False,
        stdout=(folder / "log").open("w"),
        stderr=subprocess.STDOUT,
    )
    assert report.exists(), (folder / "log").read_text()[-3000:]
    return {_name(case): _ending(case) for case in ET.parse(report).iter("testcase")}


def _name(case: ET.Element) -> str:
    return f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"


def _ending(case: ET.Element) -> str:
    kinds = {child.tag for child in case}
    if kinds & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in kinds else "passed"


def judge(found: dict[str, str], folder: Path, at_least: int) -> None:
    """Print the counts; nothing may fail that is no exception, and no exception may be out of date."""
    counts = {ending: list(found.values()).count(ending) for ending in ("passed", "skipped", "failed")}
    print(f"nbgrader's own tests with our engine: {counts}, {len(EXCEPTIONS)} exceptions")
    failed = {name for name, ending in found.items() if ending == "failed"}
    assert failed - set(EXCEPTIONS) == set(), (folder / "log").read_text()[-6000:]
    assert {name for name in EXCEPTIONS if found.get(name) == "passed"} == set()
    assert counts["passed"] >= at_least


@pytest.mark.timeout(1500)
def test_tests_that_touch_the_engine_pass_with_ours(tmp_path):
    """Autograding, what reads its results, and the steps around it; all the others are in the long matrix."""
    files = ["test_api", *(f"test_nbgrader_{name}" for name in (*ENGINE, *BESIDE))]
    judge(run(tmp_path, *files, only="not test_api or autograde or feedback"), tmp_path, 110)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_all_tests_that_pass_with_nbgraders_engine_pass_with_ours(tmp_path, monkeypatch):
    """Both in one run: what the stock engine skips or fails on this machine is no promise."""
    (tmp_path / "ours").mkdir()
    (tmp_path / "stock").mkdir()
    found = run(tmp_path / "ours")
    monkeypatch.setenv("ISOMO_COMPAT", "stock")
    stock = run(tmp_path / "stock")
    judge(
        {name: found.get(name, "failed") for name, ending in stock.items() if ending == "passed"},
        tmp_path / "ours",
        280,
    )
