"""The hub's shares of applications: who has a part in a project may enter its application, and nobody else.

The hub asks for the share before it signs a person in to an application, which then looks once more for itself.
"""

from __future__ import annotations

from hub.campus.request_context import Campus
from hub.shared_names import APPLICATIONS


def give_share(campus: Campus, name: str, username: str) -> bool:
    """Let the hub admit a member to a project's application; return whether it does now."""
    if username not in {each.username for each in campus.store.projects.present(name)}:
        return False
    return campus.hub.share_server(APPLICATIONS, name, username, campus.secrets.campus_token, give=True)


def take_ended_shares(campus: Campus) -> int | None:
    """Take every share whose owner has no part any more; return how many there were, None if the hub is away."""
    token = campus.secrets.campus_token
    found = campus.hub.shares(APPLICATIONS, token)
    if found is None:
        return None
    members = {
        name: {each.username for each in campus.store.projects.present(name)}
        for name in {server for server, _person in found}
    }
    ended = sorted((server, person) for server, person in found if person not in members[server])
    taken = [
        campus.hub.share_server(APPLICATIONS, server, person, token, give=False) for server, person in ended
    ]
    return len(taken) if all(taken) else None
