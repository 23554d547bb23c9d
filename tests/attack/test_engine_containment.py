"""One notebook never harms another, and none sees more than its own cells."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graders.contract.work_contract import Outcome, Work
from graders.engine.fork_engine import ForkEngine
from tests.support.small_notebooks import answer, book, cell, grade, scores, shown, test

ENDINGS = [
    ("import os\nos._exit(0)", "ended the whole notebook"),
    ("import os\nos.closerange(3, 200)", "ended the whole notebook"),
    ("import ctypes\nctypes.string_at(0)", "crashed Python itself"),
    ("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", None),
    ("while True:\n    pass", "Stopped after 4 seconds"),
    (
        "try:\n    while True:\n        pass\nexcept KeyboardInterrupt:\n    while True:\n        pass",
        "Stopped after 4 seconds",
    ),
    ("import asyncio\nawait asyncio.sleep(60)", "Stopped after 4 seconds"),
    ("def f():\n    return f()\nf()", None),
    ("x = 'a' * (4 << 30)", None),
    ("while True:\n    print('x' * 10000)", "Stopped after 4 seconds"),
    ("import os\nwhile True:\n    os.write(1, b'x' * 100000)", None),
    ("import os\nfor _ in range(500):\n    if os.fork() == 0:\n        import time; time.sleep(60)", None),
    ("import sys\nsys.setrecursionlimit(10**9)\ndef f():\n    return [f()]\nf()", None),
    ("with open('/tmp/big', 'wb') as f:\n    for _ in range(1000):\n        f.write(b'x' * (1 << 20))", None),
    ("import os\nfor n in range(200000):\n    open(f'/tmp/f{n}', 'w').close()", None),
    ("exit()", None),
    ("import sys\nsys.exit(3)", None),
]


@pytest.mark.parametrize(("hostile", "sentence"), ENDINGS)
def test_the_tasks_before_and_after_a_hostile_cell_keep_their_scores(
    engine: ForkEngine, hostile: str, sentence: str | None
) -> None:
    graded = grade(
        engine, answer("a", "x = 1"), test("a_test", "assert x == 1"), answer("b", hostile),
        answer("c", "y = 2"), test("c_test", "assert x + y == 3"), task_wall=4.0, wall=60.0,
    )  # fmt: skip
    assert scores(graded) == {"a_test": 1, "c_test": 1}
    if sentence:
        assert sentence in json.dumps(shown(graded)[2])


def test_a_test_that_never_ends_gets_its_sentence_and_no_marks(engine: ForkEngine) -> None:
    graded = grade(
        engine, answer("a", "def f():\n    while True:\n        pass"), test("t", "f()"), task_wall=1.0
    )
    (task,) = graded.tasks
    assert (task.outcome, task.score) == (Outcome.NOT_YET, 0)
    assert str(task.message) == "Stopped after 1 second. Look for a loop that never ends, then submit again."


def test_many_processes_together_stay_within_the_memory_limit(engine: ForkEngine) -> None:
    bomb = """import os, time
for _ in range(20):
    if os.fork() == 0:
        x = bytearray(100 << 20)
        for i in range(0, len(x), 4096):
            x[i] = 1
        time.sleep(60)
