"""An engine that takes calls and never answers, as a daemon whose disk hangs does."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import docker
import pytest

from hub.hub_process.container_spawner import LabSpawner, SpawnFailedError
from hub.isomo_settings import parse_settings


@pytest.fixture
def hung(tmp_path: Path) -> Iterator[docker.APIClient]:
    """A client of an engine that hangs; it waits a moment where the hub waits a minute."""
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(tmp_path / "s"))
        engine.listen()
        client = docker.APIClient(f"unix://{tmp_path / 's'}", version="1.41", timeout=0.2)
        yield client
        client.close()


@pytest.fixture
def spawner(hung, monkeypatch) -> LabSpawner:
    """The spawner of somebody who reads English."""
    people = SimpleNamespace(get=lambda _name: SimpleNamespace(language="en"))
    store = SimpleNamespace(people=people, courses=SimpleNamespace(courses_for=lambda _name: []))
    user = SimpleNamespace(name="amina.k", groups=[], url="/user/amina.k/", escaped_name="amina.k", id=1)
    made = LabSpawner(settings=parse_settings({}), directory=lambda: store, names_key=b"k" * 32)
    made.user, made.image = user, "lab"
    monkeypatch.setattr(LabSpawner, "client", hung)
    return made


def test_who_starts_a_server_meanwhile_reads_that_the_engine_does_not_answer(spawner):
    with pytest.raises(SpawnFailedError) as failed:
        asyncio.run(spawner._start_or_say_why())
    assert "The container engine does not answer" in failed.value.jupyterhub_message
    assert "Your work is kept." in failed.value.jupyterhub_message


def test_nobodys_server_is_taken_for_stopped(spawner):
    assert asyncio.run(spawner.poll()) is None
