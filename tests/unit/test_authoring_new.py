"""`./isomo lab new`: an author begins with a lab that works."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from labs.authoring import content_checks, lab_command, lab_preview, lab_spec


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of labs of its own, with what the example needs beside it."""
    for name in ("kit", "datasets"):
        (tmp_path / "labs").mkdir(exist_ok=True)
        (tmp_path / "labs" / name).symlink_to(lab_spec.LABS / name)
    (tmp_path / "labs" / "__init__.py").touch()
    monkeypatch.setattr(lab_spec, "LABS", tmp_path / "labs")
    return tmp_path / "labs"


def test_a_new_lab_is_good_before_anything_was_changed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lab_command.command(["new", "14-my-lab"]) == 0
    assert "./isomo lab preview 14-my-lab" in capsys.readouterr().out
    outcome = content_checks.check_lab(place / "14-my-lab", running=False)
    assert outcome.text().splitlines()[0] == "14-my-lab: good"
    assert "SLUG" not in (place / "14-my-lab" / "lab.py").read_text()


@pytest.mark.parametrize("name", ["my-lab", "14_my_lab", "../14-x", "14-", "4-x", "14-My-Lab"])
def test_a_folder_of_another_form_is_refused_with_an_example(
    place: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lab_command.command(["new", name]) == 1
    assert "for example 14-my-lab" in capsys.readouterr().err
    assert not list(place.glob("*lab"))


def test_a_number_that_is_taken_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab_command.command(["new", "14-my-lab"])
    assert lab_command.command(["new", "14-other"]) == 1
    assert capsys.readouterr().err == "There is a lab 14-my-lab already. Choose another number and name.\n"
    shutil.rmtree(place / "14-my-lab")


def test_a_labs_hidden_data_is_made_by_a_verb(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab_command.command(["new", "14-my-lab"])
    (place / "14-my-lab" / "hidden.json").unlink()
    assert lab_command.command(["hidden", "14-my-lab"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(place / "14-my-lab" / "hidden.json")
    assert (place / "14-my-lab" / "hidden.json").stat().st_size > 1000


def test_what_stops_a_labs_script_is_said(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab_command.command(["new", "14-my-lab"])
    script = place / "14-my-lab" / "hidden.py"
    script.write_text(script.read_text().replace('"service-requests"', '"nothing"'))
    assert lab_command.command(["hidden", "14-my-lab"]) == 1
    assert capsys.readouterr().err == "14-my-lab/hidden.py stopped: KeyError: 'nothing'\n"
    script.unlink()
    assert lab_command.command(["hidden", "14-my-lab"]) == 1
    assert "has no hidden.py" in capsys.readouterr().err


def test_several_labs_are_checked_apart(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What one has loaded, another does not find there."""
    for name in ("14-my-lab", "15-other"):
        lab_command.command(["new", name])
    monkeypatch.setattr(lab_preview, "run_elsewhere", lambda _: None)
    ran: list[list[str]] = []
    monkeypatch.setattr(
        lab_command.subprocess, "run", lambda words, **_: ran.append(words) or SimpleNamespace(returncode=0)
    )
    assert lab_command.command(["check"]) == 0
    assert [words[-2:] for words in ran] == [
        ["check", str(place / name)] for name in ("14-my-lab", "15-other")
    ]
