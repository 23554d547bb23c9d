"""Places of a project's files in the state folder: the team's folder, and the application's own state."""

from __future__ import annotations

from pathlib import Path


def team_folder(state: Path, project: str) -> Path:
    """Return the folder that the team shares; nothing else is mounted into its servers."""
    return state / "projects" / project / "team"


def application_folder(state: Path, project: str) -> Path:
    """Return the application's state: frozen versions, cases, and what the campus tells it. No team can write there."""
    return state / "projects" / project / "application"
