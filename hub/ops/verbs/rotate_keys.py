"""Verb `rotate-keys`: new keys for receipts, cookies, tokens and sealed values, and a restart with them."""

from __future__ import annotations

from hub.ops import process_supervisor, terminal_output, this_installation
from hub.ops.key_rotation import rotate_keys
from hub.ops.verb_sentences import _
from hub.ops.verbs import up
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`rotate-keys [--yes]`."""
    options = parse_options("rotate-keys", argv)
    settings = this_installation.current_settings()
    if not options.yes:
        terminal_output.print_sentence(
            _("This makes new keys for receipts, cookies, tokens and what the database keeps sealed.")
        )
        terminal_output.print_sentence(
            _("Everybody signs in again; running notebooks go on; receipts of today still verify.")
        )
        terminal_output.print_sentence(
            _("A monitoring system needs the new keys/monitor_token, graders elsewhere keep theirs.")
        )
        terminal_output.print_sentence(_("Nothing was changed. To do it: ./isomo rotate-keys --yes"))
        return 0
    supervisor = process_supervisor.machine_supervisor(settings)
    running = bool(supervisor.states())
    # Old and new keys must not be in use together: hub, campus and proxies stop for these seconds.
    supervisor.stop()
    name = rotate_keys(settings)
    terminal_output.print_fact(
        _("Receipts"), _("signed with the new key {name} from now on").format(name=name)
    )
    terminal_output.print_sentence(_("Make a backup now, so that it holds the new keys: ./isomo backup"))
    if running:
        return up.command(["--evaluate"] if settings.evaluate else [])
    return 0
