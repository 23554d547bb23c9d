"""The public page that checks a receipt: anybody may use it, and it believes only what was signed here."""

from __future__ import annotations

import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.ops.key_rotation import rotate_keys
from hub.secret_keys import Secrets
from hub.store.attempt_store import receipt_fields
from hub.store.signed_receipts import LONGEST, sign_receipt, signed_fields
from tests.support.pretended_campus import ROOT, Campus, attempts_url, work
from tests.support.small_stores import LEARNERS

AMINA = LEARNERS[0]
PAGE = f"{ROOT}/verify/receipt"


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


@pytest.fixture
def receipt(campus):
    sent = campus.program(AMINA).post(attempts_url(), content=work()).json()
    return {name: value for name, value in sent.items() if name != "warnings"}


def text_of(page):
    """What a reader sees of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def checked(campus, content, **params):
    files = {"file": ("receipt.json", content, "application/json")}
    return campus.client().post(PAGE, files=files, params=params)


def test_a_stranger_finds_the_form_and_the_public_keys(campus):
    page = campus.client().get(PAGE)
    assert page.status_code == 200
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert f"{ROOT}/verify/keys.json" in page.text
    assert "Vérifier un récépissé" in campus.client().get(f"{PAGE}?lang=fr").text


def test_a_saved_receipt_is_valid_with_what_it_says(campus, receipt):
    page = checked(campus, json.dumps(receipt))
    assert page.status_code == 200
    said = text_of(page.text)
    assert f"Valid. This installation issued the receipt {receipt['receipt']}" in said
    assert f"Learner {AMINA}" in said
    assert receipt["sha256"] in said
    assert "Valable." in checked(campus, json.dumps(receipt), lang="fr").text


def test_a_pasted_token_is_valid_too(campus, receipt):
    page = campus.client().post(PAGE, data={"text": f" {receipt['jws']}\n"})
    assert f"the receipt {receipt['receipt']}" in text_of(page.text)


def test_a_receipt_of_before_tokens_is_valid_too(campus, receipt):
    attempt = campus.store.attempts.get(receipt["receipt"])
    older = signed_fields(receipt_fields(attempt), Secrets.load(campus.settings).receipt)
    assert "Valid." in text_of(checked(campus, json.dumps(older)).text)


def test_a_changed_receipt_is_not_valid_and_its_content_is_not_shown(campus, receipt):
    page = checked(campus, json.dumps({**receipt, "learner": "bosco.n"}))
    assert page.status_code == 422
    assert "Not valid. This receipt was changed after it was issued." in text_of(page.text)
    assert "bosco.n" not in page.text


def test_a_receipt_of_another_installation_is_told_apart(campus, receipt):
    other = sign_receipt(
        receipt_fields(campus.store.attempts.get(receipt["receipt"])), Ed25519PrivateKey.generate()
    )
    assert f"does not have: {other['key']}." in text_of(checked(campus, json.dumps(other)).text)


@pytest.mark.parametrize("content", ["", "{}", "[]", "{" * 5000, "\x00\xff", "<script>", '{"jws": [1]}'])
def test_what_is_no_receipt_is_called_so(campus, content):
    page = checked(campus, content)
    assert page.status_code == 422
    assert "This is not a receipt." in text_of(page.text)


def test_what_is_too_large_is_not_read(campus):
    page = checked(campus, "x" * (3 * LONGEST))
    assert page.status_code == 413
    assert "This is too large for a receipt." in text_of(page.text)


def test_a_receipt_of_an_earlier_key_is_valid(campus, receipt):
    rotate_keys(campus.settings)
    assert "Valid." in text_of(checked(campus, json.dumps(receipt)).text)
