"""Verbs `grade`, `regrade`, `worker`: find what graders run in, then let the agent's own commands do the rest."""

from __future__ import annotations

import importlib
import os

from hub.isomo_settings import CHECKOUT, Settings
from hub.ops import (
    docker_daemon,
    image_wheels,
    local_images,
    process_list,
    terminal_output,
    this_installation,
)
from hub.ops.verb_sentences import _
from hub.secret_keys import Secrets
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options

IMAGE = "ISOMO_GRADER_IMAGE"
PYTHON = "ISOMO_GRADER_PYTHON"
RESERVE = "ISOMO_RESERVE"


def grade_command(argv: list[str]) -> int:
    """`grade LAB …`."""
    return _let("graders.agent.grade_verb", argv)


def regrade_command(argv: list[str]) -> int:
    """`regrade LAB …`."""
    return _let("graders.agent.regrade_verb", argv)


def worker_command(argv: list[str]) -> int:
    """`worker`: what to type on another machine. `worker --join`: be the grader that those words made of it."""
    options = parse_options("worker", argv)
    settings = this_installation.current_settings()
    if options.join:
        if not os.environ.get("ISOMO_QUEUE"):
            if options.reserve:
                raise IsomoError(
                    _("A grader in reserve looks at the length of the queue, and ISOMO_QUEUE is not set."),
                    _(
                        "Set grading.queue = true on the campus' machine; ./isomo worker then shows what to type."
                    ),
                )
            return _let("graders.agent.remote_worker", [])
        python = str(image_wheels.bootstrap_module().ensure("workers"))
        known = {**os.environ, **_room(settings), "PYTHONPATH": str(CHECKOUT)}
        known[RESERVE] = str(options.reserve or 0)
        os.execve(python, [python, "-m", "graders.agent.remote_worker"], known)  # noqa: S606 - no shell is wanted
    name = local_images.grader_image(settings)
    lines = [
        f"docker save {name} | ssh OTHER docker load",
        f"export ISOMO_CAMPUS_URL={settings.address}/services/campus",
        f"export ISOMO_GRADER_TOKEN={Secrets.load(settings).grader_token}",
        f"export ISOMO_GRADER_IMAGE={name}",
        *(["export ISOMO_QUEUE=postgresql://…"] if settings.grading.queue else []),
        "./isomo worker --join" + (f" --reserve {options.reserve}" if options.reserve else ""),
    ]
    terminal_output.print_sentence(
        _("On another machine with a checkout of this same version and a Docker engine, type:")
    )
    terminal_output.print_sentence("\n".join(f"  {line}" for line in lines))
    terminal_output.print_sentence(
        _("Anyone who knows the token can bring results. Keep it as you keep a password.")
    )
    return 0


def _let(module: str, argv: list[str]) -> int:
    # By name, as the list of verbs has it: the hub knows that there is a grader, and none of its insides.
    room = importlib.import_module(module)
    if argv:  # A wrong word is refused before an image is looked for.
        room.arguments().parse_args(argv)
    settings = this_installation.current_settings()
    if not {"undo", "list"} & set(argv):
        os.environ.update(_room(settings))
    return int(room.command(argv))


def _room(settings: Settings) -> dict[str, str]:
    """Return where the agent's engines run: in the grader's image, or, with `--evaluate`, in which Python."""
    if not settings.evaluate:
        return {IMAGE: grader_image(settings)}
    named, made = os.environ.get(PYTHON), process_list.grader_python()
    # Another machine has its checkout only, and nobody typed `up` there.
    return {
        IMAGE: "",
        PYTHON: named or str(made if made.exists() else image_wheels.bootstrap_module().ensure("grader")),
    }


def grader_image(settings: Settings) -> str:
    """Return the grader's image. Raises IsomoError if it is not there."""
    name = local_images.grader_image(settings)
    if not local_images.image_exists(docker_daemon.connect_engine(), name):
        raise IsomoError(
            _("The image that graders run in is not there yet ({name}).").format(name=name),
            _("Run ./isomo up, which makes it."),
        )
    return name
