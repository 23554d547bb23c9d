"""Shared parts of the eight classes: the campus, the course, and the places of files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from nbgrader.exchange.abc import Exchange
from nbgrader.utils import parse_utc
from traitlets import Bool

from labs.kit.campus_client import Campus, CampusError
from labs.kit.home_files import write_aside
from labs.kit.kit_sentences import N_, kit_sentence, own_language

NO_CAMPUS = N_("This server does not know its campus. Sign out, sign in again, then start your server anew.")
NO_COURSE = N_("You have no part in any course yet. Ask your administrator to enter you in one.")
WHICH_COURSE = N_("Say which course you mean: --course {courses}")
NO_LAB = N_("Name the lab, for example: nbgrader {verb} LAB")


class CampusExchange(Exchange):
    """An exchange whose files pass through the campus; a refusal ends a command with the campus' own sentence."""

    path_includes_course = Bool(
        False, help="Whether labs lie in a folder for each course: COURSE/LAB instead of LAB."
    ).tag(config=True)

    campus: Campus

    def start(self) -> Any:
        """Do what the command is for."""
        url, token = os.environ.get("ISOMO_CAMPUS_URL"), os.environ.get("JUPYTERHUB_API_TOKEN")
        if not url or not token:
            self.refuse(NO_CAMPUS)
        self.campus = Campus(url, token)
        try:
            return super().start()
        except CampusError as error:
            self.fail(error.message)

    def refuse(self, text: str, **facts: Any) -> NoReturn:
        """End with a sentence of ours."""
        self.fail(kit_sentence(text, own_language(), **facts))
        raise AssertionError

    def init_src(self) -> None:
        """Nothing to look for on a disk."""

    def init_dest(self) -> None:
        """Nothing to prepare on a disk."""

    @property
    def lab(self) -> str:
        """The lab that was named."""
        return str(self.coursedir.assignment_id)

    def courses(self, role: str = "") -> list[str]:
        """Return the named course, else every course in which the user has a part."""
        if self.coursedir.course_id not in ("", "*"):
            return [str(self.coursedir.course_id)]
        mine = {one["course"]: None for one in self.campus.me()["courses"] if role in ("", one["role"])}
        return list(mine)

    def course(self, role: str = "") -> str:
        """Return the one course this is about."""
        found = self.courses(role)
        if not found:
            self.refuse(NO_COURSE)
        if len(found) > 1:
            self.refuse(WHICH_COURSE, courses=" | ".join(found))
        return found[0]

    def place(self, course: str, lab: str) -> Path:
        """Return the path of a lab in the user's own folder."""
        inner = Path(course, lab) if self.path_includes_course else Path(lab)
        return (Path(self.assignment_dir) / inner).resolve()

    def moment(self, received_at: str) -> str:
        """Return a time of the server as nbgrader writes it."""
        return str(parse_utc(received_at).strftime("%Y-%m-%d %H:%M:%S.%f UTC"))


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below `folder`, each whole or not at all; the client saw to it that their names stay inside."""
    for name, content in files.items():
        write_aside(folder / PurePosixPath(name), content)
