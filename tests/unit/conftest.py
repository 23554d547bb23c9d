"""A stand-in for the pages' script, and a prototype that is trained once for all tests."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient


@pytest.fixture(scope="session", autouse=True)
def _script_of_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give pages a stand-in for htmx: a fresh clone has no script yet, and no unit test runs one."""
    folder = tmp_path_factory.mktemp("node")
    script = folder / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
    script.parent.mkdir(parents=True)
    script.write_text("// htmx\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.campus.web.page_assets.node_folder", lambda: folder)
        yield


@pytest.fixture(scope="session")
def trained_prototype(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained project that no test changes, made once however many processes run tests."""
    from tests.support.small_prototype import trained_project

    place = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        place = place.parent
    with (place / "trained.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = place / "trained.path"
        if not made.is_file():
            made.write_text(str(trained_project(tmp_path_factory.mktemp("trained"))), "utf-8")
        return Path(made.read_text("utf-8"))


@pytest.fixture
def own_prototype(trained_prototype: Path, tmp_path: Path) -> Iterator[tuple[Path, TestClient]]:
    """A shared copy with its application, for tests that change its versions."""
    from tests.support.small_prototype import application, shared_copy

    folder = shared_copy(trained_prototype, tmp_path)
    with application(folder) as client:
        yield folder, client
