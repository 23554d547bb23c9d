"""Verb `second-factor`: whether a person is asked for a one-time code, and a way in after a lost telephone."""

from __future__ import annotations

from hub.errors import IsomoError
from hub.ops import installation, terminal
from hub.ops.words import _
from hub.options import parse_options
from hub.store import Store


def command(argv: list[str]) -> int:
    """`second-factor USERNAME [--remove]`."""
    options = parse_options("second-factor", argv)
    name, store = options.username, Store.open(installation.current())
    if store.people.get(name) is None:
        raise IsomoError(
            _("There is nobody called {name}.").format(name=name),
            _("Look for the user name on the campus page of people."),
        )
    on = store.second_factors.is_on(name)
    if options.remove:
        store.second_factors.remove(name)
        store.audit.add("isomo second-factor", "second-factor-off", name)
        terminal.plain(_("{name} is asked for no code any more.").format(name=name))
        terminal.plain(_("Ask them to set it up again after signing in: Change your password, Second step"))
        return 0
    text = (
        _("{name} is asked for a code after the password.")
        if on
        else _("{name} signs in with the password alone.")
    )
    terminal.plain(text.format(name=name))
    return 0
