"""Who takes part in a project, and its off switch, as the campus tells it: they count before `prototype.toml`.

The campus writes `campus.json` next to the versions, where no team can write. Without that file, nothing changes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from labs.prototype_kit.application.project_settings import Settings

FILE, USAGE = "campus.json", "usage.json"


class CampusPeople:
    """Reads `campus.json` again whenever it was written again."""

    def __init__(self, state: Path) -> None:
        self._path = state / FILE
        self._read_at = 0
        self._told: dict[str, object] = {}

    def settings(self, settings: Settings) -> Settings:
        """Return `settings` with the people of the campus; unchanged if no campus tells of any."""
        told = self._read()
        if not told:
            return settings
        return replace(
            settings,
            team=_names(told.get("team")),
            approver=str(told.get("approver") or ""),
            reviewers=_names(told.get("reviewers")),
            users=_names(told.get("users")),
            groups=(),
            switched_off=str(told.get("off") or ""),
        )

    def _read(self) -> dict[str, object]:
        try:
            at = self._path.stat().st_mtime_ns
            if at != self._read_at:
                self._told, self._read_at = dict(json.loads(self._path.read_text("utf-8"))), at
        except FileNotFoundError:
            self._told, self._read_at = {}, 0
        return self._told


def _names(found: object) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list) else ()


def write_usage(state: Path, figures: dict[str, object]) -> None:
    """Write what the campus shows of an application; numbers and names of columns only, nothing of a case."""
    aside = state / f".{USAGE}.new"
    aside.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    aside.replace(state / USAGE)
