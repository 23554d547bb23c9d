"""Servers of data teams: a team's notebook server in the project's folder, and the application that it shares.

A team's server mounts the project's folder instead of a home; each member has a user number of their own there, and
the project's group. The application mounts only its own state. Both are on the learners' network, which has no
way to the internet.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from hub.isomo_settings import CHECKOUT, Settings
from hub.project_places import application_folder, team_folder
from hub.shared_names import APPLICATIONS, PROJECT_SERVER
from hub.store.project_store import Project

FIRST_USER, FIRST_GROUP = 200_000, 300_000
"""The first user number of a team's members and the first group number of projects: no host account has them."""
APPLICATION_USER = 100_000
BEGIN = (
    'umask 0007; cd "$ISOMO_PROJECT_PLACE"; '
    'test -z "$ISOMO_PACKAGES" || export PIP_INDEX_URL="http://isomo:$JUPYTERHUB_API_TOKEN@$ISOMO_PACKAGES"; '
    'test -e "$ISOMO_PROJECT" || "$ISOMO_BENCH_PYTHON" -m labs.prototype_kit new "$ISOMO_PROJECT" '
    '--template "$ISOMO_TEMPLATE" --no-run; exec "$@"'
)
"""A project's first server makes the project from its template; no training, so that it opens at once."""


@dataclass(frozen=True)
class ProjectServer:
    """One server of a project: what it is for, and as whom it runs."""

    project: str
    template: str
    kind: Literal["team", "application"]
    user: int
    group: int

    def folder(self, settings: Settings) -> Path:
        """Return the folder of the host that the server works in."""
        place = team_folder if self.kind == "team" else application_folder
        return place(settings.state, self.project)

    def make_folder(self, settings: Settings) -> Path:
        """Make that folder so that only this server's group, or only the application, can enter it."""
        folder = self.folder(settings)
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0 and not settings.evaluate:
            os.chown(folder, 0 if self.kind == "team" else self.user, self.group)
        folder.chmod(0o2770)
        return folder

    def command(self, usual: list[str], python: str, place: str) -> list[str]:
        """Return the command that runs in the server."""
        if self.kind == "application":
            return [python, "-m", "labs.prototype_kit.application", place]
        return ["sh", "-c", BEGIN, "begin", *usual]

    def environment(self, settings: Settings, person: str, python: str, place: str) -> dict[str, str]:
        """Return what the server's programs read."""
        if self.kind == "application":
            return {"ISOMO_ADMINISTRATORS": "administrator", **cases_environment(settings)}
        return {
            "USER": person,
            "LOGNAME": person,
            "ISOMO_PROJECT": self.project,
            "ISOMO_TEMPLATE": self.template,
            "ISOMO_PROJECT_PLACE": place,
            "ISOMO_BENCH_PYTHON": python,
            **package_environment(settings, place),
            # The folder's files belong to several people: git asks for this.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }


def cases_environment(settings: Settings) -> dict[str, str]:
    """Return what tells programs that write an application's cases how the file is kept.

    On a Swarm it lies on the shared file system: a machine that is lost must not take answered cases along, and no
    memory is shared between machines.
    """
    return {"ISOMO_SHARED_FOLDER": "1"} if settings.spawner == "swarm" else {}


def package_environment(settings: Settings, place: str) -> dict[str, str]:
    """Return what tells pip to ask the campus, and where it puts packages; without mirrors, pip asks nobody."""
    if settings.evaluate:
        return {}
    if not settings.packages.mirrors:
        return {"PIP_NO_INDEX": "1"}
    index = urlsplit(settings.campus_url)
    return {
        "ISOMO_PACKAGES": f"{index.netloc}{index.path}/api/v1/packages/simple/",
        "PIP_TRUSTED_HOST": index.netloc,
        "PIP_TARGET": f"{place}/packages",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        # The image has a line that adds this folder after its own packages, which so stay what they are.
        "ISOMO_TEAM_PACKAGES": f"{place}/packages",
    }


def application_server(project: Project) -> ProjectServer:
    """Return the server of a project's application, whether or not it may run now."""
    user, group = APPLICATION_USER + project.id, FIRST_GROUP + project.id
    return ProjectServer(project.name, project.template, "application", user, group)


def project_server(store: Any, settings: Settings, username: str, server: str) -> ProjectServer | None:
    """Return which project's server `server` of `username` is; None if it is none that this person may have."""
    if not settings.prototypes:
        return None
    if username == APPLICATIONS:
        project = store.projects.get(server)
        if project is None or project.off_at is not None:
            return None
        return application_server(project)
    name = server.removeprefix(PROJECT_SERVER)
    project = store.projects.get(name) if name != server else None
    if project is None:
        return None
    team = (each for each in store.projects.members(name) if (each.username, each.part) == (username, "team"))
    mine = next(team, None)
    if mine is None:
        return None
    return ProjectServer(name, project.template, "team", FIRST_USER + mine.id, FIRST_GROUP + project.id)


def bench_python() -> str:
    """Return the interpreter that has the bench when servers are plain processes of this machine."""
    bench = CHECKOUT / ".isomo" / "env-prototype" / "bin" / "python"
    return str(bench if bench.exists() else Path(sys.executable))
