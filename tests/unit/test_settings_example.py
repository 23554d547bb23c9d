"""isomo.toml.example shows every setting, and its defaults are the true ones."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel

from hub.isomo_settings import Settings, parse_settings

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "isomo.toml.example").read_text("utf-8").splitlines()


def table(*marks: str) -> dict[str, object]:
    """The lines behind `marks` as settings; sentences are left out."""
    setting = re.compile(rf"({'|'.join(marks)})(\[\w+\]|\w+ = .+)")
    return tomllib.loads("\n".join(found[2] for line in LINES if (found := setting.fullmatch(line))))


def fields(model: type[BaseModel]) -> dict[str, object]:
    """The names of a model's settings, as a tree."""
    found: dict[str, object] = {}
    for name, one in model.model_fields.items():
        inner = [
            each
            for each in (one.annotation, *getattr(one.annotation, "__args__", ()))
            if isinstance(each, type)
        ]
        part = next((each for each in inner if issubclass(each, BaseModel)), None)
        found[name] = fields(part) if part else None
    return found


def names(values: dict[str, object]) -> dict[str, object]:
    return {key: names(value) if isinstance(value, dict) else None for key, value in values.items()}


def test_the_lines_that_show_defaults_change_nothing() -> None:
    values = table("# ")
    assert values
    assert parse_settings(values, name="isomo.toml.example", folder=ROOT) == parse_settings(
        {}, name="empty", folder=ROOT
    )


def test_every_setting_is_there_and_no_other() -> None:
    assert names(table("# ", "#: ")) == fields(Settings)
