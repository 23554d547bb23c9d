"""In a learner's JupyterLab no letter or digit is a command: words typed outside a box do nothing to the notebook."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_server import settings_utils

from tests.support.hub_run import ROOT

CONFIG = ROOT / "images" / "jupyter"
SCHEMAS = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
PLUGIN = "@jupyterlab/shortcuts-extension:shortcuts"
KEYS = ("keys", "winKeys", "linuxKeys", "macKeys")
TYPED = re.compile(r"(Shift )?\S")
"""A key that somebody presses who writes."""


def known() -> list[dict[str, Any]]:
    """Every shortcut of the installed JupyterLab."""
    schemas = [json.loads(path.read_text()) for path in sorted(SCHEMAS.rglob("*.json"))]
    return [one for schema in schemas for one in schema.get("jupyter.lab.shortcuts") or []]


def typed(shortcut: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Its keys, where they are only letters, digits and signs."""
    for name in KEYS:
        keys = tuple(shortcut.get(name) or ())
        if keys and all(TYPED.fullmatch(key) for key in keys):
            yield keys


def off(monkeypatch: pytest.MonkeyPatch, person: str) -> list[dict[str, Any]]:
    """The shortcuts that are switched off in a person's image, as JupyterLab reads its settings."""
    folders = f"{CONFIG / person}:{CONFIG / 'common'}"
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", folders)
    overrides, error = settings_utils._get_overrides("/nowhere")
    assert not error
    found = overrides.get(PLUGIN, {}).get("shortcuts", [])
    assert all(one["disabled"] for one in found)
    return list(found)


def named(shortcut: dict[str, Any], keys: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
    """What JupyterLab tells shortcuts apart by, and the command."""
    return shortcut["command"], keys, shortcut["selector"]


def test_no_letter_or_digit_is_a_command_in_a_learners_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later JupyterLab with one more such shortcut fails here: add it to the learner image's labconfig."""
    in_notebook = [one for one in known() if ".jp-ImageViewer" not in one["selector"]]
    letters = {named(one, keys) for one in in_notebook for keys in typed(one)}
    assert ("notebook:insert-cell-below", ("B",)) in {found[:2] for found in letters}
    assert {named(one, tuple(one["keys"])) for one in off(monkeypatch, "learner")} == letters


def test_keys_that_move_and_run_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {key for one in off(monkeypatch, "learner") for key in one["keys"]}
    assert keys.isdisjoint({"Enter", "Escape", "Shift Enter", "ArrowUp", "ArrowDown", "Tab"})
    assert all(TYPED.fullmatch(key) for key in keys)


def test_settings_for_everybody_hold_for_learners_too() -> None:
    """Both folders end in one folder of the image, where a second file of the same name would hide the first."""
    common, learner = (
        {path.relative_to(CONFIG / part) for path in (CONFIG / part).rglob("*") if path.is_file()}
        for part in ("common", "learner")
    )
    assert common & learner == set()


def test_a_trainers_own_notebook_keeps_its_shortcuts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert off(monkeypatch, "trainer") == []
