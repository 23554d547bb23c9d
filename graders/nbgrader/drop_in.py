"""Make `nbgrader autograde` and formgrader's button use our engine, and feedback pages show no hidden test.

One line in `nbgrader_config.py`, after `c = get_config()`:

    from graders.nbgrader import drop_in; drop_in.install(c)
"""

from __future__ import annotations

import platform
from typing import Any


def install(config: Any = None) -> None:
    """Put our converter where nbgrader's command line and formgrader look for theirs. `config` is left as it is.

    If the engine is missing, as in a trainer's own server, `nbgrader autograde` ends with a sentence instead.

    Raises:
        SystemExit: our converter is there and cannot be used. nbgrader only logs other errors of its configuration,
            and would then run submissions with its own engine, without a sandbox.
    """
    del config
    try:
        _rebind()
    except ImportError as error:
        from graders.nbgrader import missing_engine

        missing_engine.install_missing_engine(error)
    except Exception as error:
        from graders.engine import sandbox_refusal

        raise SystemExit(sandbox_refusal.refusal_for_terminal(f"{type(error).__name__}: {error}")) from error


def _rebind() -> None:
    import nbgrader.apps.api
    import nbgrader.apps.autogradeapp
    import nbgrader.apps.generatefeedbackapp

    from graders.nbgrader.own_programs import find_own_programs

    find_own_programs()
    converter = _converter(platform.system())
    nbgrader.apps.autogradeapp.Autograde = converter
    nbgrader.apps.api.Autograde = converter
    from graders.nbgrader.formgrader.safe_feedback import DiscreetFeedback

    nbgrader.apps.generatefeedbackapp.GenerateFeedback = DiscreetFeedback
    nbgrader.apps.api.GenerateFeedback = DiscreetFeedback


def _converter(system: str) -> Any:
    """The converter for an operating system; elsewhere than on Linux it refuses, and all other commands work."""
    if system == "Linux":
        from graders.nbgrader.fork_autograde import ForkAutograde

        return ForkAutograde
    from nbgrader.converters import Autograde
    from nbgrader.converters.base import NbGraderException

    from graders.engine import sandbox_refusal

    class RefusingAutograde(Autograde):
        """Says that submissions are graded on Linux only, and runs none."""

        def convert_notebooks(self) -> None:
            """Refuse."""
            raise NbGraderException(sandbox_refusal.refusal_for_terminal(system, system=system))

    return RefusingAutograde
