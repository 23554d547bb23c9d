"""The application's own work behind its pages: which version answers, the model's process, drift, the month."""

from __future__ import annotations

import datetime as dt
import math
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from labs.prototype_kit.application import drift
from labs.prototype_kit.application.campus_people import CampusPeople, write_usage
from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.data_contract import feature_cells
from labs.prototype_kit.application.identity import Identity
from labs.prototype_kit.application.request_guard import form_secret
from labs.prototype_kit.application.scoring_client import QUIET_SECONDS, Scorer
from labs.prototype_kit.application.versions import (
    Version,
    closed_reason,
    live_number,
    read_version,
    version_numbers,
)

WATCHED = 1000
"""The latest cases whose features are compared with the training data."""
KEEP_DAYS = 180
LOOK_EVERY = 30.0


class Service:
    """All that the pages need; one for each process."""

    def __init__(self, state: Path, identity: Identity, quiet: float = QUIET_SECONDS) -> None:
        self.state, self.identity, self.quiet = state, identity, quiet
        self.store = CaseStore(state)
        self.people = CampusPeople(state)
        self.form_secret = form_secret(state)
        self._told: dict[str, Any] = {}
        self._scorers: dict[int, Scorer] = {}
        self._versions: dict[int, Version] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.store.forget(dt.datetime.now(dt.UTC) - dt.timedelta(days=KEEP_DAYS))
        threading.Thread(target=self._look_after, daemon=True).start()

    def version(self, number: int) -> Version:
        """Return one version with the people of today; read once, because versions never change."""
        if number not in self._versions:
            self._versions[number] = read_version(self.state, number)
        version = self._versions[number]
        return replace(version, settings=self.people.settings(version.settings))

    def newest(self) -> Version | None:
        """Return the newest version, approved or not."""
        numbers = version_numbers(self.state)
        return self.version(numbers[-1]) if numbers else None

    def live(self) -> Version | None:
        """Return the version that answers."""
        number = live_number(self.store)
        return self.version(number) if number is not None else None

    def current(self) -> Version | None:
        """Return the live version, else the newest one: whose title and people count."""
        return self.live() or self.newest()

    def scorer(self, version: Version) -> Scorer:
        """Return the model's process of a version; those of other versions end."""
        with self._lock:
            for number in [number for number in self._scorers if number != version.number]:
                self._scorers.pop(number).close()
            if version.number not in self._scorers:
                self._scorers[version.number] = Scorer(version.folder, self.quiet)
            return self._scorers[version.number]

    def ask(self, version: Version, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the model's answers to raw rows. Raises ModelFault."""
        names = [column.name for column in version.contract.features]
        return self.scorer(version).ask(rows, names, version.facts["weight_names"])

    def drift_of(self, version: Version) -> dict[str, Any]:
        """Compare the latest cases with the training data; say which features left what chance explains."""
        cases = [case for case in self.store.latest(WATCHED) if case["version"] == version.number]
        rows = [version.contract.checked(case["input"])[0] for case in cases]
        cells = [feature_cells(version.contract, row) for row in rows]
        found = []
        if len(cells) >= drift.LEAST_CASES:
            for n, (name, reference) in enumerate(version.facts["references"].items()):
                index = drift.stability_index(reference, [row[n] for row in cells])
                chance = drift.chance_level(len(reference["shares"]), version.facts["rows"], len(cells))
                level = (
                    "alarm"
                    if index > max(drift.ALARM, chance)
                    else "watch"
                    if index > max(drift.WATCH, chance)
                    else ""
                )
                found.append({"name": name, "index": index if math.isfinite(index) else 0.0, "level": level})
        return {
            "cases": len(cells),
            "least": drift.LEAST_CASES,
            "features": sorted(found, key=lambda each: -each["index"]),
        }

    def month(self, version: Version, month: str) -> dict[str, Any]:
        """Return the month's figures with what was saved: minutes by hand for what nobody had to decide, less reviews."""
        found = self.store.month(month)
        by_hand = version.settings.minutes_by_hand
        answered = found["cases"] - found["to_person"]
        spent = found["reviewed"] * found["seconds"] / 60
        return found | {
            "saved": answered * by_hand - spent if by_hand else None,
            "review_minutes": found["seconds"] / 60,
            "by_hand": by_hand,
        }

    def tell_campus(self) -> None:
        """Write the figures that the campus shows, if they changed."""
        version = self.current()
        month = dt.datetime.now(dt.UTC).strftime("%Y-%m")
        figures: dict[str, Any] = {"versions": version_numbers(self.state), "live": live_number(self.store)}
        if version is not None:
            figures |= {"month": month, "waiting": self.store.waiting(), **self.month(version, month)}
            figures["closed"] = closed_reason(self.store, version.settings)
            figures["review_on"] = str(version.settings.review_on or "")
            figures["expires_on"] = str(version.settings.expires_on or "")
            known = {key: figures[key] for key in figures}
            if known != {key: self._told.get(key) for key in known}:
                drift = self.drift_of(version)["features"]
                self._told = figures | {"drift": [each["name"] for each in drift if each["level"] == "alarm"]}
                write_usage(self.state, self._told)

    def _look_after(self) -> None:
        day = time.monotonic()
        self.tell_campus()
        while not self._over.wait(LOOK_EVERY):
            self.tell_campus()
            for scorer in list(self._scorers.values()):
                scorer.end_if_quiet()
            if time.monotonic() - day > 24 * 3600:
                day = time.monotonic()
                self.store.forget(dt.datetime.now(dt.UTC) - dt.timedelta(days=KEEP_DAYS))

    def close(self) -> None:
        """End the model's process and close the file."""
        self._over.set()
        for scorer in self._scorers.values():
            scorer.close()
        self.store.close()
