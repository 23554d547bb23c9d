"""The list of verbs, and the one boundary where errors become words."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from hub import command_line
from hub.verb_errors import IsomoError
from tests import run as test_run

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("verb", command_line.VERBS)
def test_every_verb_leads_to_a_function_of_its_words(verb: str) -> None:
    """The module is there and defines the named function, with one argument."""
    module, _, name = command_line.VERBS[verb][0].partition(":")
    spec = importlib.util.find_spec(module)
    assert spec is not None, f"{module} is missing"
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name in functions
    assert len(functions[name].args.args) == 1


def test_an_error_ends_a_verb_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What happened, then what to do next; no traceback, exit code 1."""

    def stop(argv: list[str]) -> int:
        raise IsomoError("Port 8000 is taken.", "Choose another address in isomo.toml.")

    monkeypatch.setattr(command_line, "load_verb", lambda verb: stop)
    assert command_line.main(["up"]) == 1
    assert capsys.readouterr().err == "Port 8000 is taken.\nChoose another address in isomo.toml.\n"


@pytest.mark.parametrize("where", ["", "true"])
def test_an_unforeseen_error_is_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, where: str
) -> None:
    """The administrator gets a sentence and a file to send; in CI the traceback is in the log."""

    def stop(argv: list[str]) -> int:
        raise FileNotFoundError(2, "No such file or directory", "dockerd")

    monkeypatch.setattr(command_line, "load_verb", lambda verb: stop)
    monkeypatch.setattr(command_line, "DETAILS", tmp_path / "details.txt")
    monkeypatch.setenv("CI", where)
    assert command_line.main(["up"]) == 70
    said = capsys.readouterr().err
    assert "This is Isomo's own mistake, not yours: FileNotFoundError" in said
    assert ("Traceback" in said) == bool(where)
    assert "Traceback" in (tmp_path / "details.txt").read_text()


def test_a_mistyped_verb_is_answered_with_a_guess(capsys: pytest.CaptureFixture[str]) -> None:
    """`./isomo stauts` names `status`."""
    assert command_line.main(["stauts"]) == 2
    assert "There is no verb stauts. Did you mean status?" in capsys.readouterr().err


def test_stopping_a_verb_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control-C ends with a sentence and the shell's usual code."""

    def stop(argv: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "load_verb", lambda verb: stop)
    assert command_line.main(["up"]) == 130
    assert "Run the same command again to go on." in capsys.readouterr().err


def test_the_version_is_the_projects(capsys: pytest.CaptureFixture[str]) -> None:
    """`./isomo --version` reads pyproject.toml."""
    assert command_line.main(["--version"]) == 0
    assert re.fullmatch(r"Isomo \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_the_quick_tests_are_rules_then_unit_and_property() -> None:
    """`./isomo test unit` checks the text first, and runs nothing that needs an engine."""
    *rules, [tests] = test_run.plan(["unit"])
    assert [rule[2] for [rule] in rules] == ["ruff", "ruff", "mypy"]
    assert {"tests/unit", "tests/property"} <= set(tests)
    assert "tests" not in tests


def test_slow_files_are_left_out_of_the_quick_tests_and_are_in_the_whole_run() -> None:
    """`./isomo test unit` is for each change; what it leaves out runs in `./isomo test`, and no file that is gone."""
    (quick,) = test_run.plan(["unit"])[-1]
    for path in test_run.SLOW_UNIT:
        assert (ROOT / path).is_file(), path
        assert f"--ignore={path}" in quick
        assert not any(f"--ignore={path}" in lane for lane in test_run.plan([])[-1])


def test_files_of_quick_tests_lie_in_memory_if_there_is_room_and_are_gone_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(test_run, "MEMORY", tmp_path)
    monkeypatch.setattr(test_run, "ROOM", 0)
    with test_run.quick_environment() as environment:
        folder = Path(environment["TMPDIR"])
        (folder / "left").write_text("x", "utf-8")
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_files_of_quick_tests_lie_on_disk_if_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container has 64 MB there unless it is told otherwise."""
    monkeypatch.setattr(test_run, "ROOM", 1 << 62)
    with test_run.quick_environment() as environment:
        assert environment == dict(os.environ)


def test_the_whole_run_leaves_out_the_long_matrix_only() -> None:
    """`./isomo test` is everything but what is marked full; `./isomo test full` has no exception."""
    for lane in test_run.plan([])[-1]:
        assert lane[lane.index("-m", 2) + 1] == "not full"
    assert all("not full" not in lane for lane in test_run.plan(["full"])[-1])


def test_each_test_is_in_exactly_one_lane() -> None:
    """What the lane of the containers runs is there, and the other lane runs all but that."""
    containers, others = test_run.lanes()
    assert all((ROOT / path).exists() for path in test_run.FIRST_LANE)
    assert set(test_run.FIRST_LANE) <= set(containers)
    assert [word for word in others if word.startswith("--ignore=")] == [
        f"--ignore={path}" for path in test_run.FIRST_LANE
    ]
    assert others[-1] == "tests"


def test_lanes_close_with_the_counts_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line says its lane, what failed is named again, and the exit codes are kept."""
    first = (
        "print('== 1 failed, 2 passed, 1 warning in 3.00s =='); print('FAILED a.py::b'); raise SystemExit(1)"
    )
    second = "print('==== 40 passed, 7 deselected in 61.20s (0:01:01) ====')"
    codes = test_run.run_lanes([[sys.executable, "-c", first], [sys.executable, "-c", second]])
    said = capsys.readouterr().out
    assert codes == [1, 0]
    assert "[2] ==== 40 passed, 7 deselected in 61.20s (0:01:01) ====\n" in said
    assert said.endswith("\nFAILED a.py::b\n=== 7 deselected, 1 failed, 42 passed, 1 warning ===\n")


def test_a_path_goes_to_pytest_as_it_is() -> None:
    """`./isomo test tests/unit/test_store.py -k receipt` runs just that."""
    words = ["tests/unit/test_store.py", "-k", "receipt"]
    assert [step[0][3:] for step in test_run.plan(words)] == [words]


def test_what_a_background_job_starts_can_still_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell has its background jobs ignore Ctrl+C, which children inherit."""
    seen = []
    monkeypatch.setattr(
        command_line, "carry_out", lambda *_: seen.append(signal.getsignal(signal.SIGINT)) or 0
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert command_line.main(["status"]) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.default_int_handler]
