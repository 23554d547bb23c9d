"""A warm engine for the tests of a module that do not end it."""

from collections.abc import Iterator

import pytest

from graders.engine import shared_first_cells
from graders.engine.fork_engine import ForkEngine


@pytest.fixture(scope="module")
def engine() -> Iterator[ForkEngine]:
    with ForkEngine() as made:
        made.template()
        yield made


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its labs, and none of them waits for the place of another's."""
    monkeypatch.setattr(shared_first_cells, "SETTLED", 0.0)
