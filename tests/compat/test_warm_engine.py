"""A warm engine makes the next run start sooner, and changes nothing else: marks, words, exit codes, who may use it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.apps import AutogradeApp, NbGraderAPI

from bench import bench_courses
from graders.nbgrader import warm_engine, warm_server, warm_socket
from graders.nbgrader.fork_autograde import ForkAutograde

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
LAB = "area"
RIGHT = "area = lambda a, b: a * b"
SLOW = "import time\ntime.sleep(4)\n" + RIGHT
OFF = "c.ForkAutograde.keep_warm = False\n"
NBGRADER = ("nbgrader", "autograde", LAB)
SCRIPT = ("graders.nbgrader.autograde_script", LAB)


def cell(name: str, source: str, **meta: object) -> nbformat.NotebookNode:
    made = new_code_cell(source, id=name)
    kinds = {"grade": False, "solution": False, "locked": False, "task": False}
    made.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, **kinds, **meta}
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one released lab, without the drop-in's line."""
    folder = tmp_path_factory.mktemp("warm")
    (folder / "source" / LAB).mkdir(parents=True)
    cells = [
        cell("area", f"### BEGIN SOLUTION\n{RIGHT}\n### END SOLUTION", solution=True),
        cell("area-test", "assert area(2, 3) == 6", grade=True, locked=True, points=2),
    ]
    notebook = nbformat.v4.writes(new_notebook(cells=cells, metadata=KERNEL))
    (folder / "source" / LAB / "area.ipynb").write_text(notebook)
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    bench_courses.run_nbgrader(["generate_assignment", LAB], folder)
    return folder


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    return bench_courses.copy_course(made, tmp_path / "course", drop_in=True, keep_warm=True)


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, str]]:
    """An environment with a warm engine."""
    with place() as environment:
        start_engine(environment)
        yield environment


@pytest.fixture
def warm(running: dict[str, str]) -> dict[str, str]:
    """The shared engine at rest: its template is there and free."""
    wait_until(lambda: is_template_free(running))
    wait_until(lambda: not workers(running))
    return running


@pytest.fixture
def alone() -> Iterator[dict[str, str]]:
    """An environment without a warm engine; one that a test leaves there ends with it."""
    with place() as environment:
        yield environment


class place:  # noqa: N801 - read as a verb at its use
    """A private folder for sockets, in /tmp because a socket's path has to be short."""

    def __enter__(self) -> dict[str, str]:
        self._folder = tempfile.mkdtemp(prefix="warm-", dir="/tmp")
        environment = {
            **bench_courses.nbgrader_environment(),
            "XDG_RUNTIME_DIR": self._folder,
            "LC_ALL": "C.UTF-8",
        }
        self._environment = {
            name: value for name, value in environment.items() if name not in ("CI", "SUDO_UID", "PKEXEC_UID")
        }
        return self._environment

    def __exit__(self, *_: object) -> None:
        for lock in Path(self._folder, "isomo").glob("*.lock"):
            path = str(lock)[: -len(".lock")]
            wait_until(lambda path=path: Path(path).exists() or not warm_engine.is_kept(path))
            with closing(socket.socket(socket.AF_UNIX)) as line:
                if line.connect_ex(path) == 0:
                    line.sendall(warm_socket.END)
            wait_until(lambda path=path: not warm_engine.is_kept(path))
        shutil.rmtree(self._folder)


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for what happens in another process; a test that waits in vain has failed."""
    for _ in range(1200):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within a minute")


def address(environment: dict[str, str]) -> Path:
    return Path(warm_socket.socket_address(environment) or "/none")


def start_engine(environment: dict[str, str], idle: float = 600) -> None:
    warm_engine.leave_behind(environment, idle)
    wait_until(address(environment).exists)


def is_template_free(environment: dict[str, str]) -> bool:
    """Whether a borrower would get the template now; gives it back at once."""
    line = warm_socket.connect_engine(environment)
    assert line is not None
    with line:
        line.sendall(warm_socket.TEMPLATE)
        _, lent, _, _ = socket.recv_fds(line, 64, 1)
        for one in lent:
            os.close(one)
        if lent:
            line.sendall(b"k")
    return bool(lent)


def server_pid(environment: dict[str, str]) -> int:
    """The warm process, found without a request; its children have its command line too."""
    path = str(address(environment))
    found = {
        pid: parent for pid, (parent, line) in processes().items() if "warm_server" in line and path in line
    }
    (server,) = (pid for pid, parent in found.items() if parent not in found)
    return server


def processes() -> dict[int, tuple[int, str]]:
    """Every process that runs, with its parent and its command line."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (path / "stat").read_text().rpartition(")")[2].split()[:2]
            line = (path / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if state != "Z":
            found[int(path.name)] = (int(parent), line)
    return found


def children(pid: int) -> dict[int, str]:
    """The processes that `pid` started and that still run, each with its command line."""
    return {one: line for one, (parent, line) in processes().items() if parent == pid}


def template_pid(environment: dict[str, str]) -> int:
    (found,) = (pid for pid, line in children(server_pid(environment)).items() if "sandbox.template" in line)
    return found


def workers(environment: dict[str, str]) -> list[int]:
    """The children that answer requests."""
    return [pid for pid, line in children(server_pid(environment)).items() if "sandbox.template" not in line]


def hand_in(course: Path, answer: str = RIGHT, learner: str = "amina") -> None:
    folder = course / "submitted" / learner / LAB
    folder.mkdir(parents=True, exist_ok=True)
    found = nbformat.read(course / "release" / LAB / "area.ipynb", as_version=4)
    found.cells[0].source = answer
    nbformat.write(found, folder / "area.ipynb")


def turn_off(course: Path) -> None:
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + OFF)


