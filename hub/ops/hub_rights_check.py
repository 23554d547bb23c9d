"""Checks for `doctor`: that the hub speaks to the engine through the filter, and sees the machine read-only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hub.isomo_settings import Settings
from hub.ops.allowed_container_calls import confines_hub, filters_calls
from hub.ops.hub_confinement import is_confined
from hub.ops.process_supervisor import State
from hub.ops.swarm_checks import Seen
from hub.ops.verb_sentences import _


def hub_rights(settings: Settings, states: Iterable[State], environ: Mapping[str, str]) -> Iterator[Seen]:
    """Yield the hub's way to the engine, and its rights on this machine as the kernel shows them."""
    if settings.evaluate:
        return
    if not filters_calls(settings, environ):
        yield Seen(
            "look",
            _("Engine's filter"),
            _("off: a hub that was taken over would be root on this machine"),
            _("Set filter = true in [engine]; it knows the calls of one machine, not those of a Swarm"),
        )
        return
    yield Seen("good", _("Engine's filter"), _("the hub starts learners' containers and nothing else"))
    hub = next((state for state in states if state.name == "hub" and state.running), None)
    if hub is None or os.geteuid():
        return
    if not confines_hub(settings, environ):
        yield Seen(
            "look",
            _("Hub's rights"),
            _("those of root on this machine, past the filter"),
            _("Set confine_hub = true in [engine]"),
        )
    elif shows_confined(hub.pid):
        yield Seen(
            "good", _("Hub's rights"), _("it can change the state folder, and nothing else of this machine")
        )
    else:
        yield Seen(
            "bad",
            _("Hub's rights"),
            _("those of root on this machine: the kernel did not let it give them up"),
            _("See why: ./isomo logs hub"),
        )


def shows_confined(process: int) -> bool:
    """Return whether a process has given up root's rights."""
    try:
        return is_confined(Path(f"/proc/{process}/status").read_text("ascii"))
    except OSError:
        return False
