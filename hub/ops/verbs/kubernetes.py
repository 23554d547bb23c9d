"""Verb `kubernetes`: files for a cluster, made from isomo.toml."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from hub.ops import local_images, terminal_output, this_installation
from hub.ops.kubernetes_files import image_names, rendered_files, write_files
from hub.ops.kubernetes_gaps import gap_sentences
from hub.ops.verb_sentences import _
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`kubernetes render [--out DIR] [--json]`."""
    options = parse_options("kubernetes", argv)
    settings = this_installation.current_settings()
    files = rendered_files(
        settings, image_names(settings, local_images.image_names(settings)), grader_filter()
    )
    gaps = gap_sentences(settings)
    if options.out:
        write_files(files, Path(options.out))
    if options.json:
        terminal_output.print_sentence(json.dumps({"folder": options.out, "files": files, "gaps": gaps}))
        return 0
    if options.out:
        terminal_output.print_sentence("\n".join(str(Path(options.out) / name) for name in files))
    else:
        terminal_output.print_sentence("\n".join(f"# ---- {name}\n{text}" for name, text in files.items()))
    said = [
        _("A cluster does not follow these settings:"),
        *(f"- {sentence}" for sentence in gaps),
        _(
            "The files were checked against the published schemas and never run on a cluster. Before you apply them, "
            "read docs/how-to/kubernetes.md: it says what is still missing."
        ),
    ]
    sys.stderr.write("\n".join(said) + "\n")
    return 0


def grader_filter() -> str:
    """Return the filter of system calls of graders, as a file for the kubelet."""
    # By name, as the list of verbs has it: the hub knows that there is a grader, and none of its insides.
    calls = importlib.import_module("graders.agent.linux_calls")
    return json.dumps(calls.container_seccomp(), indent=1) + "\n"
