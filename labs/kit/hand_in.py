"""Handing work in: to the campus if it answers, else into the outbox, from which the server's part sends it."""

from __future__ import annotations

import base64
import importlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from labs.kit import kept_receipts
from labs.kit.home_files import Home, as_json, read_json, write_aside
from labs.kit.kit_sentences import N_, kit_sentence, own_language
from labs.kit.own_words import with_own_words

REFUSED = "refused"
REASON = ".reason"
"""End of the name of a file that holds why the letter next to it was refused."""
LARGEST_LETTER = 64 << 20
"""Bytes of a letter in the outbox, which is a third larger than the work in it. What is larger is not kept."""
TOO_LARGE = N_(
    "This work is larger than {most} MB, so it cannot wait here until the campus answers. It is still in your folder. "
    "Delete large tables and pictures from the notebook, save it, then run this cell again."
)
NO_ROOM = N_(
    "The campus does not answer, and your work could not be put aside, because your folder is full. It is still in "
    "your folder. Delete large files that you no longer need, then hand in again."
)
UNREADABLE = N_("The file {name} in the outbox cannot be read. Your notebook is unchanged: hand it in again.")


class Campus(Protocol):
    """Part of the exchange's client that handing in needs."""

    def submit(self, course: str, lab: str, files: Mapping[str, bytes]) -> Any:
        """Hand in; returns the receipt, raises an error with `retry` and `message`."""

    def labs(self, course: str) -> Any:
        """Return the labs of a course, in the order of its path."""


@dataclass(frozen=True)
class Sent:
    """Outcome of handing in: a receipt, or `waits` (kept for later), or the campus' `refusal`."""

    receipt: dict[str, Any] | None = None
    path: str = ""
    waits: bool = False
    refusal: str = ""


class NotKeptError(Exception):
    """Work cannot wait at home; the text says why and what to do."""


def connect_campus() -> Campus | None:
    """Return the campus of this server, None if there is none (a preview, a laptop)."""
    url, token = os.environ.get("ISOMO_CAMPUS_URL"), os.environ.get("JUPYTERHUB_API_TOKEN")
    if not url or not token:
        return None
    made: Campus = importlib.import_module("labs.kit.campus_client").Campus(url, token)
    return made


def hand_in(home: Home, campus: Campus, course: str, lab: str, files: Mapping[str, bytes]) -> Sent:
    """Hand in now; what the campus cannot take at the moment is kept at home."""
    files = with_own_words(lab, files)
    try:
        receipt = kept_receipts.plain_receipt(campus.submit(course, lab, files))
    except Exception as error:
        # The client's own error says whether to try again; any other is our fault, and work is never lost to it.
        if not getattr(error, "retry", True):
            return Sent(refusal=str(getattr(error, "message", error)))
        try:
            keep_in_outbox(home, course, lab, files)
        except NotKeptError as reason:
            return Sent(refusal=str(reason))
        return Sent(waits=True)
    for path in waiting_letters(home, course, lab):
        path.unlink(missing_ok=True)  # Older work, superseded by what just arrived.
    return Sent(receipt, _receipt_kept(home, receipt))


def _receipt_kept(home: Home, receipt: dict[str, Any]) -> str:
    """Keep a receipt at home; the answer is empty if there is no room, because the work arrived all the same."""
    try:
        return kept_receipts.keep_receipt(home, receipt)
    except OSError:
        return ""


def keep_in_outbox(home: Home, course: str, lab: str, files: Mapping[str, bytes]) -> Path:
    """Put work into the outbox. The newest work for a lab replaces older work that waits.

    Raises NotKeptError, with a sentence, if it is too large to be read again or the disk is full; older work stays.
    """
    too_large = kit_sentence(TOO_LARGE, own_language(), most=LARGEST_LETTER * 3 // 4 >> 20)
    if sum(map(len, files.values())) > LARGEST_LETTER * 3 // 4:
        raise NotKeptError(too_large)
    older = list(waiting_letters(home, course, lab))
    packed = {name: base64.b64encode(content).decode() for name, content in files.items()}
    letter = {"course": course, "lab": lab, "kept_at": time.time(), "files": packed}
    path, content = home.outbox / f"{time.time_ns()}.json", as_json(letter)
    if len(content) > LARGEST_LETTER:
        raise NotKeptError(too_large)
    try:
        write_aside(path, content)
    except OSError as error:
        raise NotKeptError(kit_sentence(NO_ROOM, own_language())) from error
    for old in older:
        old.unlink(missing_ok=True)
    return path


def waiting_letters(home: Home, course: str = "", lab: str = "") -> Iterator[Path]:
    """Yield the letters in the outbox, the oldest first; all, or those for one lab."""
    for path in sorted(home.outbox.glob("*.json")):
        letter = read_json(path, LARGEST_LETTER)
        if (not course or letter.get("course") == course) and (not lab or letter.get("lab") == lab):
            yield path


def send_waiting(home: Home, campus: Campus) -> tuple[int, int]:
    """Send what waits; the answer is how many arrived, and how many still wait."""
    arrived = 0
    for path in waiting_letters(home):
        letter = read_json(path, LARGEST_LETTER)
        try:
            files = {name: base64.b64decode(text, validate=True) for name, text in letter["files"].items()}
            course, lab = letter["course"], letter["lab"]
        except (LookupError, ValueError, TypeError, AttributeError):
            _refuse(home, path, kit_sentence(UNREADABLE, own_language(), name=path.name))
            continue
        try:
            receipt = campus.submit(course, lab, files)
        except Exception as error:
            if getattr(error, "retry", True):
                break  # Away still: the others would only wait as well.
            _refuse(home, path, str(getattr(error, "message", error)))
            continue
        _receipt_kept(home, kept_receipts.plain_receipt(receipt))
        path.unlink(
            missing_ok=True
        )  # Also with no room for the receipt: work that arrived is not sent twice.
        arrived += 1
    return arrived, len(list(waiting_letters(home)))


def _refuse(home: Home, path: Path, message: str) -> None:
    """Keep at home what the campus does not take, as it is, and its reason next to it if there is room for that."""
    aside = home.outbox / REFUSED / path.name
    aside.parent.mkdir(parents=True, exist_ok=True)
    path.replace(aside)
    with suppress(OSError):
        write_aside(aside.with_suffix(REASON), as_json({"refusal": message}))


def refusal_reasons(home: Home, lab: str) -> list[str]:
    """Return the reasons why kept work for a lab was not taken; of a letter that cannot be read, to every lab."""
    found = []
    for path in sorted((home.outbox / REFUSED).glob("*.json")):
        letter = read_json(path, 2 * LARGEST_LETTER)
        if letter.get("lab", lab) == lab:
            # Letters of before have their reason inside.
            said = read_json(path.with_suffix(REASON)).get("refusal") or letter.get("refusal")
            found.append(str(said or kit_sentence(UNREADABLE, own_language(), name=path.name)))
    return found
