"""Verb `second-factor`: whether a person is asked for a one-time code, and a way in after a lost telephone."""

from __future__ import annotations

from hub.ops import terminal_output, this_installation
from hub.ops.verb_sentences import _
from hub.store import Store
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`second-factor USERNAME [--remove]`."""
    options = parse_options("second-factor", argv)
    name, store = options.username, Store.open(this_installation.current_settings())
    if store.people.get(name) is None:
        raise IsomoError(
            _("There is nobody called {name}.").format(name=name),
            _("Look for the user name on the campus page of people."),
        )
    on = store.second_factors.is_on(name)
    if options.remove:
        store.second_factors.remove(name)
        store.audit.add("isomo second-factor", "second-factor-off", name)
        terminal_output.print_sentence(_("{name} is asked for no code any more.").format(name=name))
        terminal_output.print_sentence(
            _("Ask them to set it up again after signing in: Change your password, Second step")
        )
        return 0
    text = (
        _("{name} is asked for a code after the password.")
        if on
        else _("{name} signs in with the password alone.")
    )
    terminal_output.print_sentence(text.format(name=name))
    return 0
