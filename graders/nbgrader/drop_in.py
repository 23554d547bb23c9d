"""Make `nbgrader autograde` and formgrader's button use our engine, and feedback pages show no hidden test.

One line in `nbgrader_config.py`, after `c = get_config()`:

    from graders.nbgrader import drop_in; drop_in.install(c)
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any


def install(config: Any = None) -> None:
    """Put our converter where nbgrader's command line and formgrader look for theirs. `config` is left as it is.

    Where the engine is not, as in a trainer's own server, `nbgrader autograde` ends with a sentence instead.
    """
    if find_spec("graders.engine") is None:
        from graders.nbgrader import elsewhere

        elsewhere.install(config)
        return
    del config
    import nbgrader.apps.api
    import nbgrader.apps.autogradeapp
    import nbgrader.apps.generatefeedbackapp

    from graders.nbgrader.autograde import ForkAutograde
    from graders.nbgrader.formgrader.feedback import DiscreetFeedback

    nbgrader.apps.autogradeapp.Autograde = ForkAutograde
    nbgrader.apps.api.Autograde = ForkAutograde
    nbgrader.apps.generatefeedbackapp.GenerateFeedback = DiscreetFeedback
    nbgrader.apps.api.GenerateFeedback = DiscreetFeedback
