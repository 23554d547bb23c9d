"""A task's first try: kept apart for good, and followed by no word about which part of a decision is wrong.

A decision has several parts that have to agree. A learner who is told at once which of them is wrong changes that one,
and the next, and has decided nothing. So the first try says that they do not agree; the second says which, with hints.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from labs.kit.kit_sentences import N_, kit_sentence
from labs.kit.lab_texts import Lesson
from labs.kit.show import panel
from labs.kit.task_attempts import Attempt

KIND = "judge"
KEY = "first-try"
TRIED = ("passed", "not-yet")
MOST_KEPT = 8 * 1024
"""Bytes of a first answer that are kept; of a longer one, only how it went."""
LOOK_AGAIN = N_(
    "**Not yet.** Your answers do not all hold together. Go through them once more with the picture and the text "
    "above, change what you no longer stand by, then check again. After the second try, the check says which part it "
    "is, and there are hints."
)


def note_first_try(
    lesson: Lesson, task: str, before: dict[str, Any], answers: dict[str, Any], made: Attempt, *, asked: bool
) -> tuple[Attempt, dict[str, Any]]:
    """Return what to show after a check, and what to keep of it.

    Args:
        before: what was kept of the task's checks so far.
        answers: what was checked.
        made: what the check found.
        asked: whether the learner sent these answers. A form that opens again asks what was said of the same ones,
            and that is no new try.
    """
    tried = made.outcome in TRIED and made.key != "incomplete"
    content = json.dumps(answers, sort_keys=True, default=str)
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    is_new = tried and (asked or digest != before.get("checked"))
    tries = int(before.get("tries", 0)) + (is_new and made.outcome == "not-yet")
    facts: dict[str, Any] = {"tries": tries}
    if tried:
        facts["checked"] = digest
        facts["first"] = before.get("first") or {
            "outcome": made.outcome,
            "key": made.key,
            **({"answers": answers} if len(content.encode()) <= MOST_KEPT else {}),
        }
    if made.outcome == "not-yet" and tried and tries < 2 and _is_decision(lesson, task):
        made = replace(made, key=KEY, shown=panel("not-yet", [kit_sentence(LOOK_AGAIN, lesson.language)]))
    hints = before.get("hints", 0) if before.get("key") == made.key else 0
    return made, facts | {"outcome": made.outcome, "key": made.key, "hints": hints}


def _is_decision(lesson: Lesson, task: str) -> bool:
    found = lesson.task(task)
    return found.get("kind") == KIND and len(found.get("parts", [])) > 1
