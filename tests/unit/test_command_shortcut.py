"""The shortcut of `nbgrader autograde` acts for that command alone, and only where a course names the engine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from graders.nbgrader import autograde_script, command_shortcut
from graders.nbgrader.command_shortcut import FirstImport, autograde_words, names_engine, watch_imports

LINE = "from graders.nbgrader import drop_in; drop_in.install(c)\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home and a course without any configuration."""
    for name in ("home", "course"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("JUPYTER_CONFIG_DIR", raising=False)
    monkeypatch.chdir(tmp_path / "course")
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    return tmp_path / "home"


@pytest.mark.parametrize(
    "command",
    [
        ["python"],
        ["python", "-c", "autograde"],
        ["python", "-m", "pytest", "autograde"],
        ["python", "/env/bin/nbgrader", "generate_feedback", "autograde"],
        ["python", "autograde", "nbgrader"],
        ["python", "-X", "dev", "/env/bin/nbgrader", "autograde"],
    ],
)
def test_no_other_command_is_watched(command, monkeypatch):
    assert autograde_words(command) is None
    before = list(sys.meta_path)
    monkeypatch.setattr(sys, "orig_argv", command)
    watch_imports()
    assert sys.meta_path == before


def test_the_command_is_watched_until_nbgrader_is_imported(home, monkeypatch):
    monkeypatch.setattr(sys, "orig_argv", ["python", "/env/bin/nbgrader", "autograde", "ps1"])
    asked = []
    monkeypatch.setattr(
        autograde_script, "run_warm", lambda words, *, installs: asked.append((words, installs))
    )
    (home.parent / "course/nbgrader_config.py").write_text(LINE)
    watch_imports()
    finder = sys.meta_path[0]
    assert isinstance(finder, FirstImport)
    assert finder.find_spec("re") is None
    assert asked == []
    assert finder.find_spec("nbgrader") is None
    assert asked == [(["ps1"], False)]
    assert finder not in sys.meta_path


def test_a_course_names_the_engine_in_its_own_or_in_the_users_configuration(home):
    assert not names_engine()
    (home / ".jupyter").mkdir()
    (home / ".jupyter/nbgrader_config.py").write_text(LINE)
    assert names_engine()


def test_a_configuration_without_the_line_names_no_engine(home):
    (home.parent / "course/nbgrader_config.py").write_text("c = get_config()\n")
    assert not names_engine()


def test_the_line_for_the_start_of_python_is_one_line_that_names_the_module():
    (line,) = Path(command_shortcut.__file__).with_name("isomo-warm-autograde.pth").read_text().splitlines()
    assert line.startswith("import ")
    assert command_shortcut.__name__ in line
