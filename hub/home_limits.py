"""Limits of homes and of projects' folders that the file system keeps: which way there is here, and setting them.

Project quotas if the state folder's file system keeps them, else an image for each if the administrator chose so, else
none: then only a single file is limited, and `doctor` watches them.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

from hub import folder_use, home_images, project_quotas
from hub.isomo_settings import Settings
from hub.project_places import is_project_folder
from hub.project_quotas import Mount

OWNER = 1000
"""Number of the user as whom learners' servers run."""
Way = Literal["quota", "image", "none"]

log = logging.getLogger("homes")


class HomeAwayError(OSError):
    """A home's image cannot be mounted: a server that started now would show an empty home."""


def choose_way(settings: Settings, mount: Mount | None) -> Way:
    """Return how homes on this mount are limited. An image is mounted on one machine, so that a Swarm has none."""
    if settings.evaluate:
        return "none"
    if mount is not None and mount.keeps_projects:
        return "quota"
    return "image" if settings.home_images and settings.spawner == "docker" else "none"


def way_here(settings: Settings, part: Literal["homes", "projects"] = "homes") -> Way:
    """Return how homes of this installation are limited, or projects' folders."""
    there = (folder for folder in (settings.state / part, settings.state) if folder.is_dir())
    folder = next(there, None)
    return choose_way(settings, project_quotas.mount_of(folder) if folder else None)


def _way_of(settings: Settings, folder: Path) -> Way:
    return way_here(settings, "projects" if is_project_folder(settings.state, folder) else "homes")


def limit_home(settings: Settings, home: Path, limit: int) -> bool:
    """Have the file system keep a home's limit, and return whether it does. Needs root; no server may use the home.

    People's work goes first: if a limit cannot be set, the home stays as it is, and `doctor` says so.

    Raises:
        HomeAwayError: the home is in an image that cannot be mounted.
    """
    return _set_limit(settings, home, limit, OWNER)


def limit_project(settings: Settings, folder: Path, limit: int) -> bool:
    """Have the file system keep the limit of a project's folder, as `limit_home` does; its owner and mode stay.

    Members of a team work side by side in one folder. While a server uses it, nothing in it is moved: it gets its
    limit when a server starts and no other one is there.
    """
    if _would_move(settings, folder, limit) and folder_use.is_used(folder):
        log.info("limit-waits name=%s", _name(settings, folder))
        return is_limited(settings, folder)
    return _set_limit(settings, folder, limit, None)


def _would_move(settings: Settings, folder: Path, limit: int) -> bool:
    """Return whether setting this limit has to do with each file in a folder."""
    image = home_images.image_of(settings, folder)
    if image.exists():
        return home_images.is_mounted(folder) and image.stat().st_size < limit
    way = way_here(settings, "projects")
    return way == "image" or (way == "quota" and not is_limited(settings, folder))


def _set_limit(settings: Settings, folder: Path, limit: int, owner: int | None) -> bool:
    has_image = home_images.image_of(settings, folder).exists()
    way = "image" if has_image else _way_of(settings, folder)
    try:
        if way == "quota":
            project_quotas.limit_folder(folder, limit)
        elif way == "image":
            is_used = folder_use.is_used if owner is None else None
            home_images.mount_home(settings, folder, limit, owner, is_used)
        return way != "none"
    except OSError as error:
        log.error("home-not-limited name=%s way=%s reason=%s", _name(settings, folder), way, error)
        if has_image and not home_images.is_mounted(folder):
            raise HomeAwayError(str(error)) from error
        return False


def _name(settings: Settings, folder: Path) -> str:
    """Return the name of a home, or of a project's folder with the project."""
    return "/".join(folder.relative_to(settings.state).parts[1:])


def forget_home(settings: Settings, home: Path) -> None:
    """Undo what set a limit, before a home's or project's folder is removed; an image goes with all that is in it."""
    if home.parent != settings.state / "homes" and not is_project_folder(settings.state, home):
        return  # A folder inside a home has the number of that home.
    home_images.remove_image(settings, home)
    with suppress(OSError):
        if _way_of(settings, home) == "quota":
            project_quotas.forget_folder(home)


def is_limited(settings: Settings, home: Path) -> bool:
    """Return whether a home or project's folder has its limit; an older one gets it when its next server starts."""
    if home_images.image_of(settings, home).exists():
        return home_images.is_mounted(home)
    try:
        return _way_of(settings, home) == "quota" and project_quotas.project_of(home) != 0
    except OSError:
        return False


def may_set_limits() -> bool:
    """Return whether this process may mount and set quotas: root with CAP_SYS_ADMIN (number 21)."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    rights = next((line.split()[1] for line in lines if line.startswith("CapEff:")), "0")
    return os.geteuid() == 0 and bool(int(rights, 16) & 1 << 21)
