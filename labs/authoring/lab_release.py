"""`./isomo lab release`: a checked lab goes into the library, and from there into a course."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

from labs.authoring.lab_build import build_lab
from labs.authoring.lab_preview import ROOT
from labs.kit.campus_client import Campus

IN_LIBRARY = "{lab} (version {version}) is in the library. Trainers release it from their course's page."
RELEASED = "{lab} (version {version}) is released in {course}: its learners see it now."
NOT_FROM_HERE = (
    "To release it into {course} from here, this terminal needs a trainer's own token, as in a trainer's server on "
    "the campus (ISOMO_CAMPUS_URL and JUPYTERHUB_API_TOKEN). Or open the course's page and press Release."
)


def library_folder() -> Path:
    """Return where an installation keeps built labs: below the state folder of its settings."""
    settings = Path(os.environ.get("ISOMO_SETTINGS") or ROOT / "isomo.toml")
    named = tomllib.loads(settings.read_text("utf-8")).get("state") if settings.is_file() else None
    return (settings.parent / Path(str(named)).expanduser() if named else ROOT / ".isomo" / "state") / "labs"


def release_lab(folder: Path, course: str | None, out: Path | None = None) -> int:
    """Build a lab into the library; with `course`, release it there too. The answer is the exit status.

    Raises LabError if the lab has problems, CampusError if the campus refuses.
    """
    place = build_lab(folder, out or library_folder())
    facts = {"lab": folder.name[3:], "version": place.name, "course": course}
    sys.stdout.write(IN_LIBRARY.format(**facts) + "\n")
    if course is None:
        return 0
    url, token = os.environ.get("ISOMO_CAMPUS_URL"), os.environ.get("JUPYTERHUB_API_TOKEN")
    if not url or not token:
        sys.stderr.write(NOT_FROM_HERE.format(**facts) + "\n")
        return 1
    Campus(url, token).release_built(course, folder.name[3:])
    sys.stdout.write(RELEASED.format(**facts) + "\n")
    return 0
