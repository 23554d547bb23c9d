"""The application's own work behind its pages: which version answers, the model's process, drift, the month."""

from __future__ import annotations

import datetime as dt
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from labs.prototype_kit.application import model_drift as drift
from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.campus_people import CampusPeople, write_usage
from labs.prototype_kit.application.case_store import KEEP_DAYS, CaseStore
from labs.prototype_kit.application.data_contract import feature_cells
from labs.prototype_kit.application.frozen_versions import (
    Version,
    closed_reason,
    live_number,
    read_version,
    version_numbers,
)
from labs.prototype_kit.application.own_page import OwnPage
from labs.prototype_kit.application.person_identity import Identity
from labs.prototype_kit.application.request_guard import form_secret
from labs.prototype_kit.application.scoring_client import QUIET_SECONDS, Scorer
from labs.prototype_kit.application.slice_drift import GroupDrift, drift_by_slice, drifted_groups

WATCHED, WATCHED_BY_SLICE = 1000, 5000
"""The latest cases whose features are compared with the training data, together and group by group."""
FORGET_EVERY = 24 * 3600.0
LOOK_EVERY = 30.0
END_SECONDS = 5.0
"""How long an application that ends waits for the round that runs."""

log = logging.getLogger("prototype")


class Service:
    """All that the pages need; one for each process."""

    def __init__(self, state: Path, identity: Identity, quiet: float = QUIET_SECONDS) -> None:
        self.state, self.identity, self.quiet = state, identity, quiet
        self.store = CaseStore(state)
        self.people = CampusPeople(state)
        self.form_secret = form_secret(state)
        self._told: dict[str, Any] = {}
        self._scorers: dict[int, Scorer] = {}
        self._own_pages: dict[int, OwnPage] = {}
        self._versions: dict[int, Version] = {}
        self._unreadable: set[int] = set()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._forget_at = 0.0
        self.try_step(self._forget)
        self._rounds = threading.Thread(target=self._look_after, daemon=True)
        self._rounds.start()

    def version(self, number: int) -> Version:
        """Return one version with the people of today; read once, because versions never change."""
        if number not in self._versions:
            self._versions[number] = read_version(self.state, number)
        version = self._versions[number]
        return replace(version, settings=self.people.settings(version.settings))

    def readable(self, number: int) -> Version | None:
        """Return one version, None if it cannot be read."""
        try:
            return self.version(number)
        except PrototypeError as error:
            if number not in self._unreadable:
                log.warning("version-unreadable number=%s reason=%s", number, error)
            self._unreadable.add(number)
            return None

    def newest(self) -> Version | None:
        """Return the newest version that can be read, approved or not."""
        found = map(self.readable, reversed(version_numbers(self.state)))
        return next((version for version in found if version is not None), None)

    def live(self) -> Version | None:
        """Return the version that answers, None if none was approved or it cannot be read."""
        number = live_number(self.store)
        return self.readable(number) if number is not None else None

    def closed_reason(self, version: Version) -> str:
        """Return why nobody is answered, as a sentence to translate; an empty string if `version` answers."""
        if reason := closed_reason(self.store, version.settings):
            return reason
        if version.number != live_number(self.store):
            return N_(
                "The approved version cannot be read. The approver goes back to another one on the page “Versions”."
            )
        return ""

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

    def own_page(self, version: Version) -> OwnPage:
        """Return the process of a version's own page; those of other versions end."""
        with self._lock:
            for number in [number for number in self._own_pages if number != version.number]:
                self._own_pages.pop(number).close()
            if version.number not in self._own_pages:
                self._own_pages[version.number] = OwnPage(version, self.state, self.quiet)
            return self._own_pages[version.number]

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
                level = drift.level_of(index, chance)
                found.append({"name": name, "index": index if math.isfinite(index) else 0.0, "level": level})
        return {
            "cases": len(cells),
            "least": drift.LEAST_CASES,
            "features": sorted(found, key=lambda each: -each["index"]),
        }

    def slice_drift_of(self, version: Version) -> dict[str, list[GroupDrift]]:
        """Compare the latest cases of each slice's groups with the same groups of the training data."""
        references = version.facts.get("slice_references")
        if not references:
            return {}
        cases = self.store.latest(WATCHED_BY_SLICE)
        inputs = [case["input"] for case in cases if case["version"] == version.number]
        return drift_by_slice(references, version.contract, inputs)

    def month(self, version: Version, month: str) -> dict[str, Any]:
        """Return the month's figures with what was saved: minutes by hand for what nobody had to decide, less reviews."""
        found = self.store.month(month)
        by_hand = version.settings.minutes_by_hand
        answered = found["cases"] - found["to_person"] - found["looked_at"]
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
            figures["closed"] = self.closed_reason(version)
            figures["review_on"] = str(version.settings.review_on or "")
            figures["expires_on"] = str(version.settings.expires_on or "")
            known = {key: figures[key] for key in figures}
            if known != {key: self._told.get(key) for key in known}:
                drift = self.drift_of(version)["features"]
                names = [each["name"] for each in drift if each["level"] == "alarm"]
                self._told = figures | {"drift": names + drifted_groups(self.slice_drift_of(version))}
                write_usage(self.state, self._told)

    def try_step(self, step: Callable[[], object]) -> None:
        """Do a step that others must not wait for or fail with; a failure is written to the log."""
        try:
            step()
        except Exception:
            log.exception("step-failed step=%s", getattr(step, "__name__", step))

    def _forget(self) -> None:
        """Delete what is older than its time, once a day; a failed deletion is tried again in the next round."""
        if time.monotonic() >= self._forget_at:
            self.store.forget(dt.datetime.now(dt.UTC) - dt.timedelta(days=KEEP_DAYS))
            self._forget_at = time.monotonic() + FORGET_EVERY

    def _end_quiet(self) -> None:
        version = self.current()
        closed = version is not None and bool(self.closed_reason(version))
        for page in list(self._own_pages.values()):
            # What is switched off runs no code of its team.
            page.close() if closed else page.end_if_quiet()
        for scorer in list(self._scorers.values()):
            scorer.end_if_quiet()

    def _look_after(self) -> None:
        while not self._over.is_set():
            for step in (self._forget, self.tell_campus, self._end_quiet):
                self.try_step(step)
            self._over.wait(LOOK_EVERY)

    def close(self) -> None:
        """End the model's process and close the file."""
        self._over.set()
        self._rounds.join(END_SECONDS)
        for page in self._own_pages.values():
            page.close()
        for scorer in self._scorers.values():
            scorer.close()
        self.store.close()
