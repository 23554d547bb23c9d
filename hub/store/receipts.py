"""Receipts: proof, checkable by anyone and without the network, that some work arrived when it did."""

from __future__ import annotations

import base64
import json
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import localedata
from babel.dates import format_date
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.errors import IsomoError
from hub.options import parse_options
from hub.settings import Settings
from hub.settings import load as load_settings
from hub.store.words import _
from hub.words import terminal_language

# Without the letters and digits that are mistaken for each other when read aloud.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
FIELDS = ("receipt", "learner", "course", "lab", "attempt", "sha256", "received_at", "key", "signature")


def new_number(now: datetime, zone: str) -> str:
    """Return a receipt's name, such as `R-2026-11-23-8F3K2`; the day is the office's own."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(5))
    return f"R-{now.astimezone(ZoneInfo(zone)):%Y-%m-%d}-{tail}"


def canonical(fields: Mapping[str, Any]) -> bytes:
    """Return the bytes that are signed: all fields but the signature, in one form only."""
    signed = {name: value for name, value in fields.items() if name != "signature"}
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def key_id(key: Ed25519PublicKey) -> str:
    """Return a short name for a public key, from its own bytes."""
    return base64.b32encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()[:10].lower()


def public_text(key: Ed25519PublicKey) -> str:
    """Return a public key as base64 of its 32 bytes."""
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def sign(fields: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return `fields` with the key's name and an Ed25519 signature (RFC 8032) over their canonical form."""
    full = {**fields, "key": key_id(key.public_key())}
    return {**full, "signature": base64.b64encode(key.sign(canonical(full))).decode()}


def verify(receipt: object, keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    """Return the receipt, if one of `keys` signed exactly this. Raises IsomoError with the reason if not."""
    if not isinstance(receipt, dict) or not all(name in receipt for name in FIELDS):
        raise IsomoError(
            _("This is not a receipt of Isomo."),
            _("Give the .json file that was shown when the work was handed in."),
        )
    key = keys.get(str(receipt["key"]))
    if key is None:
        raise IsomoError(
            _("This receipt names a key that is not known here: {key}.").format(key=receipt["key"]),
            _("Check it where the work was handed in, or ask for that installation's public key."),
        )
    try:
        key.verify(base64.b64decode(str(receipt["signature"]), validate=True), canonical(receipt))
    except (InvalidSignature, ValueError):
        raise IsomoError(
            _("Not valid: this receipt was changed after it was issued."),
            _("Ask the learner for the file as it was first saved; the campus can show the original."),
        ) from None
    return receipt


def public_keys(settings: Settings) -> dict[str, Ed25519PublicKey]:
    """Public keys of this installation: the present one and, in `keys/old-receipts/`, earlier ones."""
    from hub.secrets import Secrets

    found = [Secrets.load(settings).receipt.public_key()]
    for file in sorted((settings.state / "keys" / "old-receipts").glob("*.pub")):
        found.append(Ed25519PublicKey.from_public_bytes(base64.b64decode(file.read_text())))
    return {key_id(key): key for key in found}


def verify_command(argv: list[str]) -> int:
    """Verb `verify-receipt FILE [--json]`: exit code 0 for a valid receipt, else 1."""
    options = parse_options("verify-receipt", argv)
    settings = load_settings()
    try:
        receipt = verify(_read(Path(options.file)), public_keys(settings))
    except IsomoError as error:
        if not options.json:
            raise
        refused = {"valid": False, "reason": error.message, "next": error.tip, "receipt": None}
        sys.stdout.write(json.dumps(refused, ensure_ascii=False) + "\n")
        return 1
    if options.json:
        said = {"valid": True, "reason": "", "next": "", "receipt": receipt}
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        return 0
    moment = datetime.fromisoformat(receipt["received_at"]).astimezone(ZoneInfo(settings.timezone))
    place = settings.timezone.rpartition("/")[2].replace("_", " ")
    text = _("Valid: this exact work reached Isomo on {day} at {time} ({place}).")
    day = format_date(moment, "d MMM y", locale=_locale())
    sys.stdout.write(text.format(day=day, time=f"{moment:%H:%M}", place=place) + "\n")
    return 0


def _locale() -> str:
    """Return the terminal's language as Babel knows it, else English."""
    language = terminal_language()
    return language if localedata.exists(language) else "en"


def _read(path: Path) -> object:
    try:
        found: object = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise IsomoError(
            _("{file} could not be read: {reason}.").format(file=path, reason=error.strerror)
        ) from None
    except ValueError:
        raise IsomoError(
            _("This is not a receipt of Isomo."),
            _("Give the .json file that was shown when the work was handed in."),
        ) from None
    return found


def utc_text_or_none(moment: datetime | None) -> str | None:
    """Return a moment as receipts write it; None for none."""
    return None if moment is None else utc_text(moment)


def utc_text(moment: datetime) -> str:
    """Return a moment as receipts write it: `2026-11-23T09:14:07Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
