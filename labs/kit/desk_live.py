"""The desk's part of the live class: it says that a lab is open, shows a trainer's messages, and takes the choice."""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.web import RequestHandler, authenticated

from labs.kit import hand_in
from labs.kit.desk_server import LAB, DeskBase, course_of
from labs.kit.lab_folder import Place
from labs.kit.live_choice import is_reported, keep_choice

LATER = 120
NOTHING = {"known": False, "reported": False, "messages": [], "next_seconds": LATER}
"""What the desk is told without a campus, or while it does not answer."""


def ask_campus(place: Place) -> dict[str, Any]:
    """Return messages and whether this lab reports; nothing if the campus does not answer."""
    campus: Any = hand_in.connect_campus()
    course = course_of(place)
    if campus is None or not course:
        return NOTHING
    try:
        answer = campus.report_live(course, place.slug)
    except Exception:  # Away, or of a version without a live class: the lab works as before.
        return NOTHING
    keep_choice(place.home, reported=answer.get("reported") is not False)
    return {"known": True, **answer}


def tell_campus(place: Place, sent: dict[str, Any]) -> dict[str, Any]:
    """Pass on a choice or that a message was read; what does not arrive is asked again by the desk."""
    campus: Any = hand_in.connect_campus()
    try:
        if campus is not None and isinstance(sent.get("reported"), bool):
            campus.choose_live(reported=sent["reported"])
        if campus is not None and isinstance(sent.get("read"), int):
            campus.read_note(sent["read"])
    except Exception:
        return {**NOTHING, "reported": is_reported(place.home)}
    return ask_campus(place)


class DeskLive(DeskBase):
    """`desk/<lab>/live`: messages of a trainer, and whether this lab reports."""

    @authenticated
    async def get(self, lab: str) -> None:
        """Answer with what the campus says."""
        said = await asyncio.to_thread(ask_campus, self.desk_lab(lab).place)
        self.answer({**said, **self.elsewhere(lab)})

    @authenticated
    async def post(self, lab: str) -> None:
        """Take `reported`, the choice, or `read`, the number of a message."""
        place, sent = self.desk_lab(lab).place, self.sent()
        said = await asyncio.to_thread(tell_campus, place, sent)
        self.answer({**said, **self.elsewhere(lab)})


HANDLERS: list[tuple[str, type[RequestHandler]]] = [(rf"desk/{LAB}/live", DeskLive)]
