"""The office's own configuration of JupyterHub: `jupyterhub_config.d/*.py`, run after ours, in the order of names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hub.isomo_settings import CHECKOUT, Settings
from hub.message_catalogues import terminal_sentence as _
from hub.verb_errors import IsomoError

FOLDER = "jupyterhub_config.d"


def config_files(settings: Settings) -> list[Path]:
    """Return the office's files: those next to the settings file, then those in the state folder."""
    named = os.environ.get("ISOMO_SETTINGS")
    beside = (Path(named).resolve().parent if named else CHECKOUT) / FOLDER
    folders = dict.fromkeys([beside, settings.state / FOLDER])
    return [path for folder in folders for path in sorted(folder.glob("*.py"))]


def add_office_config(c: Any, settings: Settings) -> list[Path]:
    """Run each file with `c` (JupyterHub's configuration) and `settings`; return the files.

    Raises IsomoError naming the file and line that does not work: a hub with half a configuration must not start.
    """
    files = config_files(settings)
    for file in files:
        try:
            code = compile(file.read_text("utf-8"), str(file), "exec")
            exec(code, {"c": c, "settings": settings, "__file__": str(file)})  # noqa: S102 - the administrator's own
        except Exception as error:
            raise IsomoError(
                _("{file}, line {line}: {error}").format(file=file, line=_line(error, file), error=error),
                _("Change that file, or move it away; then run ./isomo up again."),
            ) from error
    return files


def _line(error: Exception, file: Path) -> int:
    """Return the line of `file` at which `error` came up."""
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    found, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            found = trace.tb_lineno
        trace = trace.tb_next
    return found
