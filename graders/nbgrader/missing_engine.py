"""`nbgrader autograde` on a machine without the grading engine: a sentence, and no learner's code runs."""

from __future__ import annotations

import os
from typing import NoReturn

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from traitlets import Unicode

from labs.kit.kit_sentences import N_, kit_sentence, own_language

ELSEWHERE = N_(
    "Nothing was graded: learners' work is not run in your own server, where it could use your access. "
    "What is handed in to the campus is graded there by itself; to grade it again, use Grade again on the lab's page, "
    "or ./isomo grade LAB on the campus' machine. A course outside the campus is graded on a computer that has the "
    "Isomo grading engine."
)
NOT_WHOLE = N_(
    "Nothing was graded: the Isomo grading engine is not complete on this computer ({reason}). Install it again, "
    "then grade again."
)


class GradedElsewhere(Autograde):
    """Ends `nbgrader autograde` with a sentence before any submission is read."""

    reason = Unicode(help="What is missing of the engine.")

    def start(self) -> NoReturn:
        """Say where work is graded, and end with an exit code that is not 0."""
        is_own_server = bool(os.environ.get("JUPYTERHUB_API_TOKEN"))
        sentence = kit_sentence(ELSEWHERE if is_own_server else NOT_WHOLE, own_language(), reason=self.reason)
        self.log.error(sentence)
        raise NbGraderException(sentence)


def install_missing_engine(missing: ImportError) -> None:
    """Put it where nbgrader's command line and formgrader look for the converter; `missing` is why."""
    import nbgrader.apps.api
    import nbgrader.apps.autogradeapp

    class Missing(GradedElsewhere):
        reason = Unicode(str(missing))

    nbgrader.apps.autogradeapp.Autograde = Missing
    nbgrader.apps.api.Autograde = Missing
