"""Verb `rotate-keys`: new keys for receipts, cookies, tokens and sealed values, and a restart with them."""

from __future__ import annotations

from hub.ops import installation, process_supervisor, terminal
from hub.ops.key_rotation import rotate
from hub.ops.verbs import up
from hub.ops.words import _
from hub.options import parse_options


def command(argv: list[str]) -> int:
    """`rotate-keys [--yes]`."""
    options = parse_options("rotate-keys", argv)
    settings = installation.current()
    if not options.yes:
        terminal.plain(
            _("This makes new keys for receipts, cookies, tokens and what the database keeps sealed.")
        )
        terminal.plain(
            _("Everybody signs in again; running notebooks go on; receipts of today still verify.")
        )
        terminal.plain(
            _("A monitoring system needs the new keys/monitor_token, graders elsewhere keep theirs.")
        )
        terminal.plain(_("Nothing was changed. To do it: ./isomo rotate-keys --yes"))
        return 0
    supervisor = process_supervisor.supervisor(settings)
    running = bool(supervisor.states())
    # Old and new keys must not be in use together: hub, campus and proxies stop for these seconds.
    supervisor.stop()
    name = rotate(settings)
    terminal.line(_("Receipts"), _("signed with the new key {name} from now on").format(name=name))
    terminal.plain(_("Make a backup now, so that it holds the new keys: ./isomo backup"))
    if running:
        return up.command(["--evaluate"] if settings.evaluate else [])
    return 0
