"""Receipts of work that arrived: kept at home as they were signed, shown as a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from labs.kit.home_files import Home, as_json, read_json, write_aside
from labs.kit.kit_sentences import N_, kit_sentence
from labs.kit.show import Shown, panel

# Kigali keeps this all year; small images have no time-zone data.
KIGALI = dt.timezone(dt.timedelta(hours=2), "Kigali")

ARRIVED = N_(
    "**Handed in.** Your work arrived. Receipt **{receipt}**, attempt {attempt}, {when} (Kigali time)."
)
KEPT = N_("The receipt is kept in your folder: {path}. Anyone who doubts it can check the file.")
NOT_KEPT = N_(
    "The receipt could not be kept in your folder, because it is full. Your work arrived: *My labs* shows the same "
    "receipt. Delete large files that you no longer need."
)
UNSAVED = N_("{n} cells were not saved yet; what you ran in them was handed in.")
TEXT_AS_SAVED = N_(
    "Text that you wrote was taken as saved at {when}. If it is newer, wait ten seconds, then hand in again."
)


def plain_receipt(found: Any) -> dict[str, Any]:
    """Return a receipt as a dictionary, however the client gave it."""
    if isinstance(found, Mapping):
        return dict(found)
    if is_dataclass(found) and not isinstance(found, type):
        return asdict(found)
    return dict(getattr(found, "facts", {}) or vars(found))


def keep_receipt(home: Home, receipt: dict[str, Any]) -> str:
    """Keep a receipt at home; the answer is its path as a learner reads it."""
    name = "".join(sign for sign in str(receipt.get("receipt", "receipt")) if sign.isalnum() or sign in "-_")
    # Warnings are not signed: a file with them would not verify.
    signed = {key: value for key, value in receipt.items() if key != "warnings"}
    write_aside(home.receipts / f"{name}.json", as_json(signed))
    return f"~/.isomo/receipts/{name}.json"


def latest_receipt(home: Home, lab: str) -> dict[str, Any] | None:
    """Return the last receipt for a lab."""
    found = [read_json(path) for path in home.receipts.glob("*.json")]
    mine = [one for one in found if one.get("lab") == lab]
    return max(mine, key=lambda one: str(one.get("received_at", "")), default=None)


def shown_moment(text: object, language: str) -> str:
    """Return a time of the server as people in Kigali write it."""
    try:
        at = dt.datetime.fromisoformat(str(text)).astimezone(KIGALI)
    except ValueError:
        return str(text)
    return f"{at:%d/%m/%Y}, {at:%Hh%M}" if language == "fr" else f"{at:%d/%m/%Y}, {at:%H:%M}"


def shown_receipt(receipt: dict[str, Any], path: str, language: str, more: list[str] | None = None) -> Shown:
    """Return what a learner sees after work arrived."""
    facts = {"receipt": receipt.get("receipt"), "attempt": receipt.get("attempt")}
    sentences = [
        kit_sentence(ARRIVED, language, when=shown_moment(receipt.get("received_at"), language), **facts)
    ]
    sentences += more or []
    sentences += [_warning(one) for one in receipt.get("warnings") or []]
    return panel("passed", [*sentences, kit_sentence(KEPT if path else NOT_KEPT, language, path=path)])


def _warning(found: Any) -> str:
    return str(found.get("message") or found.get("code")) if isinstance(found, Mapping) else str(found)
