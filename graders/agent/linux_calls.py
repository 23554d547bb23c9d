"""Linux calls that a grader's container may make: a list of allowed ones, so that a new call is refused at first.

The names are those of the container engine's own default profile that a 64-bit machine has, without the ones below that
no grader needs; the profile's other names belong to 32-bit machines or to a capability, and a grader has none.
"""

from __future__ import annotations

from typing import Any

ORDINARY = frozenset(
    """
    accept accept4 access alarm arch_prctl bind brk capget capset chdir chmod chown clock_getres clock_gettime
    clock_nanosleep clone clone3 close close_range connect copy_file_range creat dup dup2 dup3 epoll_create
    epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group
    faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync
    fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue
    futex_wait futex_waitv futex_wake futimesat get_robust_list getcpu getcwd getdents getdents64 getegid geteuid
    getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid
    getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr inotify_add_watch
    inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit
    ioctl ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr
    link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat madvise membarrier memfd_create mincore
    mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mprotect mq_getsetattr mq_notify mq_open mq_timedreceive
    mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep
    newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect
    poll ppoll prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pwrite64 pwritev pwritev2 read
    readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr rename renameat
    renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
    rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity
    sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr
    sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop sendfile sendmmsg
    sendmsg sendto set_robust_list set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority
    setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid setxattr shmat shmctl shmdt shmget
    shutdown sigaltstack signalfd signalfd4 socketpair splice stat statfs statx symlink symlinkat sync sync_file_range
    syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
    timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlink unlinkat utime utimensat
    utimes vfork vmsplice wait4 waitid write writev
    """.split()
)
"""Calls of ordinary programs. Without those of the default profile that read other processes, or that are kernel
machinery with a history of faults: io_uring, memfd_secret, name_to_handle_at, ptrace, process_vm_readv and its like."""

CONFINING = frozenset({"mount", "mount_setattr", "pivot_root", "setns", "sethostname", "umount2", "unshare"})
"""Calls that make the sandbox inside: with no capability they work in a user namespace of one's own only."""

SOCKET_FAMILIES = (1, 2, 10, 16)
"""Local ones, IPv4, IPv6 and netlink. The container has no network; programs ask for these before they see that."""

NOT_IMPLEMENTED = 38


def container_seccomp() -> dict[str, Any]:
    """Return the container's filter of calls, as the Docker engine reads it."""
    families = [
        {
            "names": ["socket"],
            "action": "SCMP_ACT_ALLOW",
            "args": [{"index": 0, "value": family, "op": "SCMP_CMP_EQ"}],
        }
        for family in SOCKET_FAMILIES
    ]
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        # A program that knows a newer call falls back to an older one if it hears that there is none.
        "defaultErrnoRet": NOT_IMPLEMENTED,
        "syscalls": [{"names": sorted(ORDINARY | CONFINING), "action": "SCMP_ACT_ALLOW"}, *families],
    }
