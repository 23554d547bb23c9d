"""A hub's memory does not grow with everybody who ever came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from jupyterhub import orm
from jupyterhub.user import UserDict

from hub.hub_process.idle_users import IDLE, forget_idle

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Server:
    """What JupyterHub's spawner says about a server."""

    active, pending, _check_pending = False, None, False

    def __init__(self, **state: object) -> None:
        self.__dict__.update(state)


@pytest.fixture
def users(tmp_path) -> UserDict:
    """Three people in the hub's memory; one of them came a minute ago."""
    db = orm.new_session_factory(f"sqlite:///{tmp_path / 'hub.sqlite'}")()
    left = NOW.replace(tzinfo=None) - IDLE - timedelta(minutes=1)
    for name, seen in (("amina.k", left), ("bosco.n", left), ("claudine.u", left + IDLE)):
        db.add(orm.User(name=name, created=left, last_activity=seen))
    db.commit()
    found = UserDict(lambda: db, {})
    for name in ("amina.k", "bosco.n", "claudine.u"):
        assert found[name].name == name
    return found


def names(users: UserDict) -> list[str]:
    return [user.name for user in users.values()]


def test_who_left_half_an_hour_ago_is_forgotten_and_read_again_when_they_come_back(users):
    assert forget_idle(users, NOW) == 2
    assert names(users) == ["claudine.u"]
    assert users["amina.k"].name == "amina.k"
    assert len(users) == 2


@pytest.mark.parametrize("state", [{"active": True}, {"pending": "spawn"}, {"_check_pending": True}])
def test_who_has_a_server_in_any_state_is_kept(users, state):
    users["amina.k"].spawners[""] = Server(**state)
    users["bosco.n"].spawners[""] = Server()
    forget_idle(users, NOW)
    assert names(users) == ["amina.k", "claudine.u"]


def test_what_a_forgotten_person_still_changes_is_kept(users):
    """Somebody else's request may hold them at that moment."""
    held = users["amina.k"]
    forget_idle(users, NOW)
    held.orm_user.admin = True
    held.db.commit()
    held.db.expire_all()
    assert users["amina.k"].orm_user.admin
