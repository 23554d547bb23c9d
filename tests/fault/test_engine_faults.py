"""Kill -9 inside the engine: of the template, of the judge. Nobody is blamed for it, and the other tasks keep their scores."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from graders.contract.work_contract import Outcome
from graders.engine.fork_engine import ForkEngine
from tests.support.grading_agent import Agent, gradings, wait_for
from tests.support.small_lab import JUDGE, SmallLab, chosen
from tests.support.small_notebooks import answer, grade, scores, test
from tests.support.small_stores import COURSE, LEARNERS, filled

SLOW = JUDGE.replace(
    "    if answers.problem:", "    import time\n    time.sleep(3)\n    if answers.problem:"
).replace('raise RuntimeError("a mistake of the author\'s")', "return passed()")
RIGHT = {"v": "bar = 0.5", "f": "length = len"}


@pytest.fixture(scope="module")
def engine() -> Iterator[ForkEngine]:
    with ForkEngine() as made:
        made.template()
        yield made


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> SmallLab:
    return SmallLab(tmp_path_factory.mktemp("labs"), SLOW)


def below(pid: int) -> list[psutil.Process]:
    """Every process below one, the oldest first."""
    return sorted(psutil.Process(pid).children(recursive=True), key=lambda one: one.create_time())


def soon(what: Callable[[], object]) -> threading.Thread:
    """Do it beside what follows."""
    made = threading.Thread(target=what)
    made.start()
    return made


def kill_the_judge(template: int, before: int) -> None:
    """Kill the second sandbox, in which the judge is, while it judges."""
    wait_for(lambda: len(below(template)) >= before + 2)
    time.sleep(1.0)
    below(template)[-1].kill()


@pytest.mark.parametrize("which", ["the process that keeps its namespaces", "the warm process itself"])
def test_a_template_that_is_killed_while_the_last_test_runs_costs_its_learner_nothing(engine, which):
    template = engine.template()
    warm = below(template.pid)

    def kill() -> None:
        wait_for(lambda: len(below(template.pid)) > len(warm))
        time.sleep(0.7)
        (warm[-1] if "warm" in which else psutil.Process(template.pid)).kill()

    killing = soon(kill)
    graded = grade(engine, answer("a", "x = 1"), test("t", "import time\ntime.sleep(2)\nassert x == 1"))
    killing.join()
    assert engine.template() is not template
    assert (scores(graded), graded.tasks[0].message) == ({"t": 1}, None)


@pytest.mark.parametrize("inherited", ["ignored", "blocked"])
def test_an_engine_started_where_interrupts_are_off_flags_nobody_and_stops_a_loop(inherited):
    before = signal.getsignal(signal.SIGINT)
    if inherited == "ignored":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    else:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with ForkEngine() as made:
            made.template()
            cells = [answer("a", "x = 1"), test("t", "assert x == 1"), answer("b", "while True:\n    pass")]
            graded = grade(made, *cells, answer("c", "y = x"), test("u", "assert y == 1"), task_wall=1.0)
    finally:
        signal.signal(signal.SIGINT, before)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    assert [(one.score, one.flags) for one in graded.tasks] == [(1, ()), (1, ())]
    assert "Stopped after 1 second" in graded.notebook.decode()


def test_a_judge_that_is_killed_leaves_its_task_a_sentence_and_the_others_their_scores(engine, lab):
    template = engine.template().pid
    before = len(below(template))
    killing = soon(lambda: kill_the_judge(template, before))
    graded = engine.grade(lab.work(chosen("a"), **RIGHT))
    killing.join()
    assert [(one.grade_id, one.outcome, one.score) for one in graded.tasks] == [
        ("v", Outcome.PASSED, 2.0),
        ("f", Outcome.COULD_NOT_CHECK, None),
        ("q", Outcome.PASSED, 1.0),
        ("bad", Outcome.PASSED, 1.0),
    ]
    assert str(graded.tasks[1].message).startswith("Could not be checked: this is our fault, not yours.")


def test_work_whose_judge_was_killed_is_tried_again_and_graded_once(tmp_path: Path, lab: SmallLab):
    store = filled(tmp_path, evaluate=True)
    name, work = "count-letters", lab.work(chosen("a"), **RIGHT)
    files = {f"{name}.ipynb": work.notebook, "answers.json": work.answers or b""}
    store.courses.release(
        COURSE, name, version="1", title={"en": "Count letters"}, minutes=10, tasks=[],
        release={f"{name}.ipynb": work.notebook}, source={f"{name}.ipynb": lab.source},
    )  # fmt: skip
    with Agent(tmp_path, store) as agent:
        agent.wait_for(lambda: "begin worker=" in agent.log())
        attempt, _new = store.attempts.submit(COURSE, name, LEARNERS[0], files)
        agent.wait_for(lambda: "engine-ready" in agent.log())
        engine = agent.engine().pid
        # Below the engine are the template's two processes, then one sandbox of the learner's and one of the judge's.
        kill_the_judge(engine, 2)
        agent.wait_for(lambda: store.progress(COURSE, name).graded == 1)
        assert "Some tasks could not be checked: f." in agent.log()
    result = store.results.result_for(attempt.id)
    assert result is not None
    assert (gradings(store), result.score, result.max_score) == ({attempt.id: 1}, 8.0, 8.0)
