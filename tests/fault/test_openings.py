"""What a lab begins with runs once for several learners, and nobody can tell but by the time it takes."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psutil
import pytest

from graders.contract.work_contract import Graded, Work
from graders.engine import notebook_reading, shared_first_cells
from graders.engine.fork_engine import ForkEngine, TeacherCells, steps_of
from tests.support.grading_agent import wait_for
from tests.support.lab_beginnings import BORN, birthplaces, born, given, work
from tests.support.small_notebooks import answer, book, cell, grade, scores, shown, test

pytestmark = pytest.mark.usefixtures("hurried")


def test_from_the_second_submission_on_the_first_cells_are_shared(engine):
    first, second, third = birthplaces(engine, BORN, "more = born + 1")
    assert first != second == third


def test_what_they_show_and_earn_is_the_same_as_without_sharing(engine, monkeypatch):
    cells = [
        given(
            "import pandas as pd\nimport matplotlib.pyplot as plt\nprint('hello')\ntable = pd.DataFrame({'a': [1]})"
        ),
        given("display(table)\nplt.plot([1, 2])\nplt.show()\n_ = table.a.sum()\ntable"),
        answer("a", "def twice(x):\n    print(In[1][:6])\n    return 2 * x"),
        test("t", "assert twice(2) == 4\ntable"),
        answer("b", "table['a'] = 2\n1 / 0"),
        test("u", "assert table.a.sum() == 1"),
    ]
    graded = [grade(engine, *cells) for _ in range(3)]
    monkeypatch.setattr(shared_first_cells, "WORTH", 1 << 30)
    with ForkEngine() as alone:
        expected = grade(alone, *cells)
    assert scores(expected) == {"t": 1, "u": 0}
    for one in graded:
        assert json.loads(one.notebook) == json.loads(expected.notebook)
        assert one.tasks == expected.tasks


def test_what_one_learner_changes_no_other_sees(engine):
    cells = [given(BORN + "\nkept = []"), answer("a", "kept.append(1)"), test("t", "assert kept == [1]")]
    assert [scores(grade(engine, *cells)) for _ in range(4)] == [{"t": 1}] * 4


LEAVES = {
    "a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    "a process": "import subprocess\nrunning = subprocess.Popen(['sleep', '9'])",
    "an open file": "import tempfile\nfile = tempfile.TemporaryFile()",
    "a file": "with open('made.txt', 'w') as file:\n    file.write('x')",
    "another folder": "os.mkdir('/tmp/there')\nos.chdir('/tmp/there')",
    "a generator that nobody can repeat": "import numpy as np\nrng = np.random.default_rng()",
    "a name that nobody can repeat": "import uuid\nname = uuid.uuid4()",
    "a sample by chance": "import pandas as pd\nsample = pd.Series(range(9)).sample(3)",
    "an older generator that nobody can repeat": "import numpy as np\nrng = np.random.RandomState()",
    "Python's generator without a seed": "from random import Random\nrng = Random()",
    "numbers drawn by chance": "import random\nnumber = random.random()",
    "numpy's numbers drawn by chance": "import numpy as np\nnumber = np.random.rand()",
    "a changed library": "import json\njson.dumps = print",
    "a timer": "import signal\nsignal.setitimer(signal.ITIMER_REAL, 60)",
    "a task of the event loop": "import asyncio\ntask = asyncio.ensure_future(asyncio.sleep(60))",
    "a mapped file": "import numpy as np\nmapped = np.memmap('x.bin', mode='w+', shape=3)\nos.remove('x.bin')",
    "an error": "1 / 0",
}


SAME_FOR_ALL = {
    "a split with a seed": "from sklearn.model_selection import train_test_split\nsplit = train_test_split(range(9), random_state=4)",
    "a sample with a seed": "import pandas as pd\nsample = pd.Series(range(9)).sample(3, random_state=4)",
    "a generator with a seed": "import numpy as np\nrng = np.random.default_rng(4)",
    "Python's generator with a seed": "import random\nrng = random.Random(4)",
    "a model": "from sklearn.linear_model import LogisticRegression\nmodel = LogisticRegression().fit([[0], [1]], [0, 1])",
    "trees": "from sklearn.ensemble import RandomForestClassifier\n"
    "model = RandomForestClassifier(3, random_state=4).fit([[0], [1]], [0, 1])",
}


@pytest.mark.parametrize("made", SAME_FOR_ALL)
def test_what_comes_out_the_same_for_everybody_is_shared(engine, made):
    first, second, third = birthplaces(engine, BORN, SAME_FOR_ALL[made])
    assert first != second == third


@pytest.mark.parametrize("left", LEAVES)
def test_cells_that_leave_more_than_memory_behind_run_for_each_learner(engine, left):
    assert len(set(birthplaces(engine, BORN, LEAVES[left]))) == 3


def test_what_the_first_cells_show_may_be_anything_that_a_notebook_shows(engine):
    shows = (
        "import ipywidgets, matplotlib.pyplot as plt, pandas as pd, sys, warnings\n"
        "bar = ipywidgets.IntSlider(description='bar')\ndisplay(bar)\nhandle = display('a', display_id=True)\n"
        "plt.plot([1, 2])\nplt.show()\nprint('x', file=sys.stderr)\nwarnings.warn('look')\npd.DataFrame({'a': [1]})"
    )
    cells = [
        given(BORN),
        given(shows),
        answer("a", "bar.value = 7\nhandle.update('b')\nprint(born)"),
        test("t", "assert bar.value == 7"),
    ]
    graded = [grade(engine, *cells) for _ in range(3)]
    assert [scores(one) for one in graded] == [{"t": 1}] * 3
    first, second, third = (shown(one)[2][0]["text"] for one in graded)
    assert first != second == third
    kinds = [
        [(part["output_type"], sorted(part.get("data", ()))) for part in shown(one)[1]] for one in graded
    ]
    assert kinds[0] == kinds[1] == kinds[2]
    updated = [
        part["data"]["text/plain"] for part in shown(graded[2])[1] if part["output_type"] == "display_data"
    ]
    assert "'b'" in updated
    models = [json.loads(one.notebook)["metadata"]["widgets"] for one in graded]
    values = [
        sorted(str(model["state"].get("value")) for one in each.values() for model in one["state"].values())
        for each in models
    ]
    assert values[0] == values[1] == values[2]
    assert "7" in values[0]


def test_a_generator_that_the_first_cells_set_goes_on_from_there_for_everybody(engine):
    first = "import random\nimport numpy as np\nrandom.seed(4)\nnp.random.seed(4)\n" + BORN
    drawn = "print(random.random(), np.random.rand(), sorted({born}))"
    cells = [given(first), answer("a", drawn), test("t", "assert True")]
    printed = [shown(grade(engine, *cells))[1][0]["text"].split() for _ in range(3)]
    assert len({tuple(one[:2]) for one in printed}) == 1
    assert printed[0][2] != printed[1][2] == printed[2][2]


def test_a_generator_that_nobody_set_draws_for_each_learner_anew(engine):
    drawn = "print(random.random(), np.random.rand())"
    cells = [
        given(f"import random\nimport numpy as np\n{BORN}"),
        answer("a", drawn),
        test("t", "assert born"),
    ]
    printed = [shown(grade(engine, *cells))[1][0]["text"].split() for _ in range(4)]
    assert len({one[0] for one in printed}) == len({one[1] for one in printed}) == 4


def test_files_of_the_lab_are_there_for_the_first_cells_and_for_those_after_them(engine):
    read = f"import pandas as pd\n{BORN}\ntable = pd.read_csv('data.csv')\nimport helper"
    again = "print(born)\nassert pd.read_csv('data.csv').equals(table)\nassert helper.ONE == 1"
    cells = [given(read), answer("a", again), test("t", "assert len(table) == 2")]
    first, second, third = born(
        engine, work(*cells, files={"data.csv": b"a\n1\n2\n", "helper.py": b"ONE = 1\n"})
    )
    assert first != second == third


def test_another_edition_of_a_labs_file_is_another_beginning(engine):
    read = f"{BORN}\ntext = open('data.txt').read()"
    cells = [given(read), answer("a", "print(born)"), test("t", "assert text")]
    for text in (b"one", b"two"):
        answered = [answer("a", "print(text)")]
        found = born(engine, work(cells[0], *answered, cells[2], files={"data.txt": text}))
        assert found == [text.decode()] * 3


def test_where_a_learner_brought_files_the_first_cells_run_for_them_alone(engine):
    cells = [given(BORN), answer("a", "print(born)"), test("t", "assert True")]
    assert len(set(born(engine, work(*cells, files={"mine.txt": b"x"}, own=("mine.txt",))))) == 3


def test_a_learner_who_changed_the_beginning_has_it_run_alone(engine):
    teacher = book(cell(BORN), answer("a", "pass"), test("t", "assert born"))
    learner = book(cell(BORN + "  # mine"), answer("a", "print(born)"), test("t", "assert born"))
    graded = [engine.grade(Work("c", "lab", "amina.k", teacher, learner)) for _ in range(3)]
    assert len({shown(one)[1][0]["text"] for one in graded}) == 3


def test_a_beginning_with_a_hidden_part_is_never_shared(engine):
    hiding = BORN + "\n### BEGIN HIDDEN TESTS\nsecret = 1\n### END HIDDEN TESTS"
    cells = [given(hiding), answer("a", "print(born)"), test("t", "assert True")]
    assert len(set(born(engine, work(*cells, files={})))) == 3


def test_a_beginning_that_never_ends_costs_each_learner_their_time_and_nobody_more(engine):
    cells = [given(BORN + "\nwhile True:\n    pass"), answer("a", "x = 1"), test("t", "assert x == 1")]
    for _ in range(3):
        graded = grade(engine, *cells, task_wall=1.0)
        assert "Stopped after 1 second" in json.dumps(shown(graded)[0])


def test_a_beginning_that_takes_all_memory_is_stopped_and_the_next_lab_is_graded(engine):
    cells = [given(BORN + "\nbig = 'x' * (3 << 30)"), answer("a", "x = 1"), test("t", "assert x == 1")]
    for _ in range(3):
        assert scores(grade(engine, *cells)) == {"t": 1}
    assert scores(grade(engine, answer("a", "x = 1"), test("t", "assert x == 1"))) == {"t": 1}


def test_a_beginning_is_shared_for_a_minute_only(engine, monkeypatch):
    monkeypatch.setattr(shared_first_cells, "SECONDS", 0.0)
    assert len(set(birthplaces(engine, BORN, "minute = 1"))) == 3


def processes(engine: ForkEngine) -> int:
    return len(psutil.Process(engine.template().pid).children(recursive=True))


def test_only_so_many_labs_hold_a_process_and_one_makes_place_after_a_while(monkeypatch):
    monkeypatch.setattr(shared_first_cells, "SETTLED", 600.0)
    most = shared_first_cells.KEPT
    with ForkEngine() as made:

        def share(number: int) -> bool:
            return len(set(birthplaces(made, BORN, f"lab = {number}"))) == 2

        assert [share(lab) for lab in range(most + 1)] == [True] * most + [False]
        # Each is two: one that keeps the namespaces, and the first process in them.
        wait_for(lambda: processes(made) == 1 + 2 * most)
        monkeypatch.setattr(shared_first_cells, "SETTLED", 0.0)
        assert share(most + 1)
        wait_for(lambda: processes(made) == 1 + 2 * most)


def test_they_end_with_the_engine():
    with ForkEngine() as made:
        birthplaces(made, BORN)
        pids = [one.pid for one in psutil.Process(made.template().pid).children(recursive=True)]
        assert len(pids) == 3
    wait_for(lambda: not any(map(psutil.pid_exists, pids)))


def newest(engine: ForkEngine) -> list[psutil.Process]:
    found = psutil.Process(engine.template().pid).children(recursive=True)
    return sorted(found, key=lambda one: one.create_time())


@pytest.mark.parametrize("which", [-1, -2], ids=["the process itself", "the one that keeps its namespaces"])
def test_a_shared_beginning_that_is_killed_is_made_again_and_costs_nobody_a_mark(engine, which):
    first = [BORN, f"which = {which}"]
    before = birthplaces(engine, *first)[-1]
    newest(engine)[which].kill()
    after = birthplaces(engine, *first)
    assert before not in after
    assert after[-1] == after[-2]


def test_one_that_is_killed_while_a_test_runs_costs_nobody_a_mark(engine):
    cells = [
        given(BORN + "\nslow = 1"),
        answer("a", "x = 1"),
        test("t", "import time\ntime.sleep(2)\nassert x == 1"),
    ]
    grade(engine, *cells)
    grade(engine, *cells)
    keeper = newest(engine)[-2]
    found: list[Graded] = []
    running = threading.Thread(target=lambda: found.append(grade(engine, *cells)))
    running.start()
    wait_for(lambda: len(newest(engine)) > 0 and newest(engine)[-1].pid != keeper.pid)
    keeper.kill()
    running.join()
    assert [scores(one) for one in found] == [{"t": 1}]


def test_a_cell_that_ends_its_process_goes_on_from_the_beginning(engine):
    cells = [
        given(BORN + "\nkept = [3]"),
        answer("a", "x = 1"),
        test("t", "assert x == 1"),
        answer("b", "os._exit(1)"),
        answer("c", "y = kept"),
        test("u", "assert (x, y) == (1, [3])"),
    ]
    for _ in range(3):
        assert scores(grade(engine, *cells)) == {"t": 1, "u": 1}


def test_many_at_once_share_it_and_each_gets_their_own_marks(engine):
    def one(number: int) -> None:
        cells = [
            given(BORN + "\nbase = 40"),
            answer("a", f"mine = base + {number}\nprint(born)"),
            test("t", "assert mine == 42"),
        ]
        graded = engine.grade(replace(work(*cells, files={}), learner=f"learner{number}"))
        found[number] = scores(graded)["t"]

    found: dict[int, float | None] = {}
    threads = [threading.Thread(target=one, args=(number % 4,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0: 0, 1: 0, 2: 1, 3: 0}


def test_children_of_a_beginning_are_confined_as_all_others(engine):
    looks = (
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(status['CapEff'].strip(), status['CapBnd'].strip(), status['Seccomp'].strip(),"
        " status['NoNewPrivs'].strip(), os.getpid(), sorted(n for n in os.listdir('/proc') if n.isdigit()),"
        " len(os.listdir('/proc/self/fd')), os.listdir('/tmp'), os.path.exists('/sys'))"
    )
    cells = [given(BORN), answer("a", looks), test("t", "assert True")]
    first, second, third = ((shown(grade(engine, *cells))[1][0]["text"]) for _ in range(3))
    assert first == second == third
    assert first.startswith("0000000000000000 0000000000000000 2 1 1 ['1'] ")


def test_limits_hold_below_a_beginning_too(engine):
    cells = [
        given(BORN + "\ndata = bytes(200 << 20)"),
        answer("a", "x = 1"),
        test("t", "assert x"),
        answer("b", "big = [bytearray(64 << 20) for _ in range(64)]"),
        test("u", "assert len(big) == 64"),
    ]
    for _ in range(3):
        assert scores(grade(engine, *cells, memory=512 << 20)) == {"t": 1, "u": 0}


CALL = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nprint(libc.{}, os.strerror(ctypes.get_errno()))"
LOOKS = [
    ("print([l for l in open('/proc/self/status') if l.startswith('CapEff')])", "0000000000000000"),
    (CALL.format("ptrace(16, 1, 0, 0)"), "-1 Operation not permitted"),
    (CALL.format("mount(b'x', b'/tmp', b'tmpfs', 0, 0)"), "-1 Operation not permitted"),
    (CALL.format("umount2(b'/tmp', 0)"), "-1 Operation not permitted"),
    ("import socket\nsocket.socket(socket.AF_INET)", "Address family not supported"),
    ("open('/usr/x', 'w')", "Read-only file system"),
    ("print(sorted(p for p in os.listdir('/proc') if p.isdigit()))", "['1']"),
    ("print(os.environ.get('ISOMO'), os.path.exists('/etc/shadow'), os.getuid())", "None False 1000"),
]


@pytest.mark.parametrize(("look", "seen"), LOOKS)
def test_a_teachers_first_cells_see_no_more_than_a_notebook_does(engine, monkeypatch, look, seen):
    monkeypatch.setattr(shared_first_cells, "WORTH", 1)
    cells = [given(f"import os\n{look}"), answer("a", "x = 1"), test("t", "assert x == 1")]
    assert seen in json.dumps(shown(grade(engine, *cells))[0])


def at_once(engine: ForkEngine, cells: list[dict[str, Any]], count: int) -> list[str]:
    """What the second cell of so many prints that are graded together, as those of a batch are."""
    source = notebook_reading.read_notebook(book(*cells))
    steps = steps_of(notebook_reading.restore_cells(source, source))
    one, sharing = work(*cells, files={}), TeacherCells(shared_first_cells.opening_sources(source), many=True)
    with ThreadPoolExecutor(count) as pool:
        results = pool.map(lambda _: engine.run(one, steps, frozenset(), given=sharing), range(count))
        return [result.outputs["1"][0]["text"] for result in results]


def test_where_many_are_known_to_come_all_wait_for_the_first_and_share(engine):
    cells = [given(BORN + "\nknown = 1"), answer("a", "print(born)"), test("t", "assert born")]
    assert len(set(at_once(engine, cells, 5))) == 1


def test_where_many_wait_for_one_that_cannot_be_shared_each_runs_it_alone(engine):
    cells = [
        given(BORN + "\nimport uuid\nname = uuid.uuid4()"),
        answer("a", "print(born)"),
        test("t", "assert born"),
    ]
    assert len(set(at_once(engine, cells, 4))) == 4


def test_what_a_test_relies_on_is_compared_though_other_cells_stand_between(engine):
    """Only names that a later cell of the teacher's asks for are remembered; those are, however late it comes."""
    cells = [
        cell("data = [1, 2, 3]\nspare = [4]", "setup", locked=True),
        answer("a", "x = sum(data)"),
        test("t", "assert x == 6"),
        answer("b", "data.append(9)"),
        test("u", "def total():\n    return sum(data)\nassert total() == 15"),
    ]
    teacher = book(*cells[:3], answer("b", "y = 1"), cells[4])
    for _ in range(3):
        first, second = grade(engine, *cells, source=teacher).tasks
        assert first.flags == ()
        assert [(flag.key, flag.what, flag.without) for flag in second.flags] == [
            ("mark-differs", "mutated:data", 0.0)
        ]
