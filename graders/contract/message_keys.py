"""Keys of all messages that graded work may show, each with its sentence in English: the one catalogue.

Facts are names in braces. Translations of the sentences are in `locale/`. To add a message, add its key here and its
sentence to each language's catalogue there; the tests tell what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Sentence(NamedTuple):
    """English of one key: when it is said, the sentence, and its plural if the fact `n` counts something."""

    when: str
    one: str
    many: str = ""


def N_(one: str) -> str:  # noqa: N802 - the usual gettext name for "translate later"
    """Mark a sentence for the translators' catalogue."""
    return one


SENTENCES: Mapping[str, Sentence] = {
    "stopped-after": Sentence(
        "A task took too long.",
        N_("Stopped after {n} second. Look for a loop that never ends, then submit again."),
        N_("Stopped after {n} seconds. Look for a loop that never ends, then submit again."),
    ),
    "out-of-processor-time": Sentence(
        "The whole notebook computed for too long.",
        N_(
            "Stopped: your notebook used all of its {n} seconds of processor time here. "
            "Make this step smaller, then submit again."
        ),
    ),
    "out-of-wall-time": Sentence(
        "The whole notebook took too long.",
        N_(
            "Stopped: your whole notebook took more than {n} seconds. "
            "Make its longest step smaller, then submit again."
        ),
    ),
    "out-of-time-after-stop": Sentence(
        "The notebook took too long, counted from an earlier cell that was stopped.",
        N_(
            "Stopped: an earlier cell took too long and was stopped, and from its start your notebook had {n} seconds "
            "in all. Correct that cell, then submit again."
        ),
    ),
    "too-much-output": Sentence(
        "A task printed without end.",
        N_("Stopped: this cell printed far too much. Print less, then submit again."),
    ),
    "too-many-outputs": Sentence(
        "A notebook showed more outputs than are kept.",
        N_("Only the first {n} outputs of this notebook are kept. Show less, if the rest matters."),
    ),
    "ended-itself": Sentence(
        "The notebook's process ended: exit, or closed descriptors.",
        N_(
            "Stopped: this cell ended the whole notebook. Remove exit(), quit() or os._exit(), then submit again."
        ),
    ),
    "crashed": Sentence(
        "The notebook's process was killed by a signal.",
        N_(
            "Stopped: this cell crashed Python itself, often because it needed too much memory. "
            "Try it with less data, then submit again."
        ),
    ),
    "used-too-much-memory": Sentence(
        "The notebook's processes together used too much memory.",
        N_(
            "Stopped: your notebook needed more than {n} MiB of memory. Try it with less data, then submit again."
        ),
    ),
    "not-run": Sentence(
        "A task came after too many crashes.",
        N_(
            "Not run, because earlier cells stopped the notebook too often. "
            "Correct those first, then submit again."
        ),
    ),
    "could-not-fail": Sentence(
        "The canary was alive: what should have failed did not.",
        N_(
            "This test was made unable to fail, so it earns no marks. "
            "Restore the notebook's usual behaviour, then submit again."
        ),
    ),
    "not-json": Sentence(
        "The submission is not JSON.",
        N_(
            "This file is not a notebook, or only part of it arrived. "
            "Save your notebook again, then submit again."
        ),
    ),
    "not-version-4": Sentence(
        "The submission has another notebook format.",
        N_(
            "This notebook has format {found}, and only format 4 can be graded. "
            "Open it in JupyterLab, save it, then submit again."
        ),
    ),
    "too-large": Sentence(
        "The submission is too large.",
        N_("This notebook is over {n} MB. Clear its outputs (Edit menu), save it, then submit again."),
    ),
    "too-many-cells": Sentence(
        "The submission has too many cells.",
        N_(
            "This notebook has more than {n} cells. Start again from the released notebook, then submit again."
        ),
    ),
    "wrong-shape": Sentence(
        "The submission is JSON, but no notebook.",
        N_(
            "This file is damaged: its cells cannot be read. "
            "Start again from the released notebook, then submit again."
        ),
    ),
    "cell-missing": Sentence(
        "A graded cell was deleted.",
        N_(
            "This task's cell is missing from your notebook. "
            "Get it back from the released notebook, then submit again."
        ),
    ),
    "could-not-check": Sentence(
        "The judge failed. Our fault.",
        N_(
            "Could not be checked: this is our fault, not yours. Your work is kept, it costs no marks, "
            "and your trainer can have it checked again."
        ),
    ),
    "gave-up": Sentence(
        "The engine ended each time it was given this work. Our fault.",
        N_(
            "This work could not be graded. The fault is ours, not yours: your work is kept, it costs no marks, "
            "and your trainer has been told and can have it graded again."
        ),
    ),
    "answers-unreadable": Sentence(
        "answers.json is damaged or too large.",
        N_(
            "Your answers to the questions could not be read (answers.json). "
            "Open the lab, answer once more, then submit again."
        ),
    ),
    "duplicated": Sentence(
        "A graded cell was there twice.",
        N_("This task's cell was there more than once; only the last one was graded."),
    ),
    "not-attempted": Sentence(
        "The learner left the task as it was released.",
        N_("Not attempted: the answer cell is as it was released."),
    ),
    "impossible-mark": Sentence(
        "A test showed more marks than there are.",
        N_("This test showed more marks than it is worth, so it earns none. Your trainer has been told."),
    ),
    "notebook-missing": Sentence(
        "One of the lab's notebooks was not handed in.",
        N_("{file} was not handed in. Put it back into the lab's folder, then hand in again."),
    ),
    "other-language": Sentence(
        "The submission is written for a kernel of another language.",
        N_(
            "{file} is written in {language} (its kernel is {kernel}), and this lab is graded in Python. "
            "Choose a Python kernel, save the notebook, then hand in again."
        ),
    ),
    "in-file": Sentence(
        "A lab has several notebooks, and the message is about one of them.", N_("{file}: {message}")
    ),
    "unknown": Sentence(
        "A newer engine sent a key that is not in this list.",
        N_("The grader left a message that this page does not know ({key}). Your trainer can look it up."),
    ),
    "sandbox-refused": Sentence(
        "The sandbox could not start. For administrators; what to do comes after it.",
        N_("This machine does not allow the grading sandbox, so nothing was graded ({reason})."),
    ),
    "sandbox-works": Sentence(
        "The command isomo-sandbox-check found nothing wrong.",
        N_("This machine can run the grading sandbox."),
    ),
    "not-linux": Sentence(
        "The sandbox is made of parts that only Linux has.",
        N_(
            "The sandbox needs Linux, and this machine runs {found}. "
            "Grade on a Linux machine, or in a Linux virtual machine on this one."
        ),
    ),
    "bindings-missing": Sentence(
        "The Python package for libseccomp is missing.",
        N_("The Python package pyseccomp is missing. Type: python3 -m pip install pyseccomp"),
    ),
    "libseccomp-missing": Sentence(
        "The system's library for filters of system calls is missing.",
        N_(
            "The library libseccomp is missing. On Debian or Ubuntu type: sudo apt install libseccomp2; "
            "on Fedora or Red Hat type: sudo dnf install libseccomp"
        ),
    ),
    "kernel-too-old": Sentence(
        "The kernel lacks a call of the sandbox.",
        N_("The sandbox needs Linux 5.12 or newer. Type uname -r to see this machine's, and upgrade it."),
    ),
    "no-user-namespaces": Sentence(
        "No user may make a user namespace.",
        N_(
            "The kernel setting user.max_user_namespaces is 0. "
            "On the host type: sudo sysctl -w user.max_user_namespaces=15000"
        ),
    ),
    "namespaces-for-root-only": Sentence(
        "Debian's switch for user namespaces is off.",
        N_(
            "The kernel setting kernel.unprivileged_userns_clone is 0. "
            "On the host type: sudo sysctl -w kernel.unprivileged_userns_clone=1"
        ),
    ),
    "apparmor-forbids": Sentence(
        "Ubuntu's AppArmor rule is on.",
        N_(
            "Ubuntu's AppArmor rule forbids user namespaces. "
            "On the host type: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        ),
    ),
    "container-forbids": Sentence(
        "A container's seccomp filter or masked /proc is in the way.",
        N_(
            "This is a container, and its settings forbid namespaces. Start it with: docker run "
            "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined"
        ),
    ),
    "cause-unknown": Sentence(
        "None of the known causes was found.",
        N_(
            "The cause was not found. Type isomo-sandbox-check, "
            "and send what it says to whoever looks after this machine."
        ),
    ),
}
FRAMES: Mapping[str, Sentence] = {
    "text": Sentence("A text of somebody else's, in whatever language it is.", "{text}"),
    "judged": Sentence("A judge's verdict in the words of its lab.", "{text}"),
    "several": Sentence("Several messages, one after the other.", "{messages}"),
}
"""Keys without words of ours: nothing in them is translated."""
