"""Seccomp filter of the sandbox: the kernel refuses what no notebook needs.

A list of refused calls rather than of allowed ones: scientific libraries use nearly everything that is
harmless, and namespaces, an empty network and no capabilities already prevent the rest.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import tempfile
from collections.abc import Collection
from typing import NamedTuple

from graders.sandbox import kernel_calls

# The calls in the last line are no holes; they give memory and processes that no limit of ours counts: files
# without a name, System V and POSIX queues and segments, separate sessions.
REFUSED = """
acct add_key adjtimex bpf chroot clock_adjtime clock_settime create_module delete_module fanotify_init
finit_module fsconfig fsmount fsopen fspick get_kernel_syms init_module io_uring_enter io_uring_register
io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind memfd_secret migrate_pages
mount mount_setattr move_mount move_pages name_to_handle_at nfsservctl open_by_handle_at open_tree
perf_event_open personality pidfd_getfd pidfd_open pivot_root process_madvise process_mrelease process_vm_readv
process_vm_writev ptrace query_module quotactl quotactl_fd reboot request_key seccomp set_mempolicy
setdomainname sethostname setns settimeofday stime swapoff swapon sysfs syslog umount umount2 unshare
uselib userfaultfd ustat vhangup vm86 vm86old
memfd_create mq_open msgget semget setsid shmget
""".split()
NEW_NAMESPACES = (
    0x00000080,
    0x00020000,
    0x02000000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
TIOCSTI, TIOCLINUX = 0x5412, 0x541C


# What a process needs that confines its children.
CONFINING = frozenset({"unshare", "mount", "setns", "setsid"})


class Programs(NamedTuple):
    """Compiled filters: for a notebook, and for a process from which notebooks are forked in turn."""

    notebook: bytes
    template: bytes


def compile_filters() -> Programs:
    """Compile both filters.

    Raises:
        ImportError, RuntimeError: libseccomp or its bindings are missing.
    """
    return Programs(compile_filter(), compile_filter(CONFINING))


def compile_filter(allowed: Collection[str] = ()) -> bytes:
    """Compile a filter with libseccomp, which refuses all of the above but what is `allowed`.

    Raises:
        ImportError, RuntimeError: libseccomp or its bindings are missing.
    """
    import pyseccomp as sc

    refuse = sc.ERRNO(errno.EPERM)
    rules = sc.SyscallFilter(sc.ALLOW)
    for name in set(REFUSED).difference(allowed):
        # A call that this machine's kind of processor does not have needs no rule.
        with contextlib.suppress(ValueError, OSError):
            rules.add_rule(refuse, name)
    for flag in NEW_NAMESPACES:
        rules.add_rule(refuse, "clone", sc.Arg(0, sc.MASKED_EQ, flag, flag))
    # Flags of clone3 lie in memory, out of a filter's sight; told "no such call", the C library uses clone.
    rules.add_rule(sc.ERRNO(errno.ENOSYS), "clone3")
    rules.add_rule(sc.ERRNO(errno.EAFNOSUPPORT), "socket", sc.Arg(0, sc.NE, socket.AF_UNIX))
    if not allowed:
        # A notebook is made so that no program it starts can read its memory; it may not undo that.
        rules.add_rule(refuse, "prctl", sc.Arg(0, sc.EQ, kernel_calls.PR_SET_DUMPABLE))
    for request in (TIOCSTI, TIOCLINUX):
        rules.add_rule(refuse, "ioctl", sc.Arg(1, sc.MASKED_EQ, 0xFFFFFFFF, request))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
