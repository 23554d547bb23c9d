"""All that one person handed in, with receipts and returned feedback, as one zip."""

from __future__ import annotations

import json
import zipfile
from typing import IO

from hub.store import Store
from hub.store.table_models import Attempt


def write_own_work(store: Store, learner: str, to: IO[bytes]) -> int:
    """Write every attempt of a learner, one folder each; returns how many there are.

    A file of an attempt that cannot be read any more is left out, and a note says so in its place.
    """
    attempts = [
        attempt
        for course, role in store.courses.courses_for(learner)
        if role == "learner"
        for attempt in store.attempts.list(course.id, learner=learner)
    ]
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for attempt in attempts:
            for name, content in attempt_files(store, attempt).items():
                archive.writestr(f"{attempt.course}/{attempt.lab}/{attempt.number}/{name}", content)
    return len(attempts)


def attempt_files(store: Store, attempt: Attempt) -> dict[str, bytes]:
    """Return receipt, handed-in files and returned feedback of one attempt."""
    found = {"receipt.json": json.dumps(store.attempts.receipt(attempt), indent=1).encode()}
    try:
        found |= {f"work/{name}": content for name, content in store.attempts.files(attempt).items()}
        page = store.results.feedback(attempt.id, returned_only=True)
    except (OSError, ValueError):
        return found | {"could-not-be-read.txt": b"These files could not be read. Tell your administrator.\n"}
    return found | ({"feedback.html": page} if page else {})
