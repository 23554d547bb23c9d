"""Programs that nbgrader starts by name, found also if its environment is not on the PATH (`/venv/bin/nbgrader …`)."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from nbgrader.converters.base import NbGraderException

from graders.nbgrader.terminal_sentences import _

ALEMBIC = "alembic"
"""nbgrader starts it to make a gradebook."""


def find_own_programs() -> None:
    """Add the folder of this Python to the end of the PATH if nbgrader's programs are there and nowhere else."""
    folder = Path(sys.executable).parent
    if shutil.which(ALEMBIC) is None and (folder / ALEMBIC).exists():
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), str(folder)])


def check_own_programs() -> None:
    """Say which program is missing, before nbgrader ends with a traceback.

    Raises:
        NbGraderException: it is missing.
    """
    find_own_programs()
    if shutil.which(ALEMBIC) is None:
        raise NbGraderException(
            _(
                "Nothing was graded: nbgrader needs the program {program} to make a gradebook, and it is not on the "
                "PATH. Install it with: {python} -m pip install {program}"
            ).format(program=ALEMBIC, python=sys.executable)
        )
