"""Verb `invite`: a one-time sign-in link for somebody who has an account."""

from __future__ import annotations

import sys
from datetime import timedelta

from hub import sign_in_links
from hub.ops.installed_store import open_installation
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options

HOURS = 24


def command(argv: list[str]) -> int:
    """`invite USERNAME`: a first sign-in for those without a password, else a new choice of it."""
    username = parse_options("invite", argv).username
    settings, store = open_installation()
    person = store.people.get(username)
    if person is None:
        near = ", ".join(each.username for each in store.people.search(username[:3], size=5)[0])
        raise IsomoError(
            _("There is nobody called {name}.").format(name=username),
            _("Did you mean one of: {names}?").format(names=near)
            if near
            else _("Make the account first, on the campus page of people."),
        )
    if store.people.disabled(username):
        raise IsomoError(
            _("The account {name} is closed.").format(name=username),
            _("Open it again on the campus page of people, then make the link."),
        )
    kind: sign_in_links.Kind = "reset" if person.password_hash else "welcome"
    token = sign_in_links.create_link_token(store, username, kind, timedelta(hours=HOURS))
    sys.stdout.write(
        _("A sign-in link for {name}, good once, for {hours} hours:").format(name=username, hours=HOURS)
        + f"\n  {sign_in_links.link_address(settings, token)}\n"
    )
    return 0
