"""Who may sign in, asked of the authenticator alone."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from tornado.web import HTTPError

from hub.hub_process.password_rules import Passwords
from hub.hub_process.sign_in_admission import Admitted
from hub.hub_process.store_authenticator import Accounts
from hub.isomo_settings import parse_settings
from tests.support.hub_people import PASSWORD, QUICK
from tests.support.small_stores import empty_store

SETTINGS = parse_settings({"address": "https://labs.example.gov:8000"})


def request(peer="127.0.0.1", **headers):
    context = SimpleNamespace(address=(peer, 4711))
    return SimpleNamespace(connection=SimpleNamespace(context=context), headers=headers)


HERE = SimpleNamespace(request=request())


@pytest.fixture
def accounts(tmp_path):
    store = empty_store(parse_settings({"state": str(tmp_path)}))
    store.people.add("amina.k", "Amina", roles=["learner"])
    store.people.add("claudine.u", "Claudine", roles=["trainer", "learner"])
    store.people.add("newcomer", "New", roles=["learner"])
    for name in ("amina.k", "claudine.u"):
        store.people.set_password_hash(name, QUICK.hash(PASSWORD))
    return Accounts(directory=lambda: store, settings=SETTINGS, passwords=Passwords(QUICK))


def ask(accounts, name, password=PASSWORD):
    return asyncio.run(accounts.authenticate(HERE, {"username": name, "password": password}))


def test_signing_in_brings_the_roles_of_the_store_as_groups(accounts):
    assert ask(accounts, "amina.k") == {"name": "amina.k", "groups": ["learner"]}
    assert ask(accounts, "claudine.u") == {"name": "claudine.u", "groups": ["learner", "trainer"]}


def test_a_name_typed_with_capitals_is_the_same_person(accounts):
    assert ask(accounts, "Amina.K")["name"] == "amina.k"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("amina.k", "wrong"),
        ("nobody", PASSWORD),
        ("newcomer", ""),
        ("newcomer", PASSWORD),
        ("", ""),
        ("-", "x"),
        # What people type in the place of their user name.
        ("amina.k@minict.example", PASSWORD),
        ("amina+k", PASSWORD),
        ("Aminà.K", PASSWORD),
        ("amina.k" * 30, PASSWORD),
        ("amina.k\x00", PASSWORD),
        ("ａｍｉｎａ.k", PASSWORD),
    ],
)
def test_nobody_else_comes_in(accounts, name, password):
    assert ask(accounts, name, password) is None


def test_there_is_no_default_password(accounts):
    for password in ("", "admin", "password", "isomo", "nobody has this password"):
        for name in ("admin", "newcomer", "root"):
            assert ask(accounts, name, password) is None
        accounts.throttle._failures.clear()


def test_a_form_cannot_pretend_to_be_a_spent_link(accounts):
    for data in (
        {"username": "amina.k"},
        {"username": "amina.k", "admitted": "amina.k"},
        {"Admitted": "amina.k"},
    ):
        assert asyncio.run(accounts.authenticate(HERE, data)) is None
    assert asyncio.run(accounts.authenticate(HERE, Admitted("amina.k")))["name"] == "amina.k"


def test_a_closed_account_is_refused_by_password_by_link_and_while_signed_in(accounts):
    accounts.store.people.set_disabled("amina.k", True)
    assert ask(accounts, "amina.k") is None
    assert asyncio.run(accounts.authenticate(HERE, Admitted("amina.k"))) is None
    assert asyncio.run(accounts.refresh_user(SimpleNamespace(name="amina.k"))) is False


def test_a_new_role_arrives_without_signing_in_again(accounts):
    accounts.store.people.add("amina.k", "Amina", roles=["trainer"])
    assert asyncio.run(accounts.refresh_user(SimpleNamespace(name="amina.k"))) == {
        "name": "amina.k",
        "groups": ["trainer"],
    }


def test_after_five_mistakes_the_right_password_must_wait_too(accounts):
    for _ in range(5):
        ask(accounts, "amina.k", "wrong")
    with pytest.raises(HTTPError) as refused:
        ask(accounts, "amina.k")
    assert refused.value.status_code == 429


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        (request("127.0.0.1", **{"X-Forwarded-For": "41.186.1.1"}), "41.186.1.1"),
        (request("127.0.0.1", **{"X-Forwarded-For": "6.6.6.6, 41.186.1.1"}), "41.186.1.1"),
        (request("10.213.0.1", **{"X-Forwarded-For": "41.186.1.1", "X-Real-Ip": "6.6.6.6"}), "41.186.1.1"),
        (request("10.213.0.9", **{"X-Forwarded-For": "6.6.6.6"}), "10.213.0.9"),
        (request("127.0.0.1"), "127.0.0.1"),
    ],
)
def test_nobody_chooses_the_address_that_is_counted(accounts, asked, address):
    assert accounts.address_of(asked) == address
