"""Every setting with its value and where that comes from; passwords in addresses are left out."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from hub.isomo_settings import CHECKOUT, Settings


@dataclass(frozen=True)
class ShownSetting:
    """One setting. `source` is file, environment or default."""

    name: str
    value: str
    source: str


def settings_file() -> Path:
    """Return the file that settings are read from, whether or not it exists."""
    return Path(os.environ.get("ISOMO_SETTINGS") or CHECKOUT / "isomo.toml")


def shown_settings(settings: Settings, file: Path | None = None) -> list[ShownSetting]:
    """Return all settings in their order; a section that is not set is left out."""
    try:
        written = tomllib.loads((file or settings_file()).read_text("utf-8"))
    except (OSError, ValueError):
        written = {}
    plain = settings.model_dump(mode="json")
    usual = Settings().model_dump(mode="json")
    return list(_flat(plain, written, usual))


def _flat(
    values: Mapping[str, Any], written: Mapping[str, Any], usual: Mapping[str, Any], prefix: str = ""
) -> Iterator[ShownSetting]:
    for name, value in values.items():
        if isinstance(value, dict):
            inner, before = written.get(name, {}), usual.get(name) or {}
            yield from _flat(value, inner if isinstance(inner, dict) else {}, before, f"{prefix}{name}.")
        elif value is not None or name in written:
            source = "file" if name in written else "default" if value == usual.get(name) else "environment"
            yield ShownSetting(f"{prefix}{name}", _shown(prefix + name, value), source)


def _shown(name: str, value: Any) -> str:
    if name == "database":
        try:
            return make_url(str(value)).render_as_string(hide_password=True) if ":" in value else str(value)
        except ArgumentError:
            return "***"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
