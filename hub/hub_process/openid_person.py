"""Meaning of a provider's claims here: the person's user name, roles and institution."""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from collections.abc import Mapping
from typing import Any

from hub.optional_sections import OpenId
from hub.shared_names import is_username
from hub.store import Store

LONGEST = 32
_ONE_AT_A_TIME = threading.Lock()
"""Two people whose names become the same must not both find it free."""
MARK = 5
"""Digits that tell two people apart whose names at the provider become the same user name."""


class NoAccountError(Exception):
    """The provider knows this person, and this installation does not let them in."""


def admit_person(store: Store, settings: OpenId, claims: Mapping[str, Any]) -> str:
    """Return the user name of the person that `claims` mean, brought up to date; make the account if it is new.

    An identity is known by issuer and subject, which never change. The first time, it becomes the account whose user
    name is exactly its name at the provider, so that somebody who came by password goes on with the same work.
    Raises NoAccountError.
    """
    with _ONE_AT_A_TIME:
        return _admitted(store, settings, claims)


def _admitted(store: Store, settings: OpenId, claims: Mapping[str, Any]) -> str:
    subject = str(claims["sub"])
    name = store.identities.find(settings.issuer, subject)
    if name is None:
        name = _first_time(store, settings, claims, subject)
    elif store.people.get(name) is None:
        raise NoAccountError(name)
    _bring_up_to_date(store, settings, claims, name)
    return name


def _first_time(store: Store, settings: OpenId, claims: Mapping[str, Any], subject: str) -> str:
    said = str(claims.get(settings.username_claim) or "")
    name = said.lower()
    known = store.people.get(name) if is_username(name) else None
    if known is not None and _may_become(store, settings, claims, name):
        store.audit.add(name, "linked-identity", f"{name} is {subject} of {settings.issuer}")
        return store.identities.link(settings.issuer, subject, name)
    if not settings.new_accounts:
        raise NoAccountError(said)
    name = free_name(store, said or subject, f"{settings.issuer} {subject}")
    shown = str(claims.get(settings.name_claim) or said or name).strip()[:255]
    store.people.add(name, shown, roles=("learner",), language=_language(claims))
    store.audit.add(name, "made-account", f"{name} is {subject} of {settings.issuer}")
    return store.identities.link(settings.issuer, subject, name)


def _may_become(store: Store, settings: OpenId, claims: Mapping[str, Any], name: str) -> bool:
    """Return whether an identity may take over an account by its name alone.

    An administrator's account is taken over only by somebody whom the provider calls one; and an account that came
    from a provider is somebody's already.
    """
    if store.identities.has_any(name):
        return False
    return "administrator" not in store.people.roles(name) or "administrator" in roles_of(settings, claims)


def free_name(store: Store, said: str, identity: str) -> str:
    """Return a user name made of what the provider calls somebody; with a few digits if it is taken."""
    name = user_name(said)
    if name and store.people.get(name) is None:
        return name
    mark = hashlib.sha256(identity.encode()).hexdigest()[:MARK]
    return f"{name[: LONGEST - MARK - 1] or 'person'}-{mark}"


def user_name(said: str) -> str:
    """Return `said` as a user name: `Claudine.Uwasé@gov.rw` becomes `claudine.uwase`; "" if nothing is left."""
    plain = unicodedata.normalize("NFKD", said.partition("@")[0]).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9.-]+", "-", plain).strip(".-")[:LONGEST]
    return name if is_username(name) else ""


def groups_by_role(settings: OpenId) -> dict[str, tuple[str, ...]]:
    """Return the groups that give each role, for the roles that the provider decides."""
    named = {
        "trainer": settings.trainer_groups,
        "data-team": settings.data_team_groups,
        "coordinator": settings.coordinator_groups,
        "administrator": settings.administrator_groups,
    }
    return {role: groups for role, groups in named.items() if groups}


def roles_of(settings: OpenId, claims: Mapping[str, Any]) -> set[str]:
    """Return the roles that somebody's groups give; a claim that is not there is no group."""
    said = claims.get(settings.groups_claim)
    mine = {str(each) for each in said} if isinstance(said, list) else {str(said)}
    return {role for role, groups in groups_by_role(settings).items() if mine & set(groups)}


def _bring_up_to_date(store: Store, settings: OpenId, claims: Mapping[str, Any], name: str) -> None:
    person, had = store.people.get(name), set(store.people.roles(name))
    if person is None:
        return
    # Who leaves a group loses its role; roles that no group gives are this installation's own.
    roles = (had - set(groups_by_role(settings))) | roles_of(settings, claims) or {"learner"}
    institution = store.identities.institution(str(claims.get(settings.institution_claim) or ""))
    if roles != had or (institution and institution != person.institution):
        store.people.add(
            name, person.display_name, roles=sorted(roles), institution=institution, language=None
        )
        store.audit.add(name, "roles-by-provider", ", ".join(sorted(roles)))


def _language(claims: Mapping[str, Any]) -> str | None:
    said = str(claims.get("locale") or "")[:2].lower()
    return said if said.isalpha() else None
