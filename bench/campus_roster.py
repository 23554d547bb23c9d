"""A roster of `bench campus`: every learner once more, of whom one in twenty moves to another institution."""

from __future__ import annotations

import time

from bench.campus_town import Town, course_name, institution_name, learner_name
from hub.store import Store
from hub.store.roster_file import csv_text, read_roster


def roster_figures(store: Store, town: Town) -> dict[str, object]:
    """Return seconds of an import that knows everybody already, and of an export."""
    rows = (
        [learner_name(place), f"Learner {place}", _place(town, place),
         course_name(town.course_of(place))]
        for place in range(town.learners)
    )  # fmt: skip
    data = "".join(csv_text(rows, ("username", "name", "institution", "course"))).encode()
    began = time.perf_counter()
    plan = store.rosters.carry_out(read_roster(data).rows, ("en", "fr"))
    imported = time.perf_counter() - began
    began = time.perf_counter()
    exported = sum(1 for _row in store.rosters.exported())
    return {
        "roster_rows": town.learners,
        "roster_changed": len(plan.changed_people),
        "roster_import_s": round(imported, 1),
        "roster_export_s": round(time.perf_counter() - began, 1),
        "roster_exported": exported,
    }


def _place(town: Town, place: int) -> str:
    """Return the institution that a roster names for a learner: another one for each twentieth."""
    return institution_name(town.institution_of(place if place % 20 else place + 1))