time.sleep(60)"""
    graded = grade(engine, answer("a", bomb), test("t", "assert True"), memory=400 << 20, task_wall=10.0)
    assert "needed more than 400 MiB" in json.dumps(shown(graded)[0])


def test_processor_time_of_the_whole_notebook_is_limited(engine: ForkEngine) -> None:
    graded = grade(
        engine, answer("a", "while True:\n    pass"), test("t", "assert True"), cpu=2.0, task_wall=20.0
    )
    assert "all of its 2 seconds of processor time" in json.dumps(shown(graded)[0])


PROBES = [
    ("import socket\nsocket.socket(socket.AF_INET)", "Address family not supported"),
    ("import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", "Address family not supported"),
    ("import ctypes, os\nl = ctypes.CDLL(None, use_errno=True)\nprint(l.unshare(0x10000000), os.strerror(ctypes.get_errno()))",
     "-1 Operation not permitted"),
    ("import ctypes, os\nl = ctypes.CDLL(None, use_errno=True)\nprint(l.mount(b'x', b'/tmp', b'tmpfs', 0, 0), os.strerror(ctypes.get_errno()))",
     "-1 Operation not permitted"),
    ("import ctypes, os\nl = ctypes.CDLL(None, use_errno=True)\nprint(l.ptrace(16, 1, 0, 0), os.strerror(ctypes.get_errno()))",
     "-1 Operation not permitted"),
    ("open('/usr/x', 'w')", "Read-only file system"),
    ("print([l for l in open('/proc/self/status') if l.startswith('CapEff')])", "0000000000000000"),
    ("print([l for l in open('/proc/self/status') if l.startswith(('NoNewPrivs', 'Seccomp:'))])", "NoNewPrivs:\\\\t1"),
    ("import os\nprint(os.listdir('/proc/1/root/') and sorted(p for p in os.listdir('/proc') if p.isdigit()))", "['1']"),
    ("import os\nprint(os.getuid(), os.path.exists('/boot'), os.path.exists('/media'), os.path.exists('/etc/shadow'))",
     "1000 False False False"),
    ("import os\nos.setuid(0)", "Invalid argument"),
    ("open('/dev/sda')", "No such file"),
    ("import subprocess\nprint(subprocess.run(['ip', 'link'], capture_output=True, text=True).stderr)", ""),
]  # fmt: skip


@pytest.mark.parametrize(("probe", "answer_"), PROBES)
def test_the_kernel_refuses_what_a_notebook_has_no_business_with(
    engine: ForkEngine, probe: str, answer_: str
) -> None:
    assert answer_ in json.dumps(shown(grade(engine, answer("a", probe)))[0])


def test_a_notebook_sees_nothing_of_ours_in_its_environment_or_memory(
    engine: ForkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISOMO_SECRET", "never-to-be-seen")
    look = "import os\nprint(sorted(os.environ))\nprint(sorted(os.listdir('/proc/self/fd')))"
    text = json.dumps(shown(grade(engine, cell(look)))[0])
    assert "SECRET" not in text
    assert "['0', '1', '2'" in text


SECRET = "ubwenge-"
SEARCH = """import ctypes, re
found = 0
for line in open('/proc/self/maps'):
    span, rights = line.split()[:2]
    if rights.startswith('rw') and '[v' not in line:
        low, high = (int(x, 16) for x in span.split('-'))
        found += len(re.findall(b'ubwenge-[0-9a-f]{16}', ctypes.string_at(low, high - low)))
print('found', found)"""
"""Looks through all of a process's memory, without the file that the kernel has for it."""


def learners(engine: ForkEngine, source: str) -> str:
    """What a learner's own cell showed, where the teacher's notebook has another."""
    teachers = book(answer("a", "pass"))
    return json.dumps(shown(grade(engine, answer("a", source), source=teachers, memory=4 << 30))[0])


def test_the_template_leaks_nothing_of_an_earlier_submission_to_a_later_one(engine: ForkEngine) -> None:
    secret = SECRET + os.urandom(8).hex()
    for _ in range(3):
        grade(engine, answer("a", f"x = '{secret}'"), test("t", f"assert x == '{secret}'"))
    assert "found 0" in learners(engine, SEARCH)


def test_a_search_of_its_memory_finds_what_a_submission_holds_itself(engine: ForkEngine) -> None:
    """Or the test above could not fail."""
    said = learners(engine, f"x = '{SECRET}' + '{os.urandom(8).hex()}'\n{SEARCH}")
    assert re.search("found [1-9]", said)


