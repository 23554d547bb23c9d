"""Limits of homes that the file system keeps: which way there is on this machine, and setting them.

Project quotas if the state folder's file system keeps them, else an image for each home if the administrator chose
so, else none: then only a single file is limited, and `doctor` watches homes.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

from hub import home_images, project_quotas
from hub.isomo_settings import Settings
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


def way_here(settings: Settings) -> Way:
    """Return how homes of this installation are limited."""
    homes = settings.state / "homes"
    return choose_way(settings, project_quotas.mount_of(homes) if homes.is_dir() else None)


def limit_home(settings: Settings, home: Path, limit: int) -> bool:
    """Have the file system keep a home's limit, and return whether it does. Needs root; no server may use the home.

    People's work goes first: if a limit cannot be set, the home stays as it is, and `doctor` says so.

    Raises:
        HomeAwayError: the home is in an image that cannot be mounted.
    """
    has_image = home_images.image_of(settings, home).exists()
    way = "image" if has_image else way_here(settings)
    try:
        if way == "quota":
            project_quotas.limit_folder(home, limit)
        elif way == "image":
            home_images.mount_home(settings, home, limit, OWNER)
        return way != "none"
    except OSError as error:
        log.error("home-not-limited name=%s way=%s reason=%s", home.name, way, error)
        if has_image and not home_images.is_mounted(home):
            raise HomeAwayError(str(error)) from error
        return False


def forget_home(settings: Settings, home: Path) -> None:
    """Undo what `limit_home` made, before a home's folder is removed; an image goes with all that is in it."""
    if home.parent != settings.state / "homes":
        return  # A folder inside a home has the number of that home.
    home_images.remove_image(settings, home)
    with suppress(OSError):
        if way_here(settings) == "quota":
            project_quotas.forget_folder(home)


def is_limited(settings: Settings, home: Path) -> bool:
    """Return whether a home has its limit; one that was there before gets it when its owner's server next starts."""
    if home_images.image_of(settings, home).exists():
        return home_images.is_mounted(home)
    try:
        return way_here(settings) == "quota" and project_quotas.project_of(home) != 0
    except OSError:
        return False


def may_set_limits() -> bool:
    """Return whether this process may mount and set quotas: root with CAP_SYS_ADMIN (number 21)."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    rights = next((line.split()[1] for line in lines if line.startswith("CapEff:")), "0")
    return os.geteuid() == 0 and bool(int(rights, 16) & 1 << 21)
