"""Whether a learner's labs report to the campus, as the campus or the desk said last."""

from __future__ import annotations

import os

from labs.kit.home_files import Home, as_json, read_json, write_aside

CHOICE = "live.json"


def is_reported(home: Home) -> bool:
    """Return whether checks and hints are reported: there is a campus, and the learner did not switch it off."""
    if not os.environ.get("ISOMO_CAMPUS_URL"):
        return False
    return read_json(home.kept / CHOICE, 1000).get("reported") is not False


def keep_choice(home: Home, *, reported: bool) -> None:
    """Keep the choice at home, so that nothing is sent that is not wanted."""
    if (read_json(home.kept / CHOICE, 1000).get("reported") is not False) != reported:
        write_aside(home.kept / CHOICE, as_json({"reported": reported}))
