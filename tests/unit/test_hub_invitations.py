"""One-time links, as the store keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub import sign_in_links
from hub.isomo_settings import parse_settings
from tests.support.small_stores import empty_store


@pytest.fixture
def store(tmp_path):
    store = empty_store(parse_settings({"state": str(tmp_path)}))
    store.people.add("amina.k", "Amina Example")
    return store


def test_the_store_never_sees_the_token(store):
    token = sign_in_links.create_link_token(store, "amina.k", "welcome", timedelta(days=1))
    assert store.invitations.peek(token) is None
    assert store.invitations.peek(sign_in_links.token_digest(token)).username == "amina.k"


def test_a_link_works_once(store):
    token = sign_in_links.create_link_token(store, "amina.k", "welcome", timedelta(days=1))
    now = datetime.now(UTC)
    assert store.invitations.use(sign_in_links.token_digest(token), now).kind == "welcome"
    assert store.invitations.use(sign_in_links.token_digest(token), now) is None


def test_looking_does_not_spend_it(store):
    token = sign_in_links.create_link_token(store, "amina.k", "welcome", timedelta(days=1))
    for _ in range(3):
        assert store.invitations.peek(sign_in_links.token_digest(token)).used_at is None
    assert store.invitations.use(sign_in_links.token_digest(token), datetime.now(UTC)) is not None


def test_a_new_link_ends_the_earlier_ones_of_the_same_person_and_nobody_elses(store):
    store.people.add("bosco.n", "Bosco Example")
    first, others = (
        sign_in_links.create_link_token(store, name, "welcome", timedelta(days=1))
        for name in ("amina.k", "bosco.n")
    )
    newest = sign_in_links.create_link_token(store, "amina.k", "reset", timedelta(days=1))
    now = datetime.now(UTC)
    assert store.invitations.use(sign_in_links.token_digest(first), now) is None
    assert store.invitations.use(sign_in_links.token_digest(newest), now) is not None
    assert store.invitations.use(sign_in_links.token_digest(others), now) is not None


def test_a_link_expires(store):
    token = sign_in_links.create_link_token(store, "amina.k", "sign-in", timedelta(minutes=15))
    assert (
        store.invitations.use(sign_in_links.token_digest(token), datetime.now(UTC) + timedelta(minutes=16))
        is None
    )


def test_a_link_is_an_address_at_the_campus():
    settings = parse_settings({"address": "https://labs.example.gov:8000"})
    assert sign_in_links.link_address(settings, "t0ken") == "https://labs.example.gov:8000/hub/welcome/t0ken"


def test_no_two_tokens_are_alike_or_short(store):
    tokens = {sign_in_links.create_link_token(store, "amina.k", "sign-in", timedelta(1)) for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 32
