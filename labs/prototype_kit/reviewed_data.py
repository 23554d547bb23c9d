"""Decisions of people while the application ran, as rows for the next version, with their origin marked."""

from __future__ import annotations

import csv
from pathlib import Path

from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.data_contract import read_contract
from labs.prototype_kit.version_sharing import service_folder


def write_reviews(project: Path) -> tuple[Path, int]:
    """Write `data/reviews.csv`; return its path and its rows.

    The rows are those that the model was unsure of or that were contested: harder than the rest. `origin` keeps that
    visible, so that nobody measures on them as if they were all cases.
    """
    contract = read_contract(project / "contract.toml")
    store = CaseStore(service_folder(project))
    cases = store.reviewed_cases()
    store.close()
    path = project / "data" / "reviews.csv"
    names = [column.name for column in contract.features]
    time_name = next((column.name for column in contract.with_role("time")), "decided_on")
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([*names, time_name, contract.target.name, "origin"])
        for case in cases:
            origin = f"review of version {case['version']}: {case['person'] or 'contested'}"
            values = [case["input"].get(name, "") for name in names]
            out.writerow([*values, case["at"][:10], case["reviewed"], origin])
    return path, len(cases)
