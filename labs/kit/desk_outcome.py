"""The desk after handing in: the score, as soon as the campus has returned one, and the next lab of the path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from labs.kit.lab_facts import CAMPUS


class Labs(Protocol):
    """Part of the exchange's client that tells of labs."""

    def labs(self, course: str) -> Sequence[Mapping[str, Any]]:
        """Return the labs of a course, in the order of its path."""


def outcome_of(campus: Labs, course: str, lab: str, receipt: str) -> dict[str, Any]:
    """Return what is known of an attempt, and the next lab.

    Args:
        campus: the exchange's client.
        course: the course's name.
        lab: the lab that was handed in.
        receipt: the receipt of the attempt.

    Returns:
        `state` of the attempt (waiting, could-not-check, graded, returned; empty if it is not known), `score` with
        `max_score` and the address of its `feedback` once they were returned, and `next`: title, minutes and
        address, or None at the end of the path.

    Raises the client's CampusError.
    """
    labs = list(campus.labs(course))
    mine = next((one for one in labs if one.get("lab") == lab), {})
    attempt: Mapping[str, Any] = next(
        (one for one in mine.get("attempts", []) if one.get("receipt") == receipt), {}
    )
    made: dict[str, Any] = {"state": str(attempt.get("state", "")), "next": next_lab(labs, course, lab)}
    # The summary tells the newest returned score: it belongs to this attempt if this attempt was returned.
    if attempt.get("state") == "returned" and mine.get("score") is not None:
        made |= {"score": mine["score"], "max_score": mine.get("max_score")}
        made["feedback"] = f"{CAMPUS}/attempts/{quote(receipt, safe='')}"
    return made


def next_lab(labs: Sequence[Mapping[str, Any]], course: str, lab: str) -> dict[str, Any] | None:
    """Return the next lab to open: the first after this one in the path that is open and not handed in.

    If all later ones were handed in, the first earlier one that was not.
    """
    names = [one.get("lab") for one in labs]
    at = names.index(lab) if lab in names else -1
    in_turn = [*labs[at + 1 :], *labs[: max(at, 0)]]
    left = (one for one in in_turn if one.get("state") == "released" and not one.get("attempts"))
    found = next(left, None)
    if found is None:
        return None
    address = f"{CAMPUS}/open/{quote(course, safe='')}/{quote(str(found['lab']), safe='')}"
    return {"title": found.get("title"), "minutes": found.get("minutes"), "address": address}
