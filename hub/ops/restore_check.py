"""Check that a restored state is whole: databases, every attempt with its files, every receipt."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from hub.isomo_settings import Settings
from hub.ops.verb_sentences import _
from hub.secret_keys import Secrets
from hub.store import table_models
from hub.store.attempt_store import receipt_fields
from hub.store.content_files import Blobs
from hub.store.signed_receipts import public_keys, sign_receipt, verify_receipt
from hub.verb_errors import IsomoError


@dataclass
class Checked:
    """Findings of the check: counts, and a sentence for each thing that is missing."""

    attempts: int = 0
    receipts: int = 0
    files: int = 0
    problems: list[str] = field(default_factory=list)


def check_state(settings: Settings, about: dict[str, Any]) -> Checked:
    """Check that every attempt's files are there with the right content and that its receipt verifies."""
    checked, blobs = Checked(), Blobs(settings.state / "blobs")
    secret, keys = Secrets.load(settings).receipt, public_keys(settings)
    for key in about.get("receipt_keys", []):
        if key not in keys:
            checked.problems.append(_("The key {key}, which signed receipts, is missing.").format(key=key))
    columns = table_models.Attempt
    engine = create_engine(settings.database_url)
    seen: set[str] = set()
    with engine.connect() as connection:
        for row in connection.execute(select(columns)):
            checked.attempts += 1
            checked.receipts += _verifies(sign_receipt(receipt_fields(row), secret), keys)
            checked.files += _bundle(blobs, row.bundle, row.receipt, seen, checked.problems)
    engine.dispose()
    wanted = int(about.get("attempts", checked.attempts))
    if checked.attempts < wanted:
        text = _("{found} of {wanted} attempts are there.")
        checked.problems.append(text.format(found=checked.attempts, wanted=wanted))
    return checked


def _verifies(receipt: dict[str, Any], keys: Any) -> bool:
    try:
        verify_receipt(receipt, keys)
    except IsomoError:
        return False
    return True


def _bundle(blobs: Blobs, name: str, receipt: str, seen: set[str], problems: list[str]) -> int:
    """Check the files of one attempt; return how many were read for the first time."""
    read = 0
    try:
        wanted = [name, *json.loads(blobs.get(name)).values()] if name not in seen else []
        for each in wanted:
            if each in seen:
                continue
            seen.add(each)
            read += 1
            if _digest(blobs.path(each)) != each:
                problems.append(_("A file of attempt {receipt} is damaged.").format(receipt=receipt))
    except (OSError, ValueError, AttributeError):
        problems.append(_("A file of attempt {receipt} is missing.").format(receipt=receipt))
    return read


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
