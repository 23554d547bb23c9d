"""One-time codes: which are right, that each counts once, and how the secret is kept."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pyotp
import pytest
from cryptography.fernet import Fernet

from hub.hub_process.code_form import CodeNeededError, second_step_ticket, ticket_holder
from hub.hub_process.password_rules import Passwords
from hub.hub_process.second_factor import STEP, matching_step, new_spare_codes, secret_qr_code, spend_code
from hub.hub_process.store_authenticator import Accounts
from hub.ops.verbs import second_factor
from hub.store.sealed_values import Sealer
from tests.support.hub_people import PASSWORD, QUICK
from tests.support.small_stores import filled

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_800_000_000.0


@pytest.fixture
def store(tmp_path):
    made = filled(tmp_path)
    made.second_factors.begin("admin", SECRET)
    return made


def code_at(moment: float) -> str:
    return pyotp.TOTP(SECRET).at(int(moment))


@pytest.mark.parametrize(
    ("off", "right"), [(0, True), (-STEP, True), (STEP, True), (-2 * STEP, False), (2 * STEP, False)]
)
def test_a_telephones_clock_may_be_half_a_minute_off_and_no_more(off, right):
    assert (matching_step(SECRET, code_at(NOW + off), NOW) is not None) is right


def test_a_code_counts_once(store):
    store.second_factors.confirm("admin", 0, [])
    code = code_at(time.time())
    assert spend_code(store, "admin", f" {code[:3]} {code[3:]} ")
    assert not spend_code(store, "admin", code)


def test_each_spare_code_counts_once(store):
    codes = new_spare_codes()
    store.second_factors.confirm("admin", 0, codes)
    assert spend_code(store, "admin", codes[0].upper())
    assert not spend_code(store, "admin", codes[0])
    assert spend_code(store, "admin", codes[1])


@pytest.mark.parametrize("typed", ["", " ", "000000", "¹²³⁴⁵⁶", "x" * 500])
def test_anything_else_is_no_code(store, typed):
    store.second_factors.confirm("admin", 0, [])
    assert not spend_code(store, "admin", typed)
    assert not spend_code(store, "amina.k", typed)


def test_nobody_is_asked_for_a_code_before_the_first_one_was_right(store):
    assert not store.second_factors.is_on("admin")
    store.second_factors.confirm("admin", 0, [])
    assert store.second_factors.is_on("admin")


def test_a_second_secret_never_replaces_one_that_counts(store):
    store.second_factors.confirm("admin", 0, [])
    store.second_factors.begin("admin", pyotp.random_base32())
    assert store.second_factors.secret("admin") == SECRET


def test_the_database_alone_does_not_tell_the_secret(store):
    assert SECRET.encode() not in (store.settings.state / "isomo.sqlite").read_bytes()
    assert SECRET.encode() not in (store.settings.state / "isomo.sqlite-wal").read_bytes()


def test_a_right_password_alone_signs_nobody_in_who_has_a_second_factor(store):
    store.people.set_password_hash("admin", QUICK.hash(PASSWORD))
    accounts = Accounts(directory=lambda: store, settings=store.settings, passwords=Passwords(QUICK))
    context = SimpleNamespace(address=("127.0.0.1", 4711))
    here = SimpleNamespace(request=SimpleNamespace(connection=SimpleNamespace(context=context), headers={}))
    form = {"username": "admin", "password": PASSWORD}
    assert asyncio.run(accounts.authenticate(here, form)) == {"name": "admin", "groups": ["administrator"]}
    store.second_factors.confirm("admin", 0, [])
    with pytest.raises(CodeNeededError):
        asyncio.run(accounts.authenticate(here, form))


def test_a_ticket_is_only_good_as_it_was_made(store):
    made = second_step_ticket(store, "admin")
    assert ticket_holder(store, made) == "admin"
    assert ticket_holder(store, made[:-4] + "AAA=") is None
    assert ticket_holder(store, store.sealer.seal('["admin"]')) is None
    assert ticket_holder(SimpleNamespace(sealer=Sealer([Fernet.generate_key()])), made) is None


def test_the_picture_is_svg_and_loads_nothing():
    drawn = secret_qr_code(SECRET, "admin", "Isomo labs.example.gov")
    assert drawn.startswith("<svg")
    assert "href" not in drawn
    assert "<script" not in drawn


def test_the_verb_takes_the_second_step_away_for_a_lost_telephone(store, monkeypatch, capsys):
    monkeypatch.setattr("hub.ops.this_installation.current_settings", lambda: store.settings)
    store.second_factors.confirm("admin", 0, [])
    assert second_factor.command(["admin"]) == 0
    assert "admin is asked for a code after the password." in capsys.readouterr().out
    assert second_factor.command(["admin", "--remove"]) == 0
    assert not store.second_factors.is_on("admin")
    assert store.audit.newest()[0].what == "second-factor-off"
    assert second_factor.command(["amina.k"]) == 0
    assert "amina.k signs in with the password alone." in capsys.readouterr().out
