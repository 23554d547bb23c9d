"""Warm engines for all tests here: starting one takes seconds, each notebook a tenth of one."""

from collections.abc import Iterator

import pytest

from graders.engine import shared_first_cells
from graders.engine.fork_engine import ForkEngine
from tests.support.small_notebooks import FromBeginning


@pytest.fixture(scope="session", params=[ForkEngine, FromBeginning], ids=["from-scratch", "from-a-beginning"])
def engine(request: pytest.FixtureRequest) -> Iterator[ForkEngine]:
    """One that runs every cell in each sandbox, and one whose sandboxes are forked from where given cells have run."""
    with request.param() as made:
        made.template()
        yield made


@pytest.fixture(autouse=True)
def shared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A beginning is made for the first that has it, so that an attack meets it."""
    monkeypatch.setattr(shared_first_cells, "WORTH", 1)
