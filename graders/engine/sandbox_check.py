"""Command `isomo-sandbox-check`: says whether this machine can run the grading sandbox, and how to fix it."""

from __future__ import annotations

import platform
import sys
from gettext import gettext as _

from graders.engine import sandbox_refusal


def check_sandbox(system: str | None = None) -> str | None:
    """Return why a sandbox cannot start here, or None after one started and ended well."""
    system = system or platform.system()
    if system != "Linux":
        return sandbox_refusal.explain(system, system=system)
    # Only Linux can import these.
    from graders.contract.work import EngineError, Limits
    from graders.engine.supervisor import Room, Template

    try:
        with Template(Room(preload=())) as template:
            template.spawn(Limits()).close()
    except EngineError as error:
        return str(error)
    return None


def main() -> int:
    """Print the answer; the exit code is 0 if the sandbox works, else 1."""
    problem = check_sandbox()
    sys.stdout.write(f"{problem or _('This machine can run the grading sandbox.')}\n")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
