"""What `nbgrader autograde` is where the grading engine is not: a sentence, and never learners' code that runs."""

from __future__ import annotations

from typing import Any, NoReturn

from nbgrader.converters import Autograde
from nbgrader.utils import NbGraderException

from labs.kit.words import N_, own_language, say

ELSEWHERE = N_(
    "Nothing was graded: learners' work is not run in your own server, where it could use your access. "
    "What is handed in to the campus is graded there by itself; to grade it again, use Grade again on the lab's page, "
    "or ./isomo grade LAB on the campus' machine. A course outside the campus is graded on a computer that has the "
    "Isomo grading engine."
)


class GradedElsewhere(Autograde):
    """Ends `nbgrader autograde` with a sentence before any submission is read."""

    def start(self) -> NoReturn:
        """Say where work is graded, and end with an exit code that is not 0."""
        sentence = say(ELSEWHERE, own_language())
        self.log.error(sentence)
        raise NbGraderException(sentence)


def install(config: Any = None) -> None:
    """Put it where nbgrader's command line and formgrader look for the converter. `config` is left as it is."""
    del config
    import nbgrader.apps.api
    import nbgrader.apps.autogradeapp

    nbgrader.apps.autogradeapp.Autograde = GradedElsewhere
    nbgrader.apps.api.Autograde = GradedElsewhere
