"""`./isomo lab release`: from an author's folder into the library, and into a course."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.authoring import lab_command, lab_release
from tests.support.served_campus import served
from tests.support.small_lab import write
from tests.support.small_stores import COURSE, LEARNERS, TRAINER


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ISOMO_CAMPUS_URL", raising=False)
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    settings = tmp_path / "isomo.toml"
    settings.write_text('state = "state"\n')
    monkeypatch.setenv("ISOMO_SETTINGS", str(settings))
    return write(tmp_path / "labs")


def test_a_lab_goes_into_the_library_of_this_installation(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lab_command.command(["release", str(folder)]) == 0
    (built,) = (tmp_path / "state" / "labs" / "count-letters").iterdir()
    assert capsys.readouterr().out == (
        f"count-letters (version {built.name}) is in the library. Trainers release it from their course's page.\n"
    )


def test_without_a_token_it_says_how_to_release(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab_command.command(["release", str(folder), "--course", COURSE]) == 1
    assert "needs a trainer's own token" in capsys.readouterr().err


@pytest.mark.parametrize(("who", "code"), [(TRAINER, 0), (LEARNERS[0], 1)])
def test_a_trainers_token_releases_it_and_a_learners_does_not(
    who: str,
    code: int,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with served(tmp_path / "campus") as (campus, url):
        monkeypatch.setattr(lab_release, "library_folder", lambda: campus.settings.state / "labs")
        monkeypatch.setenv("ISOMO_CAMPUS_URL", url)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", campus.hub.token(who))
        assert lab_command.command(["release", str(folder), "--course", COURSE]) == code
        is_there = campus.store.courses.lab(COURSE, "count-letters") is not None
    assert is_there is (code == 0)
    assert ("its learners see it now" in capsys.readouterr().out) is (code == 0)
