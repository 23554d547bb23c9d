"""The store of the installation that a verb acts on."""

from __future__ import annotations

from hub.isomo_settings import Settings
from hub.ops import this_installation
from hub.store import Store


def open_installation() -> tuple[Settings, Store]:
    """Return the settings of this installation, and its store."""
    settings = this_installation.current_settings()
    return settings, Store.open(settings)
