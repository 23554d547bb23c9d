"""The hub with other settings: behind HTTPS, and with PostgreSQL."""

from __future__ import annotations

import datetime
import ssl

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import create_engine, inspect

from tests.support.hub_people import PASSWORD
from tests.support.hub_run import Hub, follow, free_ports, open_server, sign_in


@pytest.fixture
def certificate(tmp_path):
    """A key and a certificate for 127.0.0.1."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    key_file, cert_file = tmp_path / "key.pem", tmp_path / "cert.pem"
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return key_file, cert_file


def test_behind_https_both_origins_are_encrypted_and_no_cookie_leaves_without(tmp_path, certificate):
    key, cert = certificate
    public, learner = free_ports(2)
    settings = {
        "address": f"https://127.0.0.1:{public}",
        "learner_address": f"https://127.0.0.1:{learner}",
        "tls": {"key": str(key), "certificate": str(cert)},
    }
    hub = Hub(tmp_path, settings_more=settings, verify=ssl.create_default_context(cafile=str(cert)))
    hub.town.add("amina.k")
    try:
        hub.start()
        browser = hub.browser()
        answer = sign_in(browser, "amina.k", PASSWORD)
        cookies = answer.headers.get_list("set-cookie")
        assert answer.status_code == 302
        assert all("Secure" in cookie for cookie in cookies), cookies
        away = browser.get(f"{hub.settings.learner_address}/hub/home")
        assert away.headers["location"] == f"{hub.settings.address}/hub/home"
        with pytest.raises(httpx.TransportError):
            httpx.get(hub.settings.address.replace("https", "http"))
    finally:
        hub.stop_all()


def test_with_postgresql_the_hubs_tables_have_a_schema_of_their_own(tmp_path, postgres):
    hub = Hub(tmp_path, settings_more={"database": postgres})
    hub.town.add("amina.k")
    try:
        hub.start()
        assert sign_in(hub.browser(), "amina.k", PASSWORD).status_code == 302
        tables = inspect(create_engine(hub.settings.database_url))
        assert "spawners" in tables.get_table_names(schema="jupyterhub")
        assert "spawners" not in tables.get_table_names(schema="public")
        assert "person" in tables.get_table_names(schema="public")
    finally:
        hub.stop_all()


@pytest.fixture
def with_campus(tmp_path):
    """Hub, proxies and campus together, with a learner."""
    hub = Hub(tmp_path)
    hub.town.add("amina.k")
    try:
        hub.start_campus()
        yield hub.start()
    finally:
        hub.stop_all()


def test_signing_in_at_the_hub_opens_the_campus_and_a_servers_token_opens_the_exchange(with_campus):
    browser = with_campus.signed_in("amina.k")
    pages = follow(browser, "/services/campus/")
    assert pages[-1].status_code == 200
    assert str(pages[-1].url) == f"{with_campus.settings.address}/services/campus/"
    open_server(browser, "amina.k")
    (env,) = with_campus.servers().values()
    headers = {"Authorization": f"token {env['JUPYTERHUB_API_TOKEN']}"}
    me = httpx.get(f"{env['ISOMO_CAMPUS_URL']}/api/v1/me", headers=headers)
    assert me.json()["name"] == "amina.k"
    assert me.json()["courses"][0]["course"] == env["ISOMO_COURSE"]
