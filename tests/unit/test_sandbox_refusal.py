"""A machine that forbids the sandbox is named its cause and the command that changes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.engine import sandbox_check, sandbox_refusal
from graders.nbgrader import drop_in

DENIED = "PermissionError: [Errno 1] unshare: Operation not permitted"
FULL = "OSError: [Errno 28] unshare: No space left on device"
FILTERED = """
import errno, sys
import pyseccomp as sc
rules = sc.SyscallFilter(sc.ALLOW)
rules.add_rule(sc.ERRNO(errno.EPERM), "unshare")
rules.load()
from graders.engine import sandbox_check
sys.exit(sandbox_check.main())
"""


STRICT = "import os, sys; os.umask(0o077); from graders.engine import sandbox_check; sys.exit(sandbox_check.main())"


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("name", "value", "reason", "fix"),
    [
        ("user/max_user_namespaces", "0", FULL, "sysctl -w user.max_user_namespaces=15000"),
        ("kernel/unprivileged_userns_clone", "0", DENIED, "sysctl -w kernel.unprivileged_userns_clone=1"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "PermissionError: [Errno 13] mount /: Permission denied",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ],
)
def test_a_kernel_setting_that_forbids_namespaces_is_named_with_its_command(
    tmp_path, name, value, reason, fix
):
    write(tmp_path, f"proc/sys/{name}", f"{value}\n")
    said = sandbox_refusal.explain_refusal(reason, tmp_path, "Linux")
    assert said.facts["messages"][0] == message_facts.sandbox_refused(reason)
    assert str(said).endswith(fix)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user/max_user_namespaces", "15000"),
        ("kernel/unprivileged_userns_clone", "1"),
        ("kernel/apparmor_restrict_unprivileged_userns", "0"),
    ],
)
def test_a_kernel_setting_that_allows_namespaces_is_not_blamed(tmp_path, name, value):
    write(tmp_path, f"proc/sys/{name}", f"{value}\n")
    assert sandbox_refusal.find_advice(DENIED, tmp_path, "Linux") == [Message("cause-unknown")]


@pytest.mark.parametrize(
    ("name", "text"),
    [(".dockerenv", ""), ("run/.containerenv", ""), ("proc/self/status", "Name:\tpython\nSeccomp:\t2\n")],
)
def test_in_a_container_the_options_of_docker_are_named(tmp_path, name, text):
    write(tmp_path, name, text)
    (advice,) = sandbox_refusal.find_advice(DENIED, tmp_path, "Linux")
    assert "--security-opt seccomp=unconfined" in str(advice)
    assert "--security-opt systempaths=unconfined" in str(advice)


def test_each_of_two_causes_is_named(tmp_path):
    write(tmp_path, "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
    write(tmp_path, ".dockerenv", "")
    advice = sandbox_refusal.find_advice(DENIED, tmp_path, "Linux")
    assert advice == [Message("apparmor-forbids"), Message("container-forbids")]


def test_a_process_without_a_filter_is_in_no_container(tmp_path):
    write(tmp_path, "proc/self/status", "Seccomp:\t0\nSeccomp_filters:\t0\n")
    assert not sandbox_refusal.is_contained(tmp_path)


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("ModuleNotFoundError: No module named 'pyseccomp'", Message("bindings-missing")),
        ("RuntimeError: Unable to find libseccomp", Message("libseccomp-missing")),
        ("OSError: [Errno 38] mount_setattr: Function not implemented", Message("kernel-too-old")),
        ("no answer", Message("cause-unknown")),
    ],
)
def test_what_is_missing_is_named_with_how_to_get_it(tmp_path, reason, advice):
    write(tmp_path, ".dockerenv", "")
    assert sandbox_refusal.find_advice(reason, tmp_path, "Linux") == [advice]


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_another_system_than_linux_is_told_that_it_needs_linux(system):
    assert str(sandbox_check.check_sandbox(system)).endswith(str(message_facts.not_linux(system)))


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_on_another_system_than_linux_autograding_refuses_and_never_runs_the_stock_engine(system):
    from nbgrader.converters.base import NbGraderException

    converter = drop_in._converter(system)
    with pytest.raises(NbGraderException, match=f"needs Linux, and this machine runs {system}"):
        converter.convert_notebooks(converter.__new__(converter))


def test_a_drop_in_that_cannot_be_used_ends_nbgrader_which_would_go_on_with_its_own_engine(monkeypatch):
    def broken(_system: str) -> None:
        raise RuntimeError("no such function")

    monkeypatch.setattr(drop_in, "_converter", broken)
    with pytest.raises(SystemExit, match=r"nothing was graded \(RuntimeError: no such function\)"):
        drop_in.install()


def test_where_the_kernel_refuses_unshare_the_check_says_so_and_how_to_fix_it():
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", FILTERED], cwd=root, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "unshare: Operation not permitted" in done.stdout
    assert str(Message("container-forbids")) in done.stdout


def test_the_check_speaks_the_language_of_the_terminal(monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    said = str(sandbox_check.check_sandbox("Darwin"))
    assert said.startswith("Cette machine n’autorise pas le bac à sable")
    assert "Darwin" in said


def test_where_the_sandbox_works_the_check_says_so(capsys):
    assert sandbox_check.main() == 0
    assert capsys.readouterr().out == "This machine can run the grading sandbox.\n"


def test_a_strict_umask_of_the_caller_does_not_forbid_the_sandbox() -> None:
    """Root has 077 on many servers; the jail's own folders stay open to the user inside."""
    done = subprocess.run([sys.executable, "-c", STRICT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "This machine can run the grading sandbox.\n")
