"""The desk's own script: its types hold, and its unit tests pass, with the packages that its lock file names."""

from __future__ import annotations

import re

import pytest

from hub.ops.desk_build import SOURCE, ensure_desk, prepared_workshop, run_node, source_digest

pytestmark = pytest.mark.browser


def test_the_types_hold_and_the_unit_tests_pass() -> None:
    folder = prepared_workshop(dev=True) / "labs" / "desk"
    run_node(folder, "../../node_modules/typescript/bin/tsc", "--noEmit", "-p", ".")
    said = run_node(folder, "../../node_modules/vitest/vitest.mjs", "run", "--no-color")
    assert re.search(r"Tests +\d+ passed", said), said


def test_the_same_sources_give_the_same_files() -> None:
    first = {path.name: path.read_bytes() for path in ensure_desk().iterdir()}
    again = prepared_workshop(dev=False) / "again"
    run_node(prepared_workshop(dev=False) / "labs" / "desk", "build.mjs", str(again))
    assert {path.name: path.read_bytes() for path in again.iterdir()} == first
    assert ensure_desk().name == f"desk-{source_digest()}"


def test_the_lock_file_names_no_address() -> None:
    assert "resolved" not in (SOURCE / "package-lock.json").read_text()
