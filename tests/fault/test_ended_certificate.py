"""A certificate that ends: doctor tells three weeks before, and names the day afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hub.ops.verbs.doctor import check_certificate


def _certificate(folder: Path, days: int) -> Path:
    """Return a certificate that is good for so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "labs.example.gov")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("days", "grade", "do"),
    [(-1, "bad", "Get a new one"), (14, "look", "Get a new one before that day"), (60, "good", "")],
)
def test_doctor_says_how_long_a_certificate_is_good(tmp_path, monkeypatch, days, grade, do):
    monkeypatch.setenv("LC_ALL", "C")
    found = check_certificate(_certificate(tmp_path, days), "Certificate", "tls.certificate")
    end = f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"
    assert (found.grade, found.do) == (grade, do)
    assert end in found.text
