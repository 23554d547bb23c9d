"""The one HTTP client of the exchange: what a lab, an nbgrader command or formgrader asks of the campus.

Standard library only: it is imported in every learner's kernel, where each package costs start-up time.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import PurePosixPath
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

from labs.kit.kit_sentences import N_, kit_sentence, own_language

AWAY = N_("The campus does not answer just now. Nothing was lost; try again in a minute.")
UNREADABLE = N_(
    "What the campus answered cannot be read. Try again; if it stays so, tell your administrator."
)
SIGNED_OUT = N_(
    "Your sign-in has run out. Nothing was lost; sign in again from your home page, then try again."
)
TOO_LARGE = N_(
    "This is too large for the way to the campus, so it did not arrive. Nothing was lost: your work is in your folder. "
    "Delete large tables and pictures from the notebook, save it, then try again."
)
LONGEST_WAIT = 60.0
MOST_UNPACKED = 1 << 30
TRY_AGAIN = (401, 408, 425, 429)


class CampusError(Exception):
    """A refusal, or no answer. `message` is for people; `retry` says whether the same may work later."""

    def __init__(self, message: str, code: str = "", *, retry: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.retry = retry


class Campus:
    """The campus at `url` (`http://…/services/campus`), as the holder of a hub token sees it."""

    def __init__(self, url: str, token: str, *, timeout: float = LONGEST_WAIT) -> None:
        self._api = f"{url.rstrip('/')}/api/v1"
        self._token = token
        self._timeout = timeout
        # A proxy of the environment is for the world outside; the campus is next door.
        self._opener = build_opener(ProxyHandler({}))

    def me(self) -> dict[str, Any]:
        """Name, language, and `courses`: a list of course, title, role."""
        return dict(self._json("GET", "/me"))

    def labs(self, course: str) -> list[dict[str, Any]]:
        """Return the labs of a course, as the API tells them; for its trainers also those not released yet."""
        return list(self._json("GET", f"/courses/{_(course)}/labs"))

    def fetch(self, course: str, lab: str, *, side: str = "release", language: str = "") -> dict[str, bytes]:
        """Return the released files of a lab; `side="source"` for its trainers."""
        asked = {"side": side, **({"lang": language} if language else {})}
        return unpacked_files(self._send("GET", f"{_lab(course, lab)}/bundle?{urlencode(asked)}"))

    def submit(self, course: str, lab: str, files: Mapping[str, bytes]) -> dict[str, Any]:
        """Hand in; the answer is the signed receipt, and `warnings`."""
        return dict(self._json("POST", f"{_lab(course, lab)}/attempts", packed_files(files)))

    def attempts(self, course: str, lab: str, learner: str = "") -> list[dict[str, Any]]:
        """Return the attempts at a lab, the newest first: one's own, and for trainers everybody's."""
        asked = f"?{urlencode({'learner': learner})}" if learner else ""
        return list(self._json("GET", f"{_lab(course, lab)}/attempts{asked}"))

    def files(self, receipt: str) -> dict[str, bytes]:
        """Return the files that were handed in."""
        return unpacked_files(self._send("GET", f"/attempts/{_(receipt)}/files"))

    def feedback(self, receipt: str) -> bytes:
        """Return the feedback page of an attempt."""
        return self._send("GET", f"/attempts/{_(receipt)}/feedback")

    def release(self, course: str, lab: str, files: Mapping[str, bytes]) -> None:
        """Release a lab: files below `release/` for learners, below `source/` for the grader."""
        self._send("PUT", f"{_lab(course, lab)}/release", packed_files(files), kind="application/zip")

    def release_built(self, course: str, lab: str) -> None:
        """Release a lab that is in the library of built labs."""
        body = json.dumps({"library": lab}).encode()
        self._send("PUT", f"{_lab(course, lab)}/release", body, kind="application/json")

    def close(self, course: str, lab: str) -> None:
        """Take no more work for a lab."""
        self._send("DELETE", f"{_lab(course, lab)}/release")

    def return_feedback(self, course: str, lab: str, learner: str, page: bytes) -> None:
        """Return one learner's feedback, with this page."""
        self._send("PUT", f"{_lab(course, lab)}/feedback/{_(learner)}", page, kind="text/html")

    def gradebook(self, course: str, since: str = "") -> dict[str, Any]:
        """Return the course as one record, for its trainers; with `since` only what changed after that cursor."""
        return dict(self._json("GET", f"/courses/{_(course)}/gradebook?{urlencode({'since': since})}"))

    def graded_notebook(self, receipt: str) -> bytes:
        """Return a notebook as the grader left it, for trainers."""
        return self._send("GET", f"/attempts/{_(receipt)}/notebook")

    def mark(self, receipt: str, grade_id: str, **given: Any) -> dict[str, Any]:
        """Give a `score`, a `comment`, or both for one task of an attempt."""
        body = json.dumps({"grade_id": grade_id, **given}).encode()
        return dict(self._json("POST", f"/attempts/{_(receipt)}/marks", body))

    def grade_again(self, course: str, lab: str, learner: str = "") -> int:
        """Ask for newest attempts to be graded once more; returns how many will be."""
        asked = f"?{urlencode({'learner': learner})}" if learner else ""
        return int(self._json("POST", f"{_lab(course, lab)}/gradings{asked}", b"")["asked"])

    def report_live(self, course: str, lab: str, events: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """Report checks and hints, none to say that the lab is open; `reported`, `messages`, `next_seconds`."""
        body = json.dumps({"events": list(events)}).encode()
        return dict(self._json("POST", f"{_lab(course, lab)}/live", body))

    def choose_live(self, *, reported: bool) -> None:
        """Say whether one's labs report from now on."""
        self._json("PUT", "/me/live", json.dumps({"reported": reported}).encode())

    def read_note(self, number: int) -> None:
        """Say that a trainer's message was read."""
        self._json("POST", f"/me/notes/{number}/read", b"{}")

    def _json(self, method: str, path: str, body: bytes | None = None) -> Any:
        answer = self._send(method, path, body)
        try:
            return json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise CampusError(kit_sentence(UNREADABLE, own_language()), "unreadable", retry=True) from error

    def _send(self, method: str, path: str, body: bytes | None = None, *, kind: str = "") -> bytes:
        headers = {"Authorization": f"token {self._token}", "Accept-Language": own_language()}
        if kind:
            headers["Content-Type"] = kind
        request = Request(f"{self._api}{path}", data=body, headers=headers, method=method)  # noqa: S310 - from our own settings
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            raise _refusal(error) from error
        except (URLError, HTTPException, OSError) as error:
            raise CampusError(kit_sentence(AWAY, own_language()), "away", retry=True) from error


def _(part: str) -> str:
    return quote(part, safe="")


def _lab(course: str, lab: str) -> str:
    return f"/courses/{_(course)}/labs/{_(lab)}"


def _refusal(error: HTTPError) -> CampusError:
    """Return the campus' own sentence; if a proxy answered for it, ours."""
    retry = error.code >= 500 or error.code in TRY_AGAIN
    try:
        said = json.loads(error.read())
        code, message = str(said["error"]), str(said["message"])
    except (ValueError, KeyError, TypeError, RecursionError, OSError, HTTPException):
        if error.code == 413:  # A proxy in between; the same would be refused again and again.
            return CampusError(kit_sentence(TOO_LARGE, own_language()), "too-large")
        return CampusError(kit_sentence(AWAY, own_language()), "away", retry=True)
    return CampusError(
        kit_sentence(SIGNED_OUT, own_language()) if code == "sign-in" else message, code, retry=retry
    )


def packed_files(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of `files`; equal sets give equal bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, date_time=(2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[path])
    return made.getvalue()


def unpacked_files(content: bytes) -> dict[str, bytes]:
    """Return the files in a zip. Raises CampusError for what is none, or names a place outside."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise ValueError("too large")
            if not all(_stays_inside(entry.filename) for entry in entries):
                raise ValueError("a place outside")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise CampusError(kit_sentence(UNREADABLE, own_language()), "unreadable", retry=True) from error


def _stays_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name
