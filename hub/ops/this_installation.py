"""The installation that a verb acts on."""

from __future__ import annotations

import os
from pathlib import Path

from hub.isomo_settings import Settings, load_settings
from hub.private_files import make_private_folder

EVALUATE = "ISOMO_EVALUATE"


def evaluate_marker(settings: Settings) -> Path:
    """Return a file that is there while the installation runs without isolation, at its administrator's word."""
    return settings.state / "run" / "evaluate"


def current_settings() -> Settings:
    """Return the settings, with `--evaluate` remembered from `up`."""
    settings = load_settings()
    if evaluate_marker(settings).exists() and not settings.evaluate:
        os.environ[EVALUATE] = "1"
        settings = load_settings()
    return settings


def settings_for(evaluate: bool) -> Settings:
    """Return the settings for `up`, which decides again whether learners are isolated."""
    os.environ.pop(EVALUATE, None)
    if evaluate:
        os.environ[EVALUATE] = "1"
    settings = load_settings()
    file = evaluate_marker(settings)
    if evaluate:
        make_private_folder(settings.state)
        make_private_folder(file.parent)
        file.touch()
    else:
        file.unlink(missing_ok=True)
    return settings
