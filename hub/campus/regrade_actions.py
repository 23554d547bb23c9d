"""A regrade as trainers make it: look who would change and why, apply it, take it back."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.campus import course_actions
from hub.campus.answer_cells import cell_text
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.store.regrade_store import Change
from hub.store.table_models import Regrade

MOST_LINES, MOST_SHOWN = 12, 200


@dataclass(frozen=True)
class TaskChange:
    """A task with another result in a proposal: for how many learners, and how its test differs."""

    grade_id: str
    count: int
    lines: list[str]


@dataclass(frozen=True)
class RegradeView:
    """The regrades of a lab as a page shows them; `digest` names the changes that were looked at.

    `left` counts what is still to be looked at, or what the look had to leave out once it is over.
    """

    proposal: Regrade | None
    left: int
    looked_at: int
    changes: list[Change]
    tasks: list[TaskChange]
    applied: list[Regrade]

    @property
    def digest(self) -> str:
        """Return a name for these changes: other changes have another."""
        found = [(each.attempt, each.score_before, each.score_after, each.tasks) for each in self.changes]
        return hashlib.sha256(json.dumps(found).encode()).hexdigest()

    @property
    def up(self) -> int:
        """Return how many learners would have more points."""
        return sum(each.score_after > each.score_before for each in self.changes)

    @property
    def down(self) -> int:
        """Return how many learners would have fewer points."""
        return sum(each.score_after < each.score_before for each in self.changes)


def regrade_view(who: Visitor, course: str, lab: str) -> RegradeView:
    """Return the proposal for the released version of a lab, and what was applied before."""
    who.must_train(course)
    course_actions.released_lab(who, course, lab)
    store = who.campus.store
    applied = store.wanted_regrades.applied(course, lab)
    proposal = store.wanted_regrades.proposal(course, lab)
    if proposal is None:
        return RegradeView(None, 0, 0, [], [], applied)
    changes = store.regrades.changes(proposal)
    touched = Counter(name for each in changes for name in each.tasks)
    before, after = store.regrades.sources(proposal)
    return RegradeView(
        proposal=proposal,
        left=store.wanted_regrades.left(proposal),
        looked_at=store.regrades.counted(proposal),
        changes=changes,
        tasks=[
            TaskChange(name, count, _difference(before, after, lab, name)) for name, count in touched.items()
        ],
        applied=applied,
    )


def _difference(
    before: Mapping[str, bytes], after: Mapping[str, bytes], lab: str, grade_id: str
) -> list[str]:
    """Return the lines of a task's test that were taken out and put in."""
    old, new = (cell_text(dict(side), lab, grade_id).text.splitlines() for side in (before, after))
    lines = [line for line in difflib.ndiff(old, new) if line[:1] in "+-"]
    return lines[:MOST_LINES] + (["…"] if len(lines) > MOST_LINES else [])


def want_regrade(who: Visitor, course: str, lab: str) -> None:
    """Ask for a proposal; nothing counts until it is applied."""
    who.must_train(course)
    course_actions.released_lab(who, course, lab)
    who.campus.store.wanted_regrades.want(course, lab, who.name)
    who.note("wanted-regrade", f"{course}/{lab}")


def apply_regrade(who: Visitor, course: str, lab: str, digest: str) -> int:
    """Make the changes count that were looked at; returns for how many. Raises Problem if they are others now."""
    view = regrade_view(who, course, lab)
    if view.proposal is None or view.proposal.wanted_at is not None or view.digest != digest:
        raise Problem("regrade-changed")
    return len(who.campus.store.regrades.apply(view.proposal, who.name))


def undo_regrade(who: Visitor, course: str, lab: str, number: int) -> tuple[int, int]:
    """Take an applied regrade back; returns how many have their earlier result again, and how many keep theirs."""
    who.must_train(course)
    store = who.campus.store
    known: dict[int, Any] = {each.id: each for each in store.wanted_regrades.applied(course, lab)}
    if number not in known:
        raise Problem("not-found")
    if known[number].undone_at is not None:
        raise Problem("regrade-undone")
    _row, back, kept = store.regrades.undo(number, who.name)
    return len(back), len(kept)
