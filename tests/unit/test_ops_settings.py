"""What cannot work although it is well formed, and what `check-settings` says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hub import command_line
from hub.isomo_settings import SettingsError, parse_settings
from hub.ops.verbs import doctor, up
from hub.settings_checks import setting_problems


def key_pair(folder: Path, name: str) -> tuple[str, str]:
    """A key and its certificate, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}-key.pem", folder / f"{name}.pem"
    files[0].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files[1].write_bytes(certificate.public_bytes(Encoding.PEM))
    return str(files[0]), str(files[1])


def problems(**values: object) -> list[str]:
    return setting_problems(parse_settings(values))


@pytest.fixture(autouse=True)
def _english(monkeypatch, tmp_path):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("ISOMO_SETTINGS", str(tmp_path / "isomo.toml"))
    monkeypatch.delenv("ISOMO_STATE", raising=False)
    monkeypatch.delenv("ISOMO_EVALUATE", raising=False)


def test_the_default_settings_can_work():
    assert problems() == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"address": "https://labs.example.gov"},
            "address begins with https://, and there is no section [tls]. "
            "Name the key and the certificate there, or write http://.",
        ),
        (
            {"languages": ["en", "de"]},
            'languages has "de", and there is no translation for it. There are: en, fr, rw.',
        ),
        (
            {"grading": {"queue": True}},
            "grading.queue is true, and the queue needs PostgreSQL; database is SQLite. "
            'Write database = "postgresql://…", or take grading.queue out.',
        ),
        (
            {"learner": {"memory": "1 MiB"}},
            "learner.memory is 1 MiB, too little to start. Write at least 256 MiB.",
        ),
        (
            {"trainer": {"memory": "255 MiB"}},
            "trainer.memory is 255 MiB, too little to start. Write at least 256 MiB.",
        ),
        (
            {"ca_bundle": "/no/such.pem"},
            "ca_bundle names /no/such.pem, which cannot be read (No such file or directory). "
            "Name a file that exists.",
        ),
    ],
)
def test_each_setting_that_cannot_work_is_one_sentence(values, said):
    assert problems(**values) == [said]


def test_what_is_just_enough_memory_is_accepted():
    assert problems(learner={"memory": "256 MiB"}) == []


def test_a_certificate_without_https_is_told(tmp_path):
    key, certificate = key_pair(tmp_path, "labs")
    tls = {"key": key, "certificate": certificate}
    assert problems(tls=tls) == [
        "[tls] is there, and address begins with http://. Write https://, or take [tls] out."
    ]
    assert problems(tls=tls, address="https://labs.example.gov") == []


def test_only_one_of_the_two_addresses_with_https_is_told(tmp_path):
    key, certificate = key_pair(tmp_path, "labs")
    found = problems(
        address="https://labs.example.gov",
        learner_address="http://labs.example.gov:8001",
        tls={"key": key, "certificate": certificate},
    )
    assert found == ["address and learner_address must both begin with https://, or both with http://."]


def test_files_that_are_missing_or_hold_something_else_are_named(tmp_path):
    key, certificate = key_pair(tmp_path, "labs")
    other, _certificate = key_pair(tmp_path, "other")
    note = tmp_path / "note.pem"
    note.write_text("not a key")

    def told(key: str, certificate: str) -> list[str]:
        return problems(address="https://h.example", tls={"key": key, "certificate": certificate})

    assert len(told("/no/key.pem", "/no/chain.pem")) == 2
    assert told("/no/key.pem", certificate)[0].startswith("tls.key names /no/key.pem, which cannot be read")
    assert told(str(note), certificate)[0].startswith(f"tls.key names {note}, which holds no private key")
    assert told(key, str(note)) == [f"tls.certificate names {note}, which holds no certificate in PEM form."]
    assert told(other, certificate)[0].startswith("tls.key and tls.certificate do not belong together.")
    assert problems(ca_bundle=str(note)) == [
        f"ca_bundle names {note}, which holds no certificate in PEM form."
    ]


def test_check_settings_says_what_would_run_without_the_password(tmp_path, capsys):
    file = tmp_path / "office.toml"
    file.write_text(
        'database = "postgresql://isomo:s3cret@db/isomo?password=s3cret"\nlanguages = ["en", "fr"]\n'
    )
    assert command_line.main(["check-settings", str(file)]) == 0
    said = capsys.readouterr().out
    assert "http://127.0.0.1:8000" in said
    assert "@db/isomo" in said
    assert "en, fr" in said
    assert "1 GiB memory, 1 cores, 256 processes" in said
    assert "s3cret" not in said
    assert list(tmp_path.iterdir()) == [file]


def test_check_settings_prints_each_mistake_on_a_line_and_ends_with_one(tmp_path, capsys):
    file = tmp_path / "office.toml"
    file.write_text('languages = ["de"]\n[learner]\nmemory = "1 MiB"\n')
    assert command_line.main(["check-settings", str(file)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.partition(":")[0] for line in err.splitlines()] == ["office.toml", "office.toml"]


def test_check_settings_prints_one_json_object_for_programs(tmp_path, capsys):
    file = tmp_path / "office.toml"
    file.write_text("idle_minutes = 5\n")
    assert command_line.main(["check-settings", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["valid"] is True
    assert said["errors"] == []
    assert said["settings"]["limits"]["learner"]["memory"] == 1 << 30
    file.write_text("idle_minuts = 5\n")
    assert command_line.main(["check-settings", str(file), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "valid": False,
        "errors": ["office.toml: idle_minuts is not a setting. Did you mean idle_minutes?"],
        "settings": None,
    }


def test_up_refuses_what_check_settings_refuses_and_makes_nothing(tmp_path):
    (tmp_path / "isomo.toml").write_text(f'state = "{tmp_path}/state"\nlanguages = ["de"]\n')
    with pytest.raises(SettingsError, match=r'isomo\.toml: languages has "de"'):
        up.command(["--evaluate"])
    assert not (tmp_path / "state").exists()


def test_doctor_names_a_setting_that_cannot_work(tmp_path):
    settings = parse_settings({"state": str(tmp_path / "state"), "languages": ["de"]})
    assert [finding.grade for finding in doctor.settings_file(settings)] == ["bad"]
    good = parse_settings({"state": str(tmp_path / "state")})
    assert [finding.grade for finding in doctor.settings_file(good)] == ["good"]
