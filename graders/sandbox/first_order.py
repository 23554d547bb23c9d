"""The first order a child gets: be a lab's template, or one submission."""

from __future__ import annotations

import socket
from typing import Any

from graders.sandbox.lab_template import serve_lab
from graders.sandbox.library_guard import LibrarySnapshot
from graders.sandbox.seccomp_filter import Programs
from graders.sandbox.submission_process import serve_submission


def obey_first_order(
    lines: list[int], request: dict[str, Any], notebook: Any, pristine: LibrarySnapshot, programs: Programs
) -> None:
    """Become what the number of lines says: with a second one a lab's template, else a submission's process."""
    if len(lines) > 1:
        serve_lab(socket.socket(fileno=lines[0]), lines[1], request, notebook, pristine, programs)
    else:
        serve_submission(lines, request, notebook, pristine, programs)
