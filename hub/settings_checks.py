"""Checks of settings that are well formed and still cannot work on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from hub.isomo_settings import Settings, SettingsError
from hub.memory_sizes import Size
from hub.message_catalogues import LOCALE
from hub.message_catalogues import terminal_sentence as _
from hub.optional_sections import LOCAL

# A learner's server alone takes 91 to 130 MiB; one kernel that has read a table takes about as much again.
LEAST_MEMORY = Size.parse("256 MiB")
SOURCE_LANGUAGE = "en"

Check = Callable[[Settings], Iterator[str]]


def known_languages() -> list[str]:
    """Languages that the pages can be shown in."""
    found = {path.parents[1].name for path in LOCALE.glob("*/LC_MESSAGES/hub.po")}
    return sorted({SOURCE_LANGUAGE, *found})


def _languages(settings: Settings) -> Iterator[str]:
    known = known_languages()
    for language in settings.languages:
        if language not in known:
            yield _(
                'languages has "{language}", and there is no translation for it. There are: {known}.'
            ).format(language=language, known=", ".join(known))


def _encryption(settings: Settings) -> Iterator[str]:
    public = {"address": settings.address, "learner_address": settings.learner_address}
    secure = [name for name, origin in public.items() if origin.startswith("https:")]
    if len(secure) == 1:
        yield _("address and learner_address must both begin with https://, or both with http://.")
    if secure and settings.tls is None:
        yield _(
            "{name} begins with https://, and there is no section [tls]. "
            "Name the key and the certificate there, or write http://."
        ).format(name=secure[0])
    if settings.tls is not None and not secure:
        yield _("[tls] is there, and address begins with http://. Write https://, or take [tls] out.")


def _problem(path: Path, setting: str) -> str:
    """Say why a file cannot be read; nothing if it can."""
    try:
        path.read_bytes()
    except OSError as error:
        return _("{setting} names {path}, which cannot be read ({reason}). Name a file that exists.").format(
            setting=setting, path=path, reason=error.strerror
        )
    return ""


def _authority(settings: Settings) -> Iterator[str]:
    if settings.ca_bundle is None:
        return
    if problem := _problem(settings.ca_bundle, "ca_bundle"):
        yield problem
    elif not _certificates(settings.ca_bundle):
        yield _no_certificate("ca_bundle", settings.ca_bundle)


def _key_pair(settings: Settings) -> Iterator[str]:
    tls = settings.tls
    if tls is None:
        return
    problems = [_problem(tls.key, "tls.key"), _problem(tls.certificate, "tls.certificate")]
    if any(problems):
        yield from filter(None, problems)
        return
    key, chain = _private_key(tls.key), _certificates(tls.certificate)
    if not chain:
        yield _no_certificate("tls.certificate", tls.certificate)
    if key is None:
        yield _("tls.key names {path}, which holds no private key in PEM form without a password.").format(
            path=tls.key
        )
    if key is not None and chain and _public(key) != _certified(chain[0]):
        yield _("tls.key and tls.certificate do not belong together. Name the key of this certificate.")


def _no_certificate(setting: str, path: Path) -> str:
    return _("{setting} names {path}, which holds no certificate in PEM form.").format(
        setting=setting, path=path
    )


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError:
        return []


def _private_key(path: Path) -> PrivateKeyTypes | None:
    try:
        return load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        return None


def _public(key: PrivateKeyTypes) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _certified(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _queue(settings: Settings) -> Iterator[str]:
    if settings.grading.queue and settings.database == "sqlite":
        yield _(
            "grading.queue is true, and the queue needs PostgreSQL; database is SQLite. "
            'Write database = "postgresql://…", or take grading.queue out.'
        )


def _memory(settings: Settings) -> Iterator[str]:
    parts = {
        "learner": settings.learner.memory,
        "trainer": settings.trainer.memory,
        "grading": settings.grading.memory,
    }
    for name, amount in parts.items():
        if amount < LEAST_MEMORY:
            yield _("{name}.memory is {amount}, too little to start. Write at least {least}.").format(
                name=name, amount=Size(amount), least=LEAST_MEMORY
            )


def _provider(settings: Settings) -> Iterator[str]:
    named = settings.oidc
    if named is None:
        return
    if problem := _problem(named.secret_file, "oidc.secret_file"):
        yield problem
    elif not named.secret_file.read_text("utf-8", "replace").strip():
        yield _("oidc.secret_file names {path}, which is empty. Write the client's secret into it.").format(
            path=named.secret_file
        )


def _platform(settings: Settings) -> Iterator[str]:
    local = urlsplit(settings.address).hostname in LOCAL
    if settings.lti is not None and not local and settings.address.startswith("http:"):
        yield _(
            "[lti] is there, and address begins with http://. A browser brings nobody from a learning platform "
            "to an address without encryption: write https:// and a section [tls], or take [lti] out."
        )


def _backups(settings: Settings) -> Iterator[str]:
    chosen = settings.backup
    if chosen.password_file is not None:
        if problem := _problem(chosen.password_file, "backup.password_file"):
            yield problem
    place = Path(chosen.repository or "")
    if chosen.repository and place.is_absolute() and place.is_relative_to(settings.state):
        yield _(
            "backup.repository is {path}, inside the state folder that it is a copy of. "
            "Name a place on another disk or machine."
        ).format(path=place)


def _mail(settings: Settings) -> Iterator[str]:
    chosen = settings.mail
    if chosen is None:
        return
    if bool(chosen.username) != bool(chosen.password_file):
        yield _("mail.username and mail.password_file belong together. Write both, or neither.")
    if chosen.password_file and (problem := _problem(chosen.password_file, "mail.password_file")):
        yield problem
    if chosen.username and chosen.encryption == "none" and chosen.host not in LOCAL:
        yield _(
            'mail.encryption is "none", so the password would travel readable. Write "starttls" or "tls".'
        )


CHECKS: tuple[Check, ...] = (
    _languages,
    _encryption,
    _key_pair,
    _authority,
    _queue,
    _memory,
    _provider,
    _platform,
    _backups,
    _mail,
)


def setting_problems(settings: Settings) -> list[str]:
    """Return one sentence for each setting that cannot work; an empty list if all can."""
    return [sentence for check in CHECKS for sentence in check(settings)]


def require_workable(settings: Settings, file: Path | None = None) -> None:
    """Raise SettingsError with one sentence for each setting of `file` that cannot work."""
    name = (file or Path(os.environ.get("ISOMO_SETTINGS") or "isomo.toml")).name
    if problems := setting_problems(settings):
        raise SettingsError("\n".join(f"{name}: {sentence}" for sentence in problems))
