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

from hub.isomo_settings import Settings, load_settings
from hub.message_catalogues import N_, terminal_language
from hub.store.signed_tokens import (
    TokenRefusedError,
    UnknownKeyError,
    key_id,
    read_key_set,
    read_token,
    sign_token,
)
from hub.store.store_sentences import _
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options

# Without the letters and digits that are mistaken for each other when read aloud.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
FIELDS = ("receipt", "learner", "course", "lab", "attempt", "sha256", "received_at")
TYPE = "isomo-receipt+jws"
"""Media type in the header of a receipt's token: no badge, signed with the same key, passes for a receipt."""
LONGEST = 32_768
"""Bytes of a file that are read; a receipt has about a thousand."""
REFUSALS = {
    "no-receipt": (
        N_("This is not a receipt of Isomo."),
        N_("Give the .json file that was shown when the work was handed in."),
    ),
    "unknown-key": (
        N_("This receipt names a key that is not known here: {key}."),
        N_("Check it where the work was handed in, or ask for that installation's public key."),
    ),
    "changed": (
        N_("Not valid: this receipt was changed after it was issued."),
        N_("Ask the learner for the file as it was first saved; the campus can show the original."),
    ),
}


class ReceiptRefusedError(IsomoError):
    """A receipt that does not verify; `reason` is one of REFUSALS."""

    def __init__(self, reason: str, key: str = "") -> None:
        sentence, tip = REFUSALS[reason]
        super().__init__(_(sentence).format(key=key), _(tip))
        self.reason = reason
        self.key = key


def new_number(now: datetime, zone: str) -> str:
    """Return a receipt's name, such as `R-2026-11-23-8F3K2`; the day is the office's own."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(5))
    return f"R-{now.astimezone(ZoneInfo(zone)):%Y-%m-%d}-{tail}"


def canonical_bytes(fields: Mapping[str, Any]) -> bytes:
    """Return the bytes that are signed: all fields but the signature, in one form only."""
    signed = {name: value for name, value in fields.items() if name != "signature"}
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def public_text(key: Ed25519PublicKey) -> str:
    """Return a public key as base64 of its 32 bytes."""
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def signed_fields(fields: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return `fields` with the key's name and an Ed25519 signature (RFC 8032) over their canonical form."""
    full = {**fields, "key": key_id(key.public_key())}
    return {**full, "signature": base64.b64encode(key.sign(canonical_bytes(full))).decode()}


def sign_receipt(fields: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return `fields` with the key's name and `jws`, the same fields as a compact JSON Web Signature.

    Args:
        fields: those of FIELDS.
        key: the installation's key for receipts.

    Example:
        sign_receipt(receipt_fields(attempt), secrets.receipt)["jws"]
    """
    token = sign_token(fields, key, {"typ": TYPE})
    return {**fields, "key": key_id(key.public_key()), "jws": token}


def verify_receipt(receipt: object, keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    """Return the receipt, if one of `keys` signed exactly this.

    Args:
        receipt: the content of a receipt's file, its `jws` alone, or a receipt as they were before there was one,
            with `signature` instead.
        keys: public keys by their names.

    Raises:
        ReceiptRefusedError: it says why.
    """
    if isinstance(receipt, str):
        return _verify_token(receipt, keys)
    if not isinstance(receipt, dict):
        raise ReceiptRefusedError("no-receipt")
    if "jws" not in receipt:
        return _verify_older(receipt, keys)
    signed = _verify_token(str(receipt["jws"]), keys)
    if _plain(signed) != _plain(receipt):
        raise ReceiptRefusedError("changed")
    return receipt


def _verify_token(token: str, keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    """Return the receipt that a token alone says."""
    try:
        header, fields = read_token(token, keys)
    except UnknownKeyError as error:
        raise ReceiptRefusedError("unknown-key", str(error)[:40]) from None
    except TokenRefusedError:
        raise ReceiptRefusedError("changed" if token.count(".") == 2 else "no-receipt") from None
    if header.get("typ") != TYPE or set(fields) != set(FIELDS):
        raise ReceiptRefusedError("no-receipt")
    return {**fields, "key": header["kid"], "jws": token}


def _plain(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, sort_keys=True)


def _verify_older(receipt: dict[str, Any], keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    """Verify a receipt that was issued before receipts were JSON Web Signatures."""
    if not all(name in receipt for name in (*FIELDS, "key", "signature")):
        raise ReceiptRefusedError("no-receipt")
    key = keys.get(str(receipt["key"]))
    if key is None:
        raise ReceiptRefusedError("unknown-key", str(receipt["key"])[:40])
    try:
        key.verify(base64.b64decode(str(receipt["signature"]), validate=True), canonical_bytes(receipt))
    except (InvalidSignature, ValueError):
        raise ReceiptRefusedError("changed") from None
    return receipt


def public_keys(settings: Settings) -> dict[str, Ed25519PublicKey]:
    """Public keys of this installation: the present one and, in `keys/old-receipts/`, earlier ones."""
    from hub.secret_keys import Secrets

    found = [Secrets.load(settings).receipt.public_key()]
    for file in sorted((settings.state / "keys" / "old-receipts").glob("*.pub")):
        found.append(Ed25519PublicKey.from_public_bytes(base64.b64decode(file.read_text())))
    return {key_id(key): key for key in found}


def verify_command(argv: list[str]) -> int:
    """Verb `verify-receipt FILE [--keys FILE] [--json]`: exit code 0 for a valid receipt, else 1."""
    options = parse_options("verify-receipt", argv)
    settings = load_settings()
    try:
        keys = _given_keys(Path(options.keys)) if options.keys else public_keys(settings)
        receipt = verify_receipt(_read(Path(options.file)), keys)
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


def read_receipt(content: bytes) -> object:
    """Return what a receipt's file says: its JSON, or its token if it has nothing else.

    Raises:
        ReceiptRefusedError: it is neither, or longer than any receipt.
    """
    try:
        text = content.decode("utf-8").strip()
        if len(content) > LONGEST:
            raise ReceiptRefusedError("no-receipt")
        return json.loads(text) if text.startswith("{") else text
    except (ValueError, RecursionError):
        raise ReceiptRefusedError("no-receipt") from None


def _read(path: Path) -> object:
    return read_receipt(_content(path))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LONGEST + 1)
    except OSError as error:
        raise IsomoError(
            _("{file} could not be read: {reason}.").format(file=path, reason=error.strerror)
        ) from None


def _given_keys(path: Path) -> dict[str, Ed25519PublicKey]:
    """Return the keys of a saved `keys.json`. Raises IsomoError if it has none."""
    try:
        return read_key_set(json.loads(_content(path)))
    except (ValueError, RecursionError):
        raise IsomoError(
            _("{file} has no public keys of an installation.").format(file=path),
            _("Save keys.json of the campus in which the work was handed in, then give that file."),
        ) from None


def utc_text_or_none(moment: datetime | None) -> str | None:
    """Return a moment as receipts write it; None for none."""
    return None if moment is None else utc_text(moment)


def utc_text(moment: datetime) -> str:
    """Return a moment as receipts write it: `2026-11-23T09:14:07Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
