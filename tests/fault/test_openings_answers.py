"""What learners answered with controls, and tasks that ask for it, beside a beginning that is shared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graders.engine.fork_engine import ForkEngine
from graders.engine.sandbox_supervisor import Child
from tests.support import small_lab
from tests.support.lab_beginnings import BORN, born, given, printed, work
from tests.support.small_lab import SmallLab, chosen
from tests.support.small_notebooks import answer, scores, shown, test

pytestmark = pytest.mark.usefixtures("hurried")


def test_what_learners_answered_with_controls_does_not_keep_them_from_sharing(engine):
    cells = [
        given(BORN),
        answer("a", "import json\nprint(born, json.load(open('answers.json'))['mine'])"),
        test("t", "assert born"),
    ]
    found = []
    for mine in (b"one", b"two", b"three"):
        told = replace(work(*cells, files={}), answers=b'{"mine": "%s"}' % mine)
        found += born(engine, told, count=1)
    assert [one.split()[1] for one in found] == ["one", "two", "three"]
    assert len({one.split()[0] for one in found}) == 2


LOOKS_FOR_ANSWERS = {
    "by its name": "import os\nis_there = os.path.exists('answers.json')",
    "by a name made up": "try:\n    is_there = bool(open('answers' + '.json').read())\nexcept OSError:\n    is_there = False",
    "among all files": "import os\nis_there = len(os.listdir('.')) > 0",
    "with a path": "from pathlib import Path\nis_there = any(Path.cwd().glob('*'))",
}


@pytest.mark.parametrize("how", LOOKS_FOR_ANSWERS)
def test_a_beginning_that_looks_for_these_answers_runs_for_each_learner_and_finds_them(engine, how):
    cells = [
        given(BORN),
        given(LOOKS_FOR_ANSWERS[how]),
        answer("a", "print(born)"),
        test("t", "assert is_there"),
    ]
    told = replace(work(*cells, files={}), answers=b"{}")
    graded = [engine.grade(told) for _ in range(3)]
    assert [scores(one) for one in graded] == [{"t": 1}] * 3, list(map(shown, graded))
    assert len({shown(one)[2][0]["text"] for one in graded}) == 3


@pytest.fixture
def controls_first(tmp_path: Path) -> SmallLab:
    """A lab whose first task is answered with controls, and which loads something after it."""
    question = '# %% {"task": "q", "check": true}\nlab.ask("q")\n'
    start, rest = small_lab.LAB.replace(question, "").split('\n# %% {"task": "v"}\n')
    late = f'# %% {{"locked": true, "id": "late"}}\n{BORN}\n'
    return SmallLab(tmp_path, lab=f'{start}\n{question}\n{late}\n# %% {{"task": "v"}}\n{rest}')


def test_a_task_that_is_answered_with_controls_ends_no_beginning(engine, controls_first):
    done = "print(born)\nbar = 0.5"
    graded = [engine.grade(controls_first.work(chosen(one), v=done)) for one in ("a", "b", "a", "b")]
    assert [one.tasks[0].grade_id for one in graded] == ["q"] * 4
    assert [str(one.tasks[0].message) for one in graded] == ["Yes.", "No, A."] * 2
    assert {one.tasks[1].score for one in graded} == {2.0}
    places = [printed(one, "v-answer") for one in graded]
    assert places[0] != places[1] == places[2] == places[3]


def test_no_judge_comes_near_the_process_of_a_beginning(controls_first, monkeypatch):
    sent: list[str] = []
    asked = Child.ask

    def listen(child: Child, order: dict[str, Any], *rest: Any) -> dict[str, Any]:
        if order.get("do") != "judge":
            sent.append(json.dumps(order))
        return asked(child, order, *rest)

    monkeypatch.setattr(Child, "ask", listen)
    with ForkEngine() as engine:
        for _ in range(3):
            assert engine.grade(controls_first.work(chosen("a"), v="bar = 0.5")).tasks[0].score == 1.0
    assert any("born" in order for order in sent)
    assert not any("def _judge" in order or "bar_is_high" in order for order in sent)
