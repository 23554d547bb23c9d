"""One warm engine for all tests here: starting it takes seconds, each notebook a tenth of one."""

from collections.abc import Iterator

import pytest

from graders.engine.fork_engine import ForkEngine


@pytest.fixture(scope="session")
def engine() -> Iterator[ForkEngine]:
    with ForkEngine() as made:
        made.template()
        yield made
