"""A prototype that is trained once for all tests, and copies of it to change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient


@pytest.fixture(scope="session")
def trained_prototype(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained project that no test changes."""
    from tests.support.prototype import trained_project

    return trained_project(tmp_path_factory.mktemp("trained"))


@pytest.fixture
def own_prototype(trained_prototype: Path, tmp_path: Path) -> Iterator[tuple[Path, TestClient]]:
    """A shared copy with its application, for tests that change its versions."""
    from tests.support.prototype import application, shared_copy

    folder = shared_copy(trained_prototype, tmp_path)
    with application(folder) as client:
        yield folder, client
