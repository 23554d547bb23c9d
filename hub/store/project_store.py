"""Projects of data teams: who builds one, who approves, reviews and uses it, and its off switch."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.database_connections import Database
from hub.store.refused_change import RefusedChange
from hub.store.table_models import Base, Person

Part = Literal["team", "approver", "reviewer", "user"]
PARTS: tuple[Part, ...] = ("team", "approver", "reviewer", "user")
TEMPLATES = ("triage", "routing", "dedup", "forecast", "answers")
NAME = re.compile(r"[a-z][a-z0-9-]{1,21}")
"""A project's name: JupyterHub takes server names of 30 signs, and the server's name begins with `project-`."""
LONGEST_TITLE = 120


class Project(Base):
    """A project of a data team."""

    __tablename__ = "project"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(22), unique=True)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    template: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[datetime]
    off_by: Mapped[str | None] = mapped_column(String(32))
    off_at: Mapped[datetime | None]
    off_why: Mapped[str] = mapped_column(Text, default="", server_default="")


class ProjectMember(Base):
    """One person's part in a project; the number is the person's own user number in the team's containers."""

    __tablename__ = "project_member"
    __table_args__ = (UniqueConstraint("project", "username", "part"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project: Mapped[str] = mapped_column(String(22), ForeignKey("project.name"), index=True)
    username: Mapped[str] = mapped_column(String(32), ForeignKey("person.username"), index=True)
    part: Mapped[str] = mapped_column(String(12))
    added_by: Mapped[str] = mapped_column(String(32))
    added_at: Mapped[datetime]


class Projects:
    """Make projects, and change who takes part in them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> Project | None:
        """Return the project called `name`."""
        with self._database.read() as session:
            return session.scalar(select(Project).where(Project.name == name))

    def all(self) -> list[Project]:
        """Return every project by its title."""
        with self._database.read() as session:
            return list(session.scalars(select(Project).order_by(Project.title)))

    def projects_for(self, username: str) -> list[tuple[Project, frozenset[str]]]:
        """Return the projects in which a person takes part, with their parts there."""
        query = (
            select(Project, ProjectMember.part)
            .join(ProjectMember, ProjectMember.project == Project.name)
            .where(ProjectMember.username == username)
            .order_by(Project.title)
        )
        found: dict[str, tuple[Project, set[str]]] = {}
        with self._database.read() as session:
            for project, part in session.execute(query):
                found.setdefault(project.name, (project, set()))[1].add(part)
        return [(project, frozenset(parts)) for project, parts in found.values()]

    def parts(self, name: str, username: str) -> frozenset[str]:
        """Return a person's parts in a project."""
        return frozenset(each.part for each in self.members(name) if each.username == username)

    def members(self, name: str) -> list[ProjectMember]:
        """Return everybody who takes part, in the order in which they came."""
        query = select(ProjectMember).where(ProjectMember.project == name).order_by(ProjectMember.id)
        with self._database.read() as session:
            return list(session.scalars(query))

    def present(self, name: str) -> list[ProjectMember]:
        """Return the members whose account is open: those whom the application knows."""
        with self._database.read() as session:
            closed = set(session.scalars(select(Person.username).where(Person.disabled_at.is_not(None))))
        return [each for each in self.members(name) if each.username not in closed]

    def add(self, name: str, title: str, template: str, made_by: str) -> None:
        """Make a project whose first team member is `made_by`. Raises RefusedChange."""
        if not NAME.fullmatch(name) or template not in TEMPLATES or not 0 < len(title) <= LONGEST_TITLE:
            raise RefusedChange("bad-project-name", name=name[:40])
        now = datetime.now(UTC)
        with self._database.write() as session:
            if session.scalar(select(Project.id).where(Project.name == name)) is not None:
                raise RefusedChange("short-name-taken", name=name)
            session.add(Project(name=name, title=title, template=template, made_by=made_by, made_at=now))
            session.flush()
            session.add(
                ProjectMember(project=name, username=made_by, part="team", added_by=made_by, added_at=now)
            )

    def join(self, name: str, username: str, part: str, added_by: str) -> None:
        """Give a person a part; a new approver takes the place of the old one. Raises RefusedChange."""
        with self._database.write() as session:
            person = session.get(Person, username)
            if person is None or person.disabled_at is not None:
                raise RefusedChange("no-such-person", name=username[:40])
            if part not in PARTS:
                raise RefusedChange("bad-request", fields="part")
            mine = select(ProjectMember).where(ProjectMember.project == name)
            had = {each.part for each in session.scalars(mine.where(ProjectMember.username == username))}
            if part in had:
                return
            if {part, *had} >= {"team", "approver"}:
                raise RefusedChange("approver-in-team", name=username)
            if part == "approver":
                session.execute(
                    delete(ProjectMember).where(
                        ProjectMember.project == name, ProjectMember.part == "approver"
                    )
                )
            session.add(
                ProjectMember(
                    project=name, username=username, part=part, added_by=added_by, added_at=datetime.now(UTC)
                )
            )

    def leave(self, name: str, username: str, part: str) -> None:
        """End a person's part. Raises RefusedChange for the team's last member."""
        with self._database.write() as session:
            mine = (ProjectMember.project == name, ProjectMember.part == part)
            others = session.scalars(
                select(ProjectMember.id).where(*mine, ProjectMember.username != username)
            ).first()
            if part == "team" and others is None:
                raise RefusedChange("last-in-team", name=name)
            session.execute(delete(ProjectMember).where(*mine, ProjectMember.username == username))

    def switch_off(self, name: str, by: str, why: str) -> None:
        """Switch a project's application off."""
        self._switch(name, by, datetime.now(UTC), why)

    def switch_on(self, name: str) -> None:
        """Switch it on again."""
        self._switch(name, None, None, "")

    def _switch(self, name: str, by: str | None, at: datetime | None, why: str) -> None:
        with self._database.write() as session:
            found = session.scalar(select(Project).where(Project.name == name))
            if found is not None:
                found.off_by, found.off_at, found.off_why = by, at, why
