"""Every sentence the engine writes for learners and trainers."""

from __future__ import annotations

from gettext import gettext as _
from gettext import ngettext


def stopped_after(seconds: float) -> str:
    """A task took too long."""
    count = round(seconds)
    return ngettext(
        "Stopped after {n} second. Look for a loop that never ends, then submit again.",
        "Stopped after {n} seconds. Look for a loop that never ends, then submit again.",
        count,
    ).format(n=count)


def out_of_processor_time(seconds: float) -> str:
    """The whole notebook computed for too long."""
    return _(
        "Stopped: your notebook used all of its {n} seconds of processor time here. "
        "Make this step smaller, then submit again."
    ).format(n=round(seconds))


def out_of_wall_time(seconds: float) -> str:
    """The whole notebook took too long."""
    return _(
        "Stopped: your whole notebook took more than {n} seconds. Make its longest step smaller, then submit again."
    ).format(n=round(seconds))


def too_much_output() -> str:
    """A task printed without end."""
    return _("Stopped: this cell printed far too much. Print less, then submit again.")


def too_many_outputs(count: int) -> str:
    """A notebook showed more outputs than are kept."""
    return _("Only the first {n} outputs of this notebook are kept. Show less, if the rest matters.").format(
        n=count
    )


def ended_itself() -> str:
    """The notebook's process ended: exit, or closed descriptors."""
    return _(
        "Stopped: this cell ended the whole notebook. Remove exit(), quit() or os._exit(), then submit again."
    )


def crashed() -> str:
    """The notebook's process was killed by a signal."""
    return _(
        "Stopped: this cell crashed Python itself, often because it needed too much memory. "
        "Try it with less data, then submit again."
    )


def used_too_much_memory(limit: int) -> str:
    """The notebook's processes together used too much memory."""
    return _(
        "Stopped: your notebook needed more than {n} MiB of memory. Try it with less data, then submit again."
    ).format(n=limit >> 20)


def not_run() -> str:
    """A task came after too many crashes."""
    return _(
        "Not run, because earlier cells stopped the notebook too often. Correct those first, then submit again."
    )


def could_not_fail() -> str:
    """The canary was alive: what should have failed did not."""
    return _(
        "This test was made unable to fail, so it earns no marks. "
        "Restore the notebook's usual behaviour, then submit again."
    )


def not_json() -> str:
    """The submission is not JSON."""
    return _(
        "This file is not a notebook, or only part of it arrived. Save your notebook again, then submit again."
    )


def not_version_4(found: str) -> str:
    """The submission has another notebook format."""
    return _(
        "This notebook has format {found}, and only format 4 can be graded. "
        "Open it in JupyterLab, save it, then submit again."
    ).format(found=found)


def too_large(limit: int) -> str:
    """The submission is too large."""
    return _(
        "This notebook is over {n} MB. Clear its outputs (Edit menu), save it, then submit again."
    ).format(n=limit // 1_000_000)


def too_many_cells(limit: int) -> str:
    """The submission has too many cells."""
    return _(
        "This notebook has more than {n} cells. Start again from the released notebook, then submit again."
    ).format(n=limit)


def wrong_shape() -> str:
    """The submission is JSON, but no notebook."""
    return _(
        "This file is damaged: its cells cannot be read. Start again from the released notebook, then submit again."
    )


def cell_missing() -> str:
    """A graded cell was deleted."""
    return _(
        "This task's cell is missing from your notebook. Get it back from the released notebook, then submit again."
    )


def could_not_check() -> str:
    """The judge failed. Our fault."""
    return _(
        "Could not be checked: this is our fault, not yours. Your work is kept, it costs no marks, "
        "and your trainer can have it checked again."
    )


def gave_up() -> str:
    """The engine ended each time it was given this work. Our fault."""
    return _(
        "This work could not be graded. The fault is ours, not yours: your work is kept, it costs no marks, "
        "and your trainer has been told and can have it graded again."
    )


def answers_unreadable() -> str:
    """answers.json is damaged or too large."""
    return _(
        "Your answers to the questions could not be read (answers.json). "
        "Open the lab, answer once more, then submit again."
    )


def duplicated() -> str:
    """A graded cell was there twice."""
    return _("This task's cell was there more than once; only the last one was graded.")


def not_attempted() -> str:
    """The learner left the task as it was released."""
    return _("Not attempted: the answer cell is as it was released.")


def sandbox_refused(reason: str) -> str:
    """The sandbox could not start. For administrators; `graders.engine.sandbox_refusal` adds what to do."""
    return _("This machine does not allow the grading sandbox, so nothing was graded ({reason}).").format(
        reason=reason
    )


def not_linux(found: str) -> str:
    """The sandbox is made of parts that only Linux has."""
    return _(
        "The sandbox needs Linux, and this machine runs {found}. "
        "Grade on a Linux machine, or in a Linux virtual machine on this one."
    ).format(found=found)


def bindings_missing() -> str:
    """The Python package for libseccomp is missing."""
    return _("The Python package pyseccomp is missing. Type: python3 -m pip install pyseccomp")


def libseccomp_missing() -> str:
    """The system's library for filters of system calls is missing."""
    return _(
        "The library libseccomp is missing. On Debian or Ubuntu type: sudo apt install libseccomp2; "
        "on Fedora or Red Hat type: sudo dnf install libseccomp"
    )


def kernel_too_old() -> str:
    """The kernel lacks a call of the sandbox."""
    return _("The sandbox needs Linux 5.12 or newer. Type uname -r to see this machine's, and upgrade it.")


def no_user_namespaces() -> str:
    """No user may make a user namespace."""
    return _(
        "The kernel setting user.max_user_namespaces is 0. "
        "On the host type: sudo sysctl -w user.max_user_namespaces=15000"
    )


def namespaces_for_root_only() -> str:
    """Debian's switch for user namespaces is off."""
    return _(
        "The kernel setting kernel.unprivileged_userns_clone is 0. "
        "On the host type: sudo sysctl -w kernel.unprivileged_userns_clone=1"
    )


def apparmor_forbids() -> str:
    """Ubuntu's AppArmor rule is on."""
    return _(
        "Ubuntu's AppArmor rule forbids user namespaces. "
        "On the host type: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    )


def container_forbids() -> str:
    """A container's seccomp filter or masked /proc is in the way."""
    return _(
        "This is a container, and its settings forbid namespaces. Start it with: docker run "
        "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined"
    )


def cause_unknown() -> str:
    """None of the known causes was found."""
    return _(
        "The cause was not found. Type isomo-sandbox-check, and send what it says to whoever looks after this machine."
    )


def impossible_mark() -> str:
    """A test showed more marks than there are."""
    return _("This test showed more marks than it is worth, so it earns none. Your trainer has been told.")


def notebook_missing(file: str) -> str:
    """One of the lab's notebooks was not handed in."""
    return _("{file} was not handed in. Put it back into the lab's folder, then hand in again.").format(
        file=file
    )


def other_language(file: str, language: str, kernel: str) -> str:
    """The submission is written for a kernel of another language."""
    return _(
        "{file} is written in {language} (its kernel is {kernel}), and this lab is graded in Python. "
        "Choose a Python kernel, save the notebook, then hand in again."
    ).format(file=file, language=language.capitalize(), kernel=kernel or "?")
