"""A warm engine for the tests of a module that do not end it."""

from collections.abc import Iterator

import pytest

from graders.engine import openings
from graders.engine.fork import ForkEngine


@pytest.fixture(scope="module")
def engine() -> Iterator[ForkEngine]:
    with ForkEngine() as made:
        made.template()
        yield made


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its labs, and none of them waits for the place of another's."""
    monkeypatch.setattr(openings, "SETTLED", 0.0)
