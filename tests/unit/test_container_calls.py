"""The filter of a grader's container allows what is named and refuses every other Linux call."""

from __future__ import annotations

import pytest

from graders.agent.linux_calls import CONFINING, ORDINARY, container_seccomp

DANGEROUS = """
acct add_key adjtimex bpf clock_settime delete_module fanotify_init finit_module fsmount fsopen init_module
io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie
memfd_secret migrate_pages move_mount move_pages name_to_handle_at open_by_handle_at open_tree perf_event_open
pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace quotactl reboot request_key settimeofday swapon
syslog userfaultfd vhangup
""".split()


def allowed() -> set[str]:
    return {name for rule in container_seccomp()["syscalls"] for name in rule["names"]}


def test_a_call_that_nobody_named_is_refused() -> None:
    assert container_seccomp()["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {rule["action"] for rule in container_seccomp()["syscalls"]} == {"SCMP_ACT_ALLOW"}


@pytest.mark.parametrize("name", DANGEROUS)
def test_a_call_into_kernel_machinery_is_refused(name: str) -> None:
    assert name not in allowed()


def test_a_program_may_work_and_a_sandbox_may_be_made() -> None:
    assert allowed() == ORDINARY | CONFINING | {"socket"}
    assert {"clone", "execve", "mmap", "openat", "seccomp", "unshare", "pivot_root"} <= allowed()


def test_sockets_are_for_ordinary_addresses_only() -> None:
    families = [
        rule["args"][0]["value"] for rule in container_seccomp()["syscalls"] if rule["names"] == ["socket"]
    ]
    assert families == [1, 2, 10, 16]
