"""One learner's server for all tests of the desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.ops.desk_build import ensure_desk
from labs.authoring.lab_spec import find_lab
from tests.support.desk_served import SLUG, Served
from tests.support.labs_served import campus_served, labs_served
from tests.support.notebook_page import PATIENCE


@pytest.fixture(scope="session")
def desk_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with one lab, and a campus behind it."""
    root = tmp_path_factory.mktemp("desk")
    env = {"ISOMO_DESK": str(ensure_desk())}
    with (
        campus_served() as (campus, arrived),
        labs_served([find_lab(SLUG)], root, env={**campus, **env}) as at,
    ):
        yield Served(at, root, arrived)


@pytest.fixture
def served_briefly(tmp_path: Path) -> Iterator[Served]:
    """A server that stops a kernel after three seconds without use."""
    env = {"ISOMO_DESK": str(ensure_desk()), "ISOMO_IDLE_KERNEL_MINUTES": "0.05"}
    with labs_served([find_lab(SLUG)], tmp_path, env=env) as at:
        yield Served(at, tmp_path, [])


@pytest.fixture
def served(desk_server: Served) -> Served:
    """The lab as it was released."""
    desk_server.begin_again()
    return desk_server


@pytest.fixture
def desk_page(browser: Any) -> Iterator[Any]:
    """A page of a browser that nobody used before."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()
