"""Places of a project's files: the team's folder, and the application's own state, on the host and in a container."""

from __future__ import annotations

from pathlib import Path

APPLICATION_PLACE = "/home/learner/service"
TEAM_PLACE = "/home/learner/shared"


def team_folder(state: Path, project: str) -> Path:
    """Return the folder that the team shares; nothing else is mounted into its servers."""
    return state / "projects" / project / "team"


def application_folder(state: Path, project: str) -> Path:
    """Return the application's state: frozen versions, cases, and what the campus tells it. No team can write there."""
    return state / "projects" / project / "application"


PLACES = (team_folder, application_folder)


def project_folders(state: Path) -> list[Path]:
    """Return the folders of all projects that are there, the team's and the application's."""
    found = (place(state, each.name) for each in (state / "projects").glob("*") for place in PLACES)
    return sorted(folder for folder in found if folder.is_dir())


def is_project_folder(state: Path, folder: Path) -> bool:
    """Return whether a path is that of a project's folder, there or not."""
    project = folder.parent
    return project.parent == state / "projects" and folder in {place(state, project.name) for place in PLACES}
