"""Command `isomo-sandbox-check`: says whether this machine can run the grading sandbox, and how to fix it."""

from __future__ import annotations

import platform
import sys

from graders.contract.message_facts import Message
from graders.contract.message_words import terminal_language, worded_message
from graders.engine import sandbox_refusal


def check_sandbox(system: str | None = None) -> str | None:
    """Start one sandbox and end it, to learn whether this machine allows it.

    Args:
        system: name of the operating system, as `platform.system` gives it; None for this one.

    Returns:
        None if it worked, else a sentence with the reason and the command or option that changes it.

    Example:
        if problem := check_sandbox():
            print(problem)
    """
    system = system or platform.system()
    if system != "Linux":
        return sandbox_refusal.refusal_for_terminal(system, system=system)
    # Only Linux can import these.
    from graders.contract.work_contract import EngineError, Limits
    from graders.engine.sandbox_supervisor import Room, Template

    try:
        with Template(Room(preload=())) as template:
            template.spawn(Limits()).close()
    except EngineError as error:
        return refusal_words(error)
    return None


def refusal_words(error: Exception) -> str:
    """Return why the engine did not start, in the language of the person at the terminal."""
    said = error.args[0] if error.args else ""
    return worded_message(said, terminal_language()) if isinstance(said, Message) else str(error)


def main() -> int:
    """Print the result of the check: entry point of `isomo-sandbox-check`.

    Returns:
        Exit code: 0 if the sandbox works, else 1.

    Example:
        isomo-sandbox-check && nbgrader autograde lab1
    """
    problem = check_sandbox()
    sys.stdout.write(f"{problem or worded_message(Message('sandbox-works'), terminal_language())}\n")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