def test_processes_that_share_what_the_template_imported_do_not_use_up_a_notebooks_memory(
    engine: ForkEngine,
) -> None:
    pool = """import multiprocessing, time
def work(x):
    time.sleep(0.7)
    return 2 * x
with multiprocessing.Pool(7) as pool:
    doubled = pool.map(work, range(7))"""
    graded = grade(engine, answer("a", pool), test("t", "assert doubled[6] == 12"))
    assert scores(graded) == {"t": 1}, shown(graded)


def test_a_test_that_runs_in_a_copy_does_not_use_up_a_notebooks_memory(engine: ForkEngine) -> None:
    """What the copy and the notebook share is counted for neither, also below a lab's own template."""
    careful = "import gc, time\ngc.get_objects()"
    slow = "import time; time.sleep(0.7)\nassert True\n### BEGIN HIDDEN TESTS\nassert x == 1\n### END HIDDEN TESTS"
    graded = grade(engine, answer("a", f"{careful}\nx = 1"), test("t", slow), memory=256 << 20)
    assert scores(graded) == {"t": 1}, shown(graded)


@pytest.mark.parametrize("file", ["/proc/self/mem", "/proc/1/mem"])
def test_a_learners_code_cannot_open_the_memory_of_its_process(engine: ForkEngine, file: str) -> None:
    assert f"Permission denied: '{file}'" in learners(engine, f"open('{file}', 'rb')")


def test_a_program_that_a_learners_code_starts_cannot_read_the_notebooks_memory(engine: ForkEngine) -> None:
    start = (
        "import subprocess\nprint(subprocess.run(['head', '-c1', '/proc/1/mem'], capture_output=True).stderr)"
    )
    assert "Permission denied" in learners(engine, start)


def test_two_notebooks_at_once_do_not_see_each_others_files_or_processes(engine: ForkEngine) -> None:
    import threading

    first = threading.Thread(
        target=grade, args=(engine, cell("open('/tmp/mine', 'w').write('x')\nimport time\ntime.sleep(2)"))
    )
    first.start()
    time.sleep(0.7)
    look = "import os\nprint(os.path.exists('/tmp/mine'), [p for p in os.listdir('/proc') if p.isdigit()])"
    text = json.dumps(shown(grade(engine, cell(look)))[0])
    first.join()
    assert "False ['1']" in text


def test_a_notebook_that_draws_at_random_draws_anew_and_one_that_seeds_draws_the_same(
    engine: ForkEngine,
) -> None:
    for draw, seed in (
        ("import random\nprint(random.random())", "random.seed(7)"),
        ("import numpy as np\nprint(np.random.rand())", "np.random.seed(7)"),
    ):
        free = {grade(engine, answer("a", draw)).notebook for _ in range(2)}
        assert len(free) == 2
        seeded = draw.replace("\n", f"\n{seed}\n")
        same = {grade(engine, answer("a", seeded)).notebook for _ in range(2)}
        assert len(same) == 1


def test_a_seed_holds_for_a_test_that_runs_in_a_copy(engine: ForkEngine) -> None:
    """Which is where tests run after code that reaches for the machinery."""
    seeded = "import random, numpy as np, gc\ngc.get_objects()\nrandom.seed(7); np.random.seed(7)"
    hidden = (
        "assert 0 <= random.random() <= 1\n### BEGIN HIDDEN TESTS\n"
        "import random as fresh\nfirst = fresh.Random(7); first.random()\n"
        "assert random.random() == first.random()\n### END HIDDEN TESTS"
    )
    source = book(answer("a", "import random"), test("t", hidden))
    graded = grade(engine, answer("a", seeded), test("t", hidden), source=source)
    assert graded.tasks[0].score == 1
    assert graded.tasks[0].flags == ()


def test_nothing_is_left_running_after_a_notebook_that_hid_processes(engine: ForkEngine) -> None:
    name = f"isomo{os.getpid()}"
    hide = f"import subprocess\nsubprocess.Popen(['setsid', 'sh', '-c', 'exec -a {name} sleep 300'])"
    grade(engine, cell(hide.replace("'sh'", "'bash'")))
    time.sleep(0.3)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False).stdout
    assert name not in listed


