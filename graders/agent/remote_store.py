"""The store as a grader on another machine reaches it: the same calls, over the campus API with its own token."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from graders.agent.agent_sentences import _
from hub.store import GradedRecord, GradingJob
from hub.verb_errors import IsomoError
from labs.kit.campus_client import Campus, CampusError

MOST_KEPT = 256 << 20
"""Bytes of fetched files that are kept, so that a lab's own files travel once."""


class GradingApi(Campus):
    """The exchange's client, for the part of the API that only graders may use."""

    def carry(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Send one request. Raises ConnectionError while the campus is away, IsomoError for its refusals."""
        try:
            return self._send(method, f"/grading{path}", body, kind="application/json" if body else "")
        except CampusError as error:
            if error.retry:
                raise ConnectionError(error.message) from error
            said = (
                _("The campus does not take this grader's token.")
                if error.code == "not-found"
                else error.message
            )
            raise IsomoError(
                said, _("./isomo worker on the campus' machine shows what to type here.")
            ) from error


class RemoteDesk:
    """`Gradings`, at a distance. Raises ConnectionError while the campus is away, IsomoError for its refusals."""

    def __init__(self, url: str, token: str) -> None:
        self._line = GradingApi(url, token)
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def is_waiting(self, *, lab: str = "", learner: str = "") -> bool:
        """Return whether an attempt waits that nobody holds."""
        asked = urlencode({"lab": lab, "learner": learner})
        return bool(self._ask("GET", f"/waiting?{asked}")["waiting"])

    def claim(
        self, worker: str, lease_seconds: float, *, lab: str = "", learner: str = "", attempt: int = 0
    ) -> GradingJob | None:
        """Take an attempt, and fetch its files by their hashes."""
        wish = {
            "worker": worker,
            "seconds": lease_seconds,
            "lab": lab,
            "learner": learner,
            "attempt": attempt,
        }
        said = self._ask("POST", "/claims", wish)
        if not said:
            return None
        sides = {side: self._fetched(said.pop(side, {})) for side in ("source", "submitted", "handed_out")}
        return GradingJob(**{**said, **sides, "released": frozenset(said["released"])})

    def renew(self, worker: str, attempts: Collection[int], lease_seconds: float) -> None:
        """Hold these for longer."""
        self._ask("PUT", "/leases", {"worker": worker, "attempts": list(attempts), "seconds": lease_seconds})

    def record(self, job: GradingJob, graded: GradedRecord) -> bool:
        """Bring a result, once."""
        files = {
            name: base64.b64encode(getattr(graded, name)).decode() for name in ("notebook", "feedback_html")
        }
        said = self._ask("POST", "/results", {"job": _facts(job), "graded": {**asdict(graded), **files}})
        return bool(said["new"])

    def release(self, job: GradingJob) -> None:
        """Give one back, untried."""
        self._ask("POST", "/returns", _facts(job))

    def postpone(self, job: GradingJob, seconds: float, reason: str, *, tried: bool = False) -> None:
        """Give one back that could not be checked."""
        self._ask("POST", "/returns", {**_facts(job), "seconds": seconds, "reason": reason, "tried": tried})

    def _fetched(self, names: Mapping[str, str]) -> dict[str, bytes]:
        return {name: self._file(sha256) for name, sha256 in names.items()}

    def _file(self, sha256: str) -> bytes:
        with self._lock:
            kept = self._files.get(sha256)
        if kept is not None:
            return kept
        data = self._line.carry("GET", f"/files/{sha256}")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ConnectionError(_("A file arrived damaged; it is fetched again."))
        with self._lock:
            self._files[sha256] = data
            while sum(map(len, self._files.values())) > MOST_KEPT:
                self._files.popitem(last=False)
        return data

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        answer = self._line.carry(method, path, data)
        try:
            return dict(json.loads(answer)) if answer else {}
        except ValueError as error:
            raise ConnectionError(_("What the campus answered cannot be read.")) from error


def _facts(job: GradingJob) -> dict[str, Any]:
    names = ("attempt_id", "run", "receipt", "course", "lab", "lab_version", "learner")
    return {name: getattr(job, name) for name in names}