def start(course: Path, environment: dict[str, str], words: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *words], cwd=course, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(course: Path, environment: dict[str, str], *words: str) -> tuple[int, str, str]:
    with start(course, environment, words) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def marks(course: Path) -> dict[str, float | None]:
    return {learner: mark for (learner, _), (mark, *_rest) in bench_courses.gradebook_scores(course).items()}


def shown(course: Path, learner: str = "amina") -> str:
    outputs = nbformat.read(course / "autograded" / learner / LAB / "area.ipynb", 4).cells[0].outputs
    return "".join(one.get("text", "") for one in outputs)


def is_begun(course: Path) -> bool:
    """Whether a run has sanitised the notebook and waits for its sandbox."""
    return (course / "autograded" / "amina" / LAB).exists()


def test_a_warm_run_says_marks_and_writes_what_a_cold_one_does(course, made, tmp_path, warm, alone):
    """Client, environment and folder are the caller's, though another process does the work."""
    alone["CI"] = "true"
    seen = []
    for environment in (alone, warm):
        shutil.rmtree(course, ignore_errors=True)
        bench_courses.copy_course(made, course, drop_in=True, keep_warm=environment is warm)
        config = course / "nbgrader_config.py"
        tell = "import os, sys\nprint(os.environ['TOLD'], os.getcwd(), sys.argv[1:], oct(os.umask(0o27)))\n"
        config.write_text(config.read_text() + tell)
        hand_in(course)
        hand_in(course, "area = max", "bosco")
        result = run(course, {**environment, "TOLD": "été"}, *SCRIPT, "--debug")
        written = sorted(
            (str(one.relative_to(course)), one.stat().st_mode) for one in (course / "autograded").rglob("*")
        )
        seen.append((result[:2], marks(course), written, "Sanitizing" in result[2]))
    assert seen[0] == seen[1]
    assert seen[0][0][0] == 0
    assert "été" in seen[0][0][1]
    assert seen[0][1] == {"amina": 2, "bosco": 0}


def test_nbgrader_autograde_borrows_the_template_and_gives_it_back(course, warm):
    hand_in(course, SLOW)
    template = template_pid(warm)
    with start(course, warm, NBGRADER) as process:
        wait_until(lambda: is_begun(course))
        assert not is_template_free(warm)
        process.communicate(timeout=120)
    assert process.returncode == 0
    assert marks(course) == {"amina": 2}
    wait_until(lambda: is_template_free(warm))
    assert template_pid(warm) == template


