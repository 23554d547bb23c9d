"""What ordinary courses do counts as in stock nbgrader, and is no reason to flag anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from graders.contract.work_contract import Graded, Work
from graders.engine import submission_clock
from graders.engine.fork_engine import ForkEngine
from tests.support.small_notebooks import answer, book, cell, grade, test

EASY = "def f(x):\n    return x + 1"
ASKS = "assert f(1) == 2"


@pytest.fixture(scope="module")
def engine() -> Iterator[ForkEngine]:
    with ForkEngine() as one:
        yield one


def marks(graded: Graded) -> dict[str, tuple[float | None, list[str]]]:
    """Score and kinds of flags of each task."""
    return {task.grade_id: (task.score, [flag.key for flag in task.flags]) for task in graded.tasks}


def hand_in(engine: ForkEngine, source: list[Any], mine: list[Any], **files: bytes) -> Graded:
    """Grade `mine` for the lab `source`."""
    return engine.grade(Work("course", "lab", "amina.k", book(*source), book(*mine), files=files))


def shown(graded: Graded, number: int) -> str:
    """What the code cell `number` printed or showed."""
    cells = json.loads(graded.notebook)["cells"]
    found = [one.get("text") or one.get("evalue") or str(one.get("data")) for one in cells[number]["outputs"]]
    return "".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline", "%matplotlib notebook", "%matplotlib agg", "%matplotlib", "%pylab inline",
        "%config InlineBackend.figure_format = 'retina'", "%load_ext autoreload\n%autoreload 2", "%env", "%cd /tmp",
        "%time sum(range(9))", "%prun sum(range(3))", "!echo hi", "files = !ls", "len?", "import sys, os, json, logging",
        "import gc; gc.collect()", "try:\n    import google.colab\nexcept ImportError:\n    pass",
        "eval('1 + 2')", "exec('y = 3')", "import threading\nt = threading.Thread(target=print)\nt.start(); t.join()",
        "import asyncio\nawait asyncio.sleep(0)", "import subprocess\nsubprocess.run(['echo', 'hi'])",
        "from dataclasses import dataclass\n@dataclass(frozen=True, order=True)\nclass P:\n    x: int = 0\nP(1) < P(2)",
        "class Q:\n    def __eq__(self, other): return True\nassert Q() == 3", "print('x', file=sys.stderr) if 0 else None",
        "import pickle\npickle.loads(pickle.dumps({'a': [1]}))", "globals()['z'] = 1", "names = [n for n in globals()]",
        "for name in ('mean', 'sum'):\n    import numpy as np\n    getattr(np.arange(3), name)()",
        "def deep(n): return deep(n + 1)\ntry:\n    deep(0)\nexcept RecursionError:\n    pass",
    ],
)  # fmt: skip
def test_an_ordinary_line_costs_no_mark_and_raises_no_flag(engine: ForkEngine, line: str) -> None:
    source = [answer("a", EASY), test("t", ASKS, 2)]
    graded = hand_in(engine, source, [answer("a", f"{line}\n{EASY}"), test("t", ASKS, 2)])
    assert marks(graded) == {"t": (2.0, [])}


def test_what_a_shell_line_prints_is_shown(engine: ForkEngine) -> None:
    graded = grade(
        engine, cell("word = 'day'\n!echo good {word}; exit 3\nprint(_exit_code)"), test("t", "assert True")
    )
    assert shown(graded, 0) == "good day\n3\n"


def test_input_is_refused_with_a_sentence(engine: ForkEngine) -> None:
    assert "Put the value into the cell instead." in shown(grade(engine, cell("input('n?')")), 0)


def test_a_name_that_a_hidden_test_imports_is_there_for_the_next_test(engine: ForkEngine) -> None:
    hidden = (
        "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nimport math\nlimit = math.floor(2.5)\n### END HIDDEN TESTS"
    )
    tests = [test("t1", hidden), test("t2", "assert f(1) == limit and math.pi > 3")]
    graded = hand_in(engine, [answer("a", EASY), *tests], [answer("a", f"import ctypes\n{EASY}"), *tests])
    assert marks(graded) == {"t1": (1.0, []), "t2": (1.0, [])}


def test_what_a_teachers_cell_changes_is_no_change_of_the_learners(engine: ForkEngine) -> None:
    lab = [
        cell("table = {'a': 1}", "g", locked=True),
        answer("a", EASY),
        cell("table['b'] = 2", "h", locked=True),
    ]
    asks = test("t", "assert f(1) == table['b']")
    assert marks(hand_in(engine, [*lab, asks], [*lab, asks])) == {"t": (1.0, [])}


def test_a_functions_own_names_are_not_the_teachers(engine: ForkEngine) -> None:
    given = cell("def area(width):\n    height = 2\n    return width * height", "g", locked=True)
    later = cell("height = 5", "h", locked=True)
    lab = [given, answer("a", f"height = 1\n{EASY}"), later, test("t", "assert area(f(1)) == 4")]
    assert marks(hand_in(engine, lab, lab)) == {"t": (1.0, [])}


def test_a_module_of_the_lab_may_be_named_by_a_relative_path(engine: ForkEngine) -> None:
    lab = [
        answer("a", f"import sys\nsys.path.append('./code')\nimport tools\n{EASY}"),
        test("t", "assert tools.two == f(1)"),
    ]
    graded = hand_in(engine, lab, lab, **{"code/tools.py": b"two = 2\n"})
    assert marks(graded) == {"t": (1.0, [])}


@pytest.mark.parametrize(
    ("solves", "score"), [("return np.linalg.inv(m)", 0.0), ("return np.linalg.pinv(m)", 1.0)]
)
def test_a_function_that_the_teacher_forbids_stays_forbidden(
    engine: ForkEngine, solves: str, score: float
) -> None:
    ban = "import numpy as np\ndef banned(*_):\n    raise RuntimeError('banned')\nnp.linalg.inv = banned"
    asks = test("t", "assert np.allclose(solve(np.eye(2)), np.eye(2))")
    lab = [cell(ban, "g", locked=True), answer("a", f"def solve(m):\n    {solves}"), asks]
    right = [lab[0], answer("a", "def solve(m):\n    return m"), asks]
    assert marks(hand_in(engine, right, lab)) == {"t": (score, [])}


def test_a_picture_may_be_the_result_of_a_cell_and_of_a_test(engine: ForkEngine) -> None:
    picture = "from PIL import Image\nImage.new('RGB', (2, 2))"
    lab = [answer("a", f"{EASY}\n{picture}"), test("t", picture)]
    graded = hand_in(engine, lab, lab)
    assert marks(graded) == {"t": (1.0, [])}
    assert "image/png" in shown(graded, 0)


def test_programs_in_answers_and_in_the_teachers_cells_are_no_reason_to_flag(engine: ForkEngine) -> None:
    lab = [
        cell("%%bash\necho umwe > word.txt", "g", locked=True),
        answer("a", EASY),
        answer("b", "%%bash --out said\ncat word.txt"),
        test("t", "assert f(1) == 2 and said == 'umwe\\n'"),
    ]
    assert marks(hand_in(engine, lab, lab)) == {"t": (1.0, [])}


def test_a_number_over_the_points_of_its_test_earns_nothing_and_is_flagged(engine: ForkEngine) -> None:
    lab = [answer("a", EASY), test("t", "f(1)", 2), test("u", "f(0) * 2", 2)]
    mine = [answer("a", EASY.replace("1", "3")), *lab[1:]]
    assert marks(hand_in(engine, lab, lab)) == {"t": (2.0, []), "u": (2.0, [])}
    assert marks(hand_in(engine, lab, mine)) == {
        "t": (0.0, ["impossible-mark"]),
        "u": (0.0, ["impossible-mark"]),
    }


def test_lines_of_windows_are_lines(engine: ForkEngine) -> None:
    source = [answer("a", EASY), test("t", ASKS, 2)]
    text = f"%matplotlib inline\nwords = !echo umwe\n{EASY}\nprint(words)".replace("\n", "\r\n")
    graded = hand_in(engine, source, [answer("a", text), test("t", ASKS.replace("\n", "\r\n"), 2)])
    assert marks(graded) == {"t": (2.0, [])}
    assert shown(graded, 0) == "['umwe']\n"


def test_a_notebook_that_shows_without_end_keeps_the_first_thousand_outputs(engine: ForkEngine) -> None:
    graded = grade(
        engine,
        cell("from IPython.display import display\nfor i in range(3000):\n    display(i)"),
        test("t", "assert 1"),
    )
    outputs = json.loads(graded.notebook)["cells"][0]["outputs"]
    assert len(outputs) == 1000
    assert outputs[-1]["data"]["text/plain"].startswith("Only the first 1000 outputs")
    assert graded.tasks[0].score == 1


def test_three_endless_cells_cost_one_submission_its_time_and_no_more(engine: ForkEngine) -> None:
    endless = [cell("while True:\n    pass") for _ in range(3)]
    graded = grade(engine, *endless, test("t", "assert True"), wall=4.0, task_wall=2.0)
    assert graded.wall_seconds < 20
    assert "your whole notebook took more than 4 seconds" in str(graded.tasks[0].message)


def test_after_a_stopped_cell_the_rest_of_a_long_submission_has_less(
    engine: ForkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission_clock, "AFTER_STOP", 4.0)
    endless = [cell("import sys\nwhile True:\n    pass") for _ in range(3)]
    graded = grade(engine, *endless, test("t", "assert True"), wall=300.0, task_wall=2.0)
    assert graded.wall_seconds < 20
    assert "from its start your notebook had 4 seconds" in str(graded.tasks[0].message)


@pytest.mark.parametrize("seconds", [2.0, 30.0])
def test_a_cell_that_hears_no_interrupt_is_told_which_limit_ended_it(
    engine: ForkEngine, seconds: float
) -> None:
    deaf = cell(
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    )
    graded = grade(engine, deaf, test("t", "assert True"), wall=2.0, task_wall=seconds)
    assert "your whole notebook took more than 2 seconds" in str(graded.tasks[0].message)


PEEK = (
    "import subprocess\n"
    "r = subprocess.run(['sh', '-c', 'cat /proc/$PPID/environ /proc/$PPID/mem'], capture_output=True, text=True)\n"
    "print(r.returncode != 0, 'denied' in r.stderr, r.stdout == '')"
)


def test_a_program_that_a_notebook_starts_cannot_look_into_its_memory(engine: ForkEngine) -> None:
    assert shown(grade(engine, cell(PEEK)), 0) == "True True True\n"


def test_a_process_that_a_notebook_forks_can_neither_hear_nor_answer_for_it(engine: ForkEngine) -> None:
    forked = (
        "import os\npid = os.fork()\n"
        "if pid == 0:\n"
        "    sockets = [n for n in os.listdir('/proc/self/fd') if 'socket' in os.path.realpath(f'/proc/self/fd/{n}')]\n"
        "    os._exit(len(sockets))\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))"
    )
    alone = shown(grade(engine, cell(forked)), 0)
    here = "import os\nprint(sum('socket' in os.path.realpath(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')))"
    assert int(alone) == int(shown(grade(engine, cell(here)), 0)) - 1
