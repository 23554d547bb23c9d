"""A nation's people for `./isomo bench nation`: in the store, and in JupyterHub's tables as a week of use leaves them.

Each person has an account with a password, a course and an institution, and has signed in once this week: JupyterHub
keeps a user with role, group and server record, and a token that the campus got for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from jupyterhub import orm
from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Session

from hub.hub_process.password_rules import HASHER
from hub.isomo_settings import Settings
from hub.store import Store, table_models
from tests.support.hub_people import PASSWORD

IN_A_COURSE = 2_000
"""People of one course, which docs/architecture.md gives as the limit."""
AT_ONCE = 5_000
FIRST_NAMES = ("amina", "bosco", "claudine", "diane", "emmanuel", "francine", "gaspard", "honorine")
ADMINISTRATOR = "national.admin"


def name_of(number: int) -> str:
    """Return the user name of a person.

    >>> name_of(0), name_of(9)
    ('amina.p000000', 'bosco.p000009')
    """
    return f"{FIRST_NAMES[number % len(FIRST_NAMES)]}.p{number:06}"


def course_of(number: int) -> str:
    """Return the course of a person.

    >>> course_of(0), course_of(2_000)
    ('nation-000', 'nation-001')
    """
    return f"nation-{number // IN_A_COURSE:03}"


def fill_store(store: Store, people: int) -> None:
    """Add courses, institutions, people and an administrator to the store."""
    now, kept = datetime.now(UTC), HASHER.hash(PASSWORD)  # One hash for all: a check costs as much.
    courses = sorted({course_of(number) for number in range(people)})
    numbers = range(people)
    persons = (
        {
            "username": name_of(number), "display_name": f"{name_of(number).title()} Example", "language": "en",
            "institution": course_of(number), "password_hash": kept, "created_at": now,
        }
        for number in numbers
    )  # fmt: skip
    roles = ({"username": name_of(number), "role": "learner"} for number in numbers)
    parts = (
        {"course": course_of(number), "username": name_of(number), "role": "learner"} for number in numbers
    )
    for course in courses:
        store.courses.add_institution(course, f"Institution {course}")
        store.courses.add(course, f"Course {course}", course)
    store.people.add(ADMINISTRATOR, "National Administrator", roles=["administrator"])
    store.people.set_password_hash(ADMINISTRATOR, kept)
    with store.database.write() as session:
        for model, rows in (
            (table_models.Person, persons),
            (table_models.PersonRole, roles),
            (table_models.CourseMember, parts),
        ):
            _insert(session, model, rows)


def fill_hub(settings: Settings, people: int) -> None:
    """Add a user for each person to JupyterHub's tables, which a hub has made before."""
    engine = create_engine(settings.hub_database_url)
    with Session(engine) as session, session.begin():
        role = session.scalar(select(orm.Role.id).where(orm.Role.name == "user"))
        group = session.scalar(select(orm.Group.id).where(orm.Group.name == "learner"))
        numbers = range(people)
        _insert(session, orm.User, ({"name": name_of(number), **_seen(number)} for number in numbers))
        ids = list(session.scalars(select(orm.User.id).order_by(orm.User.id)))
        roles = ({"user_id": each, "role_id": role, "managed_by_auth": False} for each in ids)
        _insert(session, orm.User.roles.property.secondary, roles)
        groups = ({"user_id": each, "group_id": group} for each in ids)
        _insert(session, orm.User.groups.property.secondary, groups)
        _insert(session, orm.Spawner, ({"user_id": each, "name": "", "state": {}} for each in ids))
        _insert(session, orm.APIToken, (_token(each) for each in ids))
    engine.dispose()


def _seen(number: int) -> dict[str, Any]:
    last = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=number % (7 * 24 * 60))
    return {
        "created": last - timedelta(days=30),
        "last_activity": last,
        "admin": False,
        "cookie_id": f"c{number}",
    }


def _token(user: int) -> dict[str, Any]:
    now = datetime.now(UTC).replace(tzinfo=None)
    return {
        "user_id": user,
        "hashed": f"sha512:1:{user:016x}:{user:0128x}",
        "prefix": f"{user:04x}"[-4:],
        "client_id": "service-campus",
        "session_id": f"s{user}",
        "created": now,
        "expires_at": now + timedelta(days=7),
        "scopes": ["read:users!user", "read:servers!user", "servers!user"],
    }


def _insert(session: Session, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    left = iter(rows)
    while some := list(islice(left, AT_ONCE)):
        session.execute(insert(table), some)