def test_two_runs_at_once_do_not_wait_for_each_other(made, tmp_path, warm):
    both = [
        bench_courses.copy_course(made, tmp_path / name, drop_in=True, keep_warm=True)
        for name in ("one", "two")
    ]
    for one in both:
        hand_in(one, SLOW)
    processes = [start(one, warm, SCRIPT) for one in both]
    wait_until(lambda: all(map(is_begun, both)))
    assert len(workers(warm)) == 2
    for process in processes:
        process.communicate(timeout=120)
    assert [process.returncode for process in processes] == [0, 0]
    assert [marks(one) for one in both] == [{"amina": 2}, {"amina": 2}]


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ("c.CourseDirectory.student_id = 7\n", 1),
        ("c.ForkAutograde.workers = 'many'\n", 1),
        ("import sys; sys.exit(7)\n", 7),
        ("import sys; sys.exit('The disk is full.')\n", 1),
        ("1 / 0\n", 0),
        ("c.CourseDirectory.assignment_id = 'other'\n", 1),
    ],
)
def test_an_error_of_the_configuration_ends_a_warm_run_as_a_cold_one(course, warm, alone, config, code):
    alone["CI"] = "true"
    path = course / "nbgrader_config.py"
    path.write_text(path.read_text() + config)
    hand_in(course)
    cold, hot = (run(course, one, *SCRIPT, "--force") for one in (alone, warm))
    assert (cold[0], cold[1]) == (hot[0], hot[1])
    assert hot[0] == code
    assert cold[2].splitlines()[-1:] == hot[2].splitlines()[-1:]


def test_a_submission_that_cannot_be_graded_gives_exit_code_1_and_says_why(course, warm):
    hand_in(course)
    (course / "submitted" / "amina" / LAB / "area.ipynb").write_text("{")
    code, _, said = run(course, warm, *SCRIPT)
    assert code == 1
    assert "Not graded: 1." in said


def test_ctrl_c_ends_the_run_as_it_ends_nbgrader_and_leaves_no_half_of_it(course, warm):
    hand_in(course, SLOW)
    with start(course, warm, SCRIPT) as process:
        wait_until(lambda: is_begun(course))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in said
    assert not is_begun(course)
    hand_in(course)
    assert run(course, warm, *SCRIPT)[0] == 0
    assert marks(course) == {"amina": 2}


@pytest.mark.parametrize("words", [NBGRADER, SCRIPT])
@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_client_takes_its_run_with_it_and_the_next_run_grades(course, warm, words, kind):
    hand_in(course, SLOW)
    with start(course, warm, words) as process:
        wait_until(lambda: is_begun(course))
        process.send_signal(kind)
        process.communicate(timeout=120)
    assert process.returncode == -kind
    wait_until(lambda: not workers(warm))
    assert marks(course).get("amina") is None
    assert run(course, warm, *words)[0] == 0
    assert marks(course) == {"amina": 2}


def test_a_run_that_breaks_off_is_said_and_begun_again_without_the_warm_engine(course, warm):
    hand_in(course, SLOW)
    with start(course, warm, SCRIPT) as process:
        wait_until(lambda: is_begun(course))
        (worker,) = workers(warm)
        os.kill(worker, signal.SIGKILL)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "The warm engine ended in the middle of its work. Grading starts again without it." in said
    assert marks(course) == {"amina": 2}


def test_a_template_that_died_is_replaced_and_costs_no_run(course, warm):
    hand_in(course, SLOW)
    with start(course, warm, SCRIPT) as process:
        wait_until(lambda: is_begun(course))
        os.kill(template_pid(warm), signal.SIGKILL)
        process.communicate(timeout=120)
    assert process.returncode == 0
    assert marks(course) == {"amina": 2}
    wait_until(lambda: is_template_free(warm))


def test_nothing_of_a_request_stays_in_the_warm_processes(course, warm):
    """Law 2: no token, no submission, no gradebook; each request is a child that ended with it."""
    token, secret = f"token{uuid.uuid4().hex}", f"answer{uuid.uuid4().hex}"
    hand_in(course, f"{RIGHT}\nprint('{secret}')")
    assert run(course, {**warm, "JUPYTERHUB_API_TOKEN": token}, *SCRIPT)[0] == 0
    assert shown(course) == f"{secret}\n"
    wait_until(lambda: not workers(warm))
    server = server_pid(warm)
    held = memory(server)
    assert b"graders.nbgrader" in held, "the search finds nothing at all"
    for word in (token, secret, str(course)):
        assert word.encode() not in held
        assert word.encode() not in memory(template_pid(warm))
    opened = [str(one.readlink()) for one in Path(f"/proc/{server}/fd").iterdir()]
    assert not [one for one in opened if str(course) in one]


def memory(pid: int) -> bytes:
    """All that a process can read of its own memory."""
    found = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as file:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_rest = line.split()
            if rights.startswith("rw"):
                begin, end = (int(one, 16) for one in span.split("-"))
                try:
                    file.seek(begin)
                    found.append(file.read(end - begin))
                except OSError:
                    continue
    return b"".join(found)


def test_the_process_that_forks_has_one_thread(warm):
    status = Path(f"/proc/{server_pid(warm)}/status").read_text()
    assert "Threads:\t1\n" in status


