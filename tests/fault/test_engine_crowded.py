"""A machine that is busy with other work: an honest cell keeps its marks, and a loop still ends."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from graders.engine.fork_engine import ForkEngine
from graders.engine.sandbox_supervisor import MOST_PATIENCE
from tests.support.small_notebooks import answer, grade, scores, test

BUSY = 8
HEAVY = "import time\nbegan = time.process_time()\nwhile time.process_time() - began < 0.8:\n    pass\nx = 1"
"""Takes longer than two seconds in the crowd, and fits into the patience with twice as many programs at work."""


@pytest.fixture
def engine() -> Iterator[ForkEngine]:
    with ForkEngine() as made:
        made.template()
        yield made


@pytest.fixture
def crowd(engine: ForkEngine) -> Iterator[None]:
    """Programs that want a whole processor each, started after the engine is ready."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
    yield
    for each in programs:
        each.kill()
        each.wait()


@pytest.mark.usefixtures("crowd")
def test_a_cell_that_the_machine_did_not_run_gets_more_time(engine: ForkEngine) -> None:
    graded = grade(engine, answer("a", HEAVY), test("t", "assert x == 1"), task_wall=2.0, wall=12.0)
    assert scores(graded) == {"t": 1}


@pytest.mark.usefixtures("crowd")
def test_a_loop_ends_after_a_multiple_of_its_limit_at_most(engine: ForkEngine) -> None:
    began = time.monotonic()
    graded = grade(engine, answer("a", "while True: pass"), test("t", "assert x == 1"), task_wall=1.0)
    assert scores(graded) == {"t": 0}
    assert time.monotonic() - began < 10 * (1 + MOST_PATIENCE)


def test_a_cell_that_only_waits_is_stopped_at_its_limit(engine: ForkEngine) -> None:
    graded = grade(
        engine, answer("a", "import time\ntime.sleep(60)"), test("t", "assert True"), task_wall=1.0
    )
    assert "Stopped after 1 second" in graded.notebook.decode()