def test_ended_supervisor_takes_every_sandbox_with_it(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from graders.engine.sandbox_supervisor import Room, Template; from graders.contract.work_contract import Limits\n"
        "t = Template(Room(preload=())).start(); t.spawn(Limits()); print(t.pid, flush=True); time.sleep(60)\n"
    )
    import sys

    process = subprocess.Popen(
        [sys.executable, str(script), str(Path(__file__).resolve().parents[2])],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    template = int(process.stdout.readline())
    process.kill()
    process.wait()
    for _ in range(50):
        if not Path(f"/proc/{template}").exists():
            return
        time.sleep(0.1)
    pytest.fail("the template outlived its supervisor")


def test_hidden_tests_do_not_stay_behind_for_code_that_could_look(engine: ForkEngine) -> None:
    hidden = "x\n### BEGIN HIDDEN TESTS\nassert x == 1, 'ibanga-4711'\n### END HIDDEN TESTS\n"
    look = """import gc, sys
print([s for s in gc.get_objects() if 'ibanga' in str(s)[:100000]][:1])
print([s for s in In if 'ibanga' in s])"""
    source = book(answer("a", ""), test("t", hidden), answer("b", ""))
    graded = grade(
        engine, answer("a", "import sys\nx = 1"), test("t", hidden), answer("b", look), source=source
    )
    assert scores(graded) == {"t": 1}
    printed = json.dumps(shown(graded)[2])
    assert "4711" not in printed


def test_a_machine_that_forbids_namespaces_is_told_so_and_nothing_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from graders.contract.work_contract import EngineError
    from graders.engine import sandbox_supervisor

    refusing = "import json, socket, sys; s = socket.socket(fileno=int(sys.argv[1])); s.recv(99999); s.send(json.dumps({'refused': 'OSError: unshare: Operation not permitted'}).encode())"
    monkeypatch.setattr(sandbox_supervisor, "START", refusing)
    with pytest.raises(
        EngineError, match=r"does not allow the grading sandbox.*unshare: Operation not permitted"
    ):
        sandbox_supervisor.Template().start()


def test_an_unreadable_submission_is_a_sentence_and_not_a_failure_of_ours(engine: ForkEngine) -> None:
    from graders.contract.work_contract import Work

    source = book(answer("a", "x = 1"), test("t", "assert x == 1"))
    graded = engine.grade(Work("c", "l", "amina.k", source, b"{broken"))
    assert graded.problem == graded.tasks[0].message
    assert graded.problem is not None
    assert str(graded.problem).startswith("This file is not a notebook")


def test_it_works_from_a_checkout_below_tmp_and_a_notebook_still_has_tmp_to_itself(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    for name in ("graders", "labs"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "[0-9]*"))
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from graders.contract.work_contract import Limits\n"
        "from graders.engine.learner_view import learners_room\n"
        "from graders.engine.sandbox_supervisor import Template\n"
        "with Template(learners_room()) as template:\n"
        "    child = template.spawn(Limits())\n"
        "    shown = []\n"
        "    source = 'import os, labs.kit\\nprint(sorted(os.listdir(\"/tmp\")))'\n"
        "    child.ask({'do': 'run', 'cell': 'a', 'source': source}, 30, lambda *one: shown.append(one))\n"
        "    print([one[1]['text'] for one in shown])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.stdout.strip() == "[\"['home', 'work']\\n\"]", done.stderr


@pytest.mark.parametrize("own", [(), ("helper.py",)], ids=["the-labs", "the-learners"])
def test_a_plain_module_beside_the_notebook_is_no_reason_to_flag(
    engine: ForkEngine, own: tuple[str, ...]
) -> None:
    cells = [cell("import helper"), answer("a", "x = helper.ONE"), test("t", "assert x == 1")]
    mine = book(*cells)
    work = Work("c", "lab", "amina.k", mine, mine, files={"helper.py": b"ONE = 1"}, own=frozenset(own))
    (task,) = engine.grade(work).tasks
    assert (task.score, task.flags) == (1, ())
