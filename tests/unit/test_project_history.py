"""A project's git history, made and read without the program git, and what git makes of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from labs.prototype_kit.project_history import code_commit, commit_files


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file of code, a file of data that git leaves out, and no program in reach."""
    (tmp_path / ".gitignore").write_text("data/\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "data.csv").write_text("name\nUwera\n")
    (tmp_path / "model_code.py").write_text("STRENGTH = 1\n")
    monkeypatch.setenv("PATH", "")
    return tmp_path


def git(folder: Path, *words: str) -> str:
    """Return what git says of the folder."""
    done = subprocess.run(["/usr/bin/git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_folder_without_a_history_has_no_commit(project):
    assert code_commit(project) == ""


def test_the_commit_of_the_code_is_known_and_marked_once_a_file_was_changed(project):
    commit = commit_files(project, "Begin")
    assert code_commit(project) == commit[:12]
    (project / "scratch.py").write_text("# never added\n")
    assert code_commit(project) == commit[:12]
    (project / "model_code.py").write_text("STRENGTH = 0.5\n")
    assert code_commit(project) == commit[:12] + "+"
    assert commit_files(project, "Weaker") != commit
    assert not code_commit(project).endswith("+")


def test_a_file_that_was_deleted_marks_the_commit_as_changed(project):
    commit = commit_files(project, "Begin")
    (project / "model_code.py").unlink()
    assert code_commit(project) == commit[:12] + "+"


def test_git_reads_the_history_and_finds_no_data_in_it(project):
    commit = commit_files(project, "Begin from the template triage")
    assert git(project, "rev-parse", "HEAD") == commit
    assert git(project, "log", "--format=%s") == "Begin from the template triage"
    assert git(project, "ls-files") == ".gitignore\nmodel_code.py"
    assert git(project, "status", "--porcelain") == ""
    git(project, "fsck", "--strict")
