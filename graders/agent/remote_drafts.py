"""Drafts of labs as a grader on another machine reaches them: the same calls, over the campus API."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from graders.agent.agent_sentences import _
from graders.agent.remote_store import GradingApi
from hub.store.lab_drafts import DraftJob, DraftResult


class RemoteDrafts:
    """`LabDrafts`, at a distance. Raises ConnectionError while the campus is away, IsomoError for its refusals."""

    def __init__(self, url: str, token: str) -> None:
        self._line = GradingApi(url, token)

    def claim(self, worker: str, seconds: float) -> DraftJob | None:
        """Return the draft that waits longest for its check, held for `seconds`; None if none waits."""
        said = self._ask("/claims", {"worker": worker, "seconds": seconds})
        if not said:
            return None
        files = {name: base64.b64decode(text) for name, text in said.pop("files").items()}
        return DraftJob(**said, files=files)

    def record(self, job: DraftJob, result: DraftResult) -> bool:
        """Bring the outcome of a check; False if the draft was changed or removed meanwhile."""
        said = {
            "job": _named(job),
            "findings": [asdict(each) for each in result.findings],
            "figures": result.figures,
            "kept": _coded(result.kept),
            "built": _coded(result.built),
        }
        return bool(self._ask("/results", said)["new"])

    def give_back(self, job: DraftJob) -> None:
        """Let a draft wait again whose check could not be made."""
        self._ask("/returns", _named(job))

    def _ask(self, path: str, body: Any) -> dict[str, Any]:
        answer = self._line.carry("POST", f"/drafts{path}", json.dumps(body).encode())
        try:
            return dict(json.loads(answer)) if answer else {}
        except ValueError as error:
            raise ConnectionError(_("What the campus answered cannot be read.")) from error


def _named(job: DraftJob) -> dict[str, Any]:
    return {name: getattr(job, name) for name in ("course", "lab", "bundle", "tries")}


def _coded(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(data).decode() for name, data in files.items()}
