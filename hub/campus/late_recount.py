"""Late work is counted again when the times of its learners change: extra time, another class, another course."""

from __future__ import annotations

from collections.abc import Collection

from hub.store import Store

MANY = 500
"""Learners in one query."""


def recount_learners(store: Store, learners: Collection[str], who: str) -> int:
    """Count the late work of some learners again in each course; return how many attempts cost less now.

    Feedback that returns by itself is returned once more, as an act of `who`.
    """
    names, changed = sorted(learners), 0
    for start in range(0, len(names), MANY):
        some = names[start : start + MANY]
        for course, lab in store.late.labs(some):
            found = store.courses.lab(course, lab)
            attempts = store.late.recount(found, some) if found else []
            for attempt in attempts:
                store.results.return_changes_at_once(attempt, who)
            changed += len(attempts)
    return changed
