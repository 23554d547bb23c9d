"""Make `nbgrader autograde` and formgrader's button use our engine, and feedback pages show no hidden test.

One line in `nbgrader_config.py`, after `c = get_config()`:

    from graders.nbgrader import drop_in; drop_in.install(c)
"""

from __future__ import annotations

from typing import Any


def install(config: Any = None) -> None:
    """Put our converter where nbgrader's command line and formgrader look for theirs. `config` is left as it is.

    Where the engine is not, as in a trainer's own server, `nbgrader autograde` ends with a sentence instead.
    """
    del config
    import nbgrader.apps.api
    import nbgrader.apps.autogradeapp
    import nbgrader.apps.generatefeedbackapp

    try:
        from graders.nbgrader.autograde import ForkAutograde
        from graders.nbgrader.formgrader.feedback import DiscreetFeedback
    except ImportError as error:
        # nbgrader only logs a fault of its configuration, then grades with its own engine.
        from graders.nbgrader import elsewhere

        elsewhere.install(error)
        return

    nbgrader.apps.autogradeapp.Autograde = ForkAutograde
    nbgrader.apps.api.Autograde = ForkAutograde
    nbgrader.apps.generatefeedbackapp.GenerateFeedback = DiscreetFeedback
    nbgrader.apps.api.GenerateFeedback = DiscreetFeedback
