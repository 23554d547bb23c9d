"""nbgrader's programs are found next to its Python, and a missing one is named in a sentence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from nbgrader.converters.base import NbGraderException

from bench import bench_courses
from graders.nbgrader import own_programs


@pytest.fixture
def environment_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Python whose folder is not on the PATH."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return tmp_path


def test_a_program_next_to_python_is_found_though_the_path_does_not_name_its_folder(
    environment_elsewhere: Path,
) -> None:
    program = environment_elsewhere / own_programs.ALEMBIC
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    own_programs.check_own_programs()
    assert os.environ["PATH"].split(os.pathsep) == ["/nowhere", str(environment_elsewhere)]


@pytest.mark.parametrize(
    ("language", "words"),
    [("C.UTF-8", "it is not on the PATH"), ("fr_RW.UTF-8", "il n’est pas dans le PATH")],
)
def test_a_program_that_is_nowhere_is_named_with_what_to_do(
    environment_elsewhere: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    with pytest.raises(NbGraderException, match=words) as said:
        own_programs.check_own_programs()
    assert str(said.value).endswith(f"{environment_elsewhere}/python -m pip install alembic")


def test_a_benchmark_says_why_a_command_of_nbgraders_failed(
    tmp_path: Path,
) -> None:
    with pytest.raises(SystemExit, match="`nbgrader generate_assignment nothing` failed in") as said:
        bench_courses.run_nbgrader(["generate_assignment", "nothing"], tmp_path)
    assert "nothing" in str(said.value).partition("It said:")[2]
