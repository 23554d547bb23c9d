"""The form that asks for a one-time code, and the tickets between it and the step before."""

from __future__ import annotations

import json
from typing import Any

MINUTES = 5


class CodeNeededError(Exception):
    """The password was right, and this person has a second factor: nobody is signed in yet."""

    def __init__(self, username: str) -> None:
        super().__init__(username)
        self.username = username


def second_step_ticket(store: Any, username: str) -> str:
    """Return a sealed note that `username` passed the first step, good for some minutes."""
    sealed: str = store.sealer.seal(json.dumps({"second-step": username}))
    return sealed


def ticket_holder(store: Any, sealed: str) -> str | None:
    """Return whose ticket it is; None if it is not ours or too old."""
    opened = store.sealer.open(sealed, seconds=MINUTES * 60)
    found = json.loads(opened) if opened else {}
    name = found.get("second-step") if isinstance(found, dict) else None
    return str(name) if name else None


async def ask_code(handler: Any, username: str, mistake: str = "", next_page: str = "") -> None:
    """Answer with the form for a code."""
    sealed = await handler.authenticator.in_thread(second_step_ticket, handler.authenticator.store, username)
    handler.set_status(403 if mistake else 200)
    handler.set_header("Cache-Control", "no-store")
    handler.finish(
        await handler.render_template("second_step.html", ticket=sealed, mistake=mistake, next_page=next_page)
    )