def test_the_script_uses_the_sandbox_in_a_course_without_the_drop_ins_line(made, tmp_path, warm, alone):
    alone["CI"] = "true"
    for name, environment in (("cold", alone), ("warm", warm)):
        course = bench_courses.copy_course(made, tmp_path / name, drop_in=False, keep_warm=True)
        look = f"import os\nprint(os.path.exists({str(course / 'gradebook.db')!r}))\n"
        hand_in(course, look + RIGHT)
        assert run(course, environment, *SCRIPT)[0] == 0
        assert shown(course) == "False\n"


def test_a_run_leaves_an_engine_behind_where_a_killed_one_left_its_socket(course, alone):
    hand_in(course)
    path = address(alone)
    with closing(socket.socket(socket.AF_UNIX)) as stale:
        stale.bind(str(path))
    Path(f"{path}.lock").touch()
    assert run(course, alone, *SCRIPT)[0] == 0
    wait_until(lambda: is_answering(alone))
    wait_until(lambda: is_template_free(alone))
    assert marks(course) == {"amina": 2}


def is_answering(environment: dict[str, str]) -> bool:
    line = warm_socket.connect_engine(environment)
    if line is not None:
        line.close()
    return line is not None


@pytest.mark.parametrize("words", [NBGRADER, SCRIPT])
def test_no_engine_is_left_behind_where_a_course_or_ci_forbids_it(course, alone, words):
    hand_in(course)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("c.ForkAutograde.keep_warm = True\n", ""))
    assert run(course, {**alone, "CI": "true"}, *words)[0] == 0
    turn_off(course)
    assert run(course, alone, *words, "--force")[0] == 0
    assert list(Path(alone["XDG_RUNTIME_DIR"]).rglob("*.lock")) == []


def test_a_course_that_turns_it_off_ends_the_engine_that_another_course_left(course, alone):
    start_engine(alone)
    turn_off(course)
    hand_in(course)
    assert run(course, alone, *SCRIPT)[0] == 0
    assert marks(course) == {"amina": 2}
    wait_until(lambda: not warm_engine.is_kept(str(address(alone))))
    assert list(address(alone).parent.iterdir()) == []


def test_an_idle_engine_ends_and_takes_template_and_socket_with_it(alone):
    start_engine(alone, idle=2)
    server, template = server_pid(alone), template_pid(alone)
    wait_until(
        lambda: not Path(f"/proc/{template}").exists() and not warm_engine.is_kept(str(address(alone)))
    )
    assert children(server) == {}
    assert list(address(alone).parent.iterdir()) == []


def test_two_versions_have_an_engine_each(warm, monkeypatch):
    """A package that was upgraded, another Python setting or a module of ours that changed is another engine."""
    first = address(warm)
    other = {**warm, "PYTHONHASHSEED": "7"}
    start_engine(other)
    assert address(other) != first
    assert server_pid(other) != server_pid(warm)
    monkeypatch.setattr(warm_socket, "_packages", lambda path: [path, 1, ["nbgrader-0.9.7.dist-info"]])
    assert address(warm) != first
    monkeypatch.undo()
    monkeypatch.setattr(warm_socket, "_files", lambda path: [(str(path), 1)])
    assert address(warm) != first
    monkeypatch.undo()
    assert address(warm) == first


def test_a_second_engine_for_the_same_place_ends_at_once(warm):
    warm_server.main(str(address(warm)), 600)
    assert is_answering(warm)


def test_a_client_uses_no_engine_of_another_user(warm, monkeypatch):
    path = str(address(warm))
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert address(warm) == Path("/none")
    monkeypatch.setattr(warm_socket, "socket_address", lambda _: path)
    assert warm_socket.connect_engine(warm) is None


def test_formgraders_button_and_other_programs_neither_borrow_nor_leave_an_engine(warm, monkeypatch):
    monkeypatch.setattr(os, "environ", dict(warm))
    command = ["/usr/bin/nbgrader", "autograde", LAB]
    cases = [
        (AutogradeApp(), command, True),
        (NbGraderAPI(), command, False),
        (AutogradeApp(), ["pytest"], False),
    ]
    for parent, words, is_lent in cases:
        monkeypatch.setattr(sys, "argv", words)
        engine = ForkAutograde(parent=parent).lent_engine()
        assert (engine is not None) == is_lent
        if engine is not None:
            engine.close()
            warm_engine.here.template._line.close()  # type: ignore[union-attr]
