"""Versions of a prototype: what was handed to the approver, frozen, each in a separate folder.

Which one is live, and whether the application is switched on, is read from the events in the case store: nothing is
overwritten, so a roll-back is one more event.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.data_contract import Contract, read_contract
from labs.prototype_kit.application.model_file import FACTS, read_facts
from labs.prototype_kit.application.project_settings import KINDS, Settings, read_settings

APPROVED, ROLLED_BACK, SWITCHED_OFF, SWITCHED_ON = "approved", "rolled back", "switched off", "switched on"


@dataclass(frozen=True)
class Version:
    """One frozen version."""

    number: int
    folder: Path
    settings: Settings
    contract: Contract
    facts: dict[str, Any]
    about: dict[str, Any]


def versions_folder(state: Path) -> Path:
    """Return where versions are kept."""
    return state / "versions"


def version_numbers(state: Path) -> list[int]:
    """Return the numbers of all versions, the first one first."""
    return sorted(
        int(path.name) for path in versions_folder(state).glob("*") if re.fullmatch("[0-9]{1,9}", path.name)
    )


def read_version(state: Path, number: int) -> Version:
    """Read one version. Raises PrototypeError if it cannot be read, or lacks what the pages show."""
    folder = versions_folder(state) / str(number)
    try:
        return Version(
            number,
            folder,
            read_settings(folder),
            read_contract(folder / "contract.toml"),
            _checked_facts(read_facts(folder)),
            _checked_about(json.loads((folder / "version.json").read_text("utf-8"))),
        )
    except (
        PrototypeError,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise PrototypeError(
            N_(
                "Version {number} cannot be read: {reason}. The approver goes back to another version; the team shares a new one."
            ),
            number=number,
            reason=str(error) or type(error).__name__,
        ) from error


def _checked_facts(facts: dict[str, Any]) -> dict[str, Any]:
    kinds = {"rows": int, "weight_names": list, "references": dict}
    # Versions made before groups were compared have no "slice_references".
    kept = {"slice_references": {}, **facts}
    kinds["slice_references"] = dict
    if facts["kind"] not in KINDS or not all(isinstance(kept[key], kind) for key, kind in kinds.items()):
        raise ValueError(FACTS)
    return facts


def _checked_about(about: dict[str, Any]) -> dict[str, Any]:
    words = (about["at"], about["by"], *about["change"].values(), *about["card"].values())
    if not all(isinstance(each, str) for each in words) or not {"en"} <= set(about["change"]) & set(
        about["card"]
    ):
        raise ValueError("version.json")
    return about


def live_number(store: CaseStore) -> int | None:
    """Return the number of the version that answers, None before the first approval."""
    for event in reversed(store.events()):
        if event["what"] in (APPROVED, ROLLED_BACK):
            return int(event["version"])
    return None


def is_off(store: CaseStore) -> bool:
    """Return whether the off switch was used and not taken back."""
    for event in reversed(store.events()):
        if event["what"] in (SWITCHED_OFF, SWITCHED_ON):
            return bool(event["what"] == SWITCHED_OFF)
    return False


def closed_reason(store: CaseStore, settings: Settings, today: dt.date | None = None) -> str:
    """Return why the application answers nobody, as a sentence to translate; an empty string if it does."""
    day = today or dt.datetime.now(dt.UTC).date()
    if live_number(store) is None:
        return N_(
            "No version was approved yet. The approver reads the card and approves it on the page “Versions”."
        )
    if is_off(store) or settings.switched_off:
        return N_("This application was switched off. Decide the case as you did before it existed.")
    if settings.expires_on and day > settings.expires_on:
        return N_("This application's time is over. Its team must measure it again before it goes on.")
    return ""
