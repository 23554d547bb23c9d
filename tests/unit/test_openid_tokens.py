"""Which identity tokens are believed, and what people are called here: no provider runs for these."""

from __future__ import annotations

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hub.hub_process.openid_person import NoAccountError, admit_person, user_name
from hub.hub_process.openid_tokens import NotTheirsError, Provider
from hub.isomo_settings import SettingsError, parse_settings
from hub.optional_sections import OpenId
from tests.support.small_stores import filled

ISSUER, CLIENT, NONCE = "https://login.example.gov", "isomo", "n-0S6"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def section(**more) -> OpenId:
    values = {"issuer": ISSUER, "client_id": CLIENT, "secret_file": "secret", **more}
    found = parse_settings({"oidc": values}).oidc
    assert found is not None
    return found


def jwk(key, name: str) -> dict[str, str]:
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "alg": "RS256"}


class Answers:
    """What the provider's addresses answer."""

    def __init__(self, keys: list[dict[str, str]]) -> None:
        self.keys, self.asked = keys, 0

    def __call__(self, url: str, token: str = "") -> dict:
        if url.endswith("openid-configuration"):
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            return {"issuer": ISSUER, **{name: f"{ISSUER}/{name}" for name in names}}
        self.asked += 1
        return {"keys": self.keys}


@pytest.fixture
def provider(monkeypatch):
    made = Provider(section())
    monkeypatch.setattr(made, "_get", Answers([jwk(KEY, "one")]))
    return made


def token(key=KEY, kid="one", algorithm="RS256", **more) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300, "nonce": NONCE, **more}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def test_a_token_that_the_provider_made_for_this_sign_in_is_believed(provider):
    assert provider.verify(token(), NONCE)["sub"] == "7"
    assert provider.verify(token(kid=None), NONCE)["sub"] == "7"


@pytest.mark.parametrize(
    "made",
    [
        token(OTHER),
        token(kid="two"),
        token(iss="https://login.example.com"),
        token(aud="another client"),
        token(aud=[CLIENT, "another client"]),
        token(exp=int(time.time()) - 120),
        token(nonce="another"),
        token(nonce=None),
        token(sub=None),
        token("a shared secret that is long enough for a hash", algorithm="HS256"),
        jwt.encode({"iss": ISSUER, "aud": CLIENT, "sub": "7"}, None, algorithm="none"),
        "not a token",
        "",
    ],
    ids=[
        *("another key", "an unknown key", "another issuer", "another client", "several clients", "too old"),
        *("another nonce", "no nonce", "nobody", "a shared secret", "no signature", "no token", "nothing"),
    ],
)
def test_any_other_token_is_refused(provider, made):
    with pytest.raises(NotTheirsError):
        provider.verify(made, NONCE)


def test_new_keys_are_fetched_but_not_for_each_wrong_token(provider, monkeypatch):
    provider.verify(token(), NONCE)
    answers = provider._get
    for _ in range(5):
        with pytest.raises(NotTheirsError):
            provider.verify(token(OTHER, "two"), NONCE)
    assert answers.asked == 1
    answers.keys = [jwk(OTHER, "two")]
    monkeypatch.setattr("hub.hub_process.openid_tokens.KEYS_AT_MOST_EVERY", 0.0)
    assert provider.verify(token(OTHER, "two"), NONCE)["sub"] == "7"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Claudine.Uwasé@gov.rw", "claudine.uwase"),
        ("jean paul", "jean-paul"),
        ("a+b", "a-b"),
        ("x" * 200, "x" * 32),
        ("-.-", ""),
        ("王", ""),
        ("", ""),
    ],
)
def test_names_of_a_provider_become_user_names(said, name):
    assert user_name(said) == name


def test_leaving_a_group_takes_its_role_away_and_no_other(tmp_path):
    store, named = filled(tmp_path), section(trainer_groups=["ai-trainers"])
    claims = {"sub": "1", "preferred_username": "amina.k", "groups": ["ai-trainers"]}
    assert admit_person(store, named, claims) == "amina.k"
    assert store.people.roles("amina.k") == ["learner", "trainer"]
    admit_person(store, named, {**claims, "groups": []})
    assert store.people.roles("amina.k") == ["learner"]


def test_an_identity_keeps_its_account_when_its_name_changes(tmp_path):
    store, named = filled(tmp_path), section()
    admit_person(store, named, {"sub": "1", "preferred_username": "amina.k"})
    assert admit_person(store, named, {"sub": "1", "preferred_username": "amina.married"}) == "amina.k"


def test_nobody_takes_over_an_account_that_came_from_the_provider(tmp_path):
    store, named = filled(tmp_path), section()
    admit_person(store, named, {"sub": "1", "preferred_username": "amina.k"})
    assert admit_person(store, named, {"sub": "2", "preferred_username": "amina.k"}).startswith("amina.k-")


def test_without_new_accounts_only_people_who_are_here_come_in(tmp_path):
    store, named = filled(tmp_path), section(new_accounts=False)
    assert admit_person(store, named, {"sub": "1", "preferred_username": "amina.k"}) == "amina.k"
    with pytest.raises(NoAccountError):
        admit_person(store, named, {"sub": "2", "preferred_username": "newcomer"})


@pytest.mark.parametrize("issuer", ["http://login.example.gov", "login.example.gov", "https://a@b.example"])
def test_a_provider_without_encryption_is_refused_with_the_right_form(issuer):
    with pytest.raises(
        SettingsError, match=r"oidc\.issuer is .* Write the address of the provider with https://"
    ):
        section(issuer=issuer)
