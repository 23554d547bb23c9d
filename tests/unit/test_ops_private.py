"""Files of an installation that only their owner may read, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from graders.nbgrader import gradebook_verb
from hub.ops.verbs import doctor
from hub.private_files import close_to_others, readable_by_others
from hub.store import Store
from tests.support.small_stores import COURSE, fill, settings_for


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """The usual umask of a machine, with which new files are readable by everybody."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path) -> int:
    return path.stat().st_mode & 0o777


def test_the_store_and_its_gradebooks_are_made_for_their_owner_alone(tmp_path):
    settings = settings_for(tmp_path)
    store = fill(Store.migrate(settings))
    gradebook_verb.rebuild_gradebook(store, COURSE)
    assert mode(settings.state) == 0o700
    made = [*settings.state.glob("isomo.sqlite*"), *settings.state.glob("gradebooks/*/gradebook.db")]
    assert {path.name for path in made} >= {"isomo.sqlite", "gradebook.db"}
    assert {path.name: mode(path) for path in made} == {path.name: 0o600 for path in made}
    assert readable_by_others(settings.state) == []


def test_what_an_earlier_version_left_open_is_named_by_doctor_and_closed(tmp_path):
    settings = settings_for(tmp_path)
    (settings.state / "logs").mkdir(parents=True)
    left = [
        settings.state / "isomo.sqlite",
        settings.state / "jupyterhub.sqlite",
        settings.state / "logs" / "hub.log",
    ]
    for path in left:
        path.write_text("kept")
        path.chmod(0o644)
    (finding,) = doctor.open_files(settings)
    assert finding.grade == "bad"
    assert all(str(path) in finding.text for path in [settings.state, *left])
    close_to_others(settings.state)
    assert list(doctor.open_files(settings)) == []
    assert [path.read_text() for path in left] == ["kept"] * 3


def test_a_state_folder_that_is_not_there_yet_is_open_to_nobody(tmp_path):
    assert readable_by_others(tmp_path / "state") == []
