"""The marking desk: one answer with its rubric, and a mark that nobody else gave meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from hub.campus.answer_cells import CellText, cell_text, lab_task, own_answer
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.store.flag_rulings import CLEARED, UPHELD
from hub.store.marking_models import FlagRuling
from hub.store.saved_comments import KEYS
from hub.store.table_models import Attempt, Mark, Verdict

LONGEST_COMMENT = 20_000
LONGEST_KEPT = 1_000
"""Signs of a comment that is kept for others."""
MOST = 2**31 - 1


@dataclass(frozen=True)
class DeskAnswer:
    """One learner's answer to one task, and what its trainer needs to mark it."""

    attempt: Attempt
    verdict: Verdict
    mark: Mark | None
    answer: CellText
    rubric: CellText
    ruling: FlagRuling | None = None
    """The decision about the task's flags."""

    @property
    def points_without(self) -> float | None:
        """Points that the task earns without all that was flagged; None if no flag tells."""
        told = [each.get("without") for each in self.verdict.flags if isinstance(each, dict)]
        return min((float(each) for each in told if isinstance(each, int | float)), default=None)

    @property
    def seen(self) -> int:
        """Number of the mark that this page shows; 0 for none."""
        return self.mark.id if self.mark else 0


def desk_answer(who: Visitor, receipt: str, grade_id: str) -> DeskAnswer:
    """Return the answer to a task in an attempt. Raises Problem if there is none that this person may mark."""
    store = who.campus.store
    attempt = store.attempts.get(receipt)
    if attempt is None or not who.trains(attempt.course):
        who.refuse(f"attempt {receipt}")
    result = store.results.result_for(attempt.id)
    verdict = next((each for each in result.verdicts if each.grade_id == grade_id), None) if result else None
    if result is None or verdict is None:
        raise Problem("unknown-task", {"task": grade_id[:80], "lab": attempt.lab})
    source = store.courses.source_files(attempt.course, attempt.lab, result.grading.lab_version)
    texts = store.courses.lab_texts(attempt.course, attempt.lab, result.grading.lab_version)
    return DeskAnswer(
        attempt=attempt,
        verdict=verdict,
        mark=result.marks.get(grade_id),
        answer=own_answer(
            store.attempts.files(attempt), attempt.lab, grade_id, lab_task(texts, who.language, grade_id)
        ),
        rubric=cell_text(source, attempt.lab, grade_id),
        ruling=store.flags.about([result]).get((attempt.id, grade_id)),
    )


def give_mark(who: Visitor, answer: DeskAnswer, score: str, comment: str, seen: int) -> None:
    """Keep a mark from the desk; its learner sees it once it is returned.

    Raises Problem for points that do not fit, a comment that is too long, and a mark that somebody gave meanwhile.
    """
    points = points_in(answer, score)
    if len(comment) > LONGEST_COMMENT:
        raise Problem("bad-request", {"fields": "comment"})
    said = comment.replace("\r\n", "\n").strip()
    if answer.seen != seen:
        _must_be_own(who, answer.mark, points, said)
        return
    given_mark = {"score": points, "comment": said}
    store = who.campus.store
    store.results.change_mark(answer.attempt.id, answer.verdict.grade_id, given_mark, who.name)
    who.note("marked", f"{answer.attempt.receipt} {answer.verdict.grade_id}")


def keep_comment(who: Visitor, answer: DeskAnswer, comment: str) -> None:
    """Keep a comment for the task of an answer. Raises Problem if it is empty or too long, or the bank is full."""
    said, attempt = _bank_text(comment), answer.attempt
    bank = who.campus.store.saved_comments
    if not said:
        raise Problem("bad-request", {"fields": "text"})
    if not bank.save(attempt.course, attempt.lab, answer.verdict.grade_id, said, who.name):
        raise Problem("bank-full", {"most": len(KEYS)})


def change_comment(who: Visitor, course: str, number: int, text: str) -> None:
    """Change a kept comment, or remove it if the text is empty. Raises Problem if there is none, or it is too long."""
    if not 0 < number <= MOST or not who.campus.store.saved_comments.change(
        course, number, _bank_text(text), who.name
    ):
        raise Problem("not-found")


def _bank_text(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if len(said) > LONGEST_KEPT:
        raise Problem("long-reason", {"most": LONGEST_KEPT})
    return said


def _must_be_own(who: Visitor, mark: Mark | None, points: float, comment: str) -> None:
    """Raise Problem if somebody gave another mark meanwhile; a form that was sent twice gave this very mark."""
    if mark is not None and (mark.given_by, mark.score, mark.comment) == (who.name, points, comment):
        return
    score = "–" if mark is None or mark.score is None else f"{mark.score:g}"
    raise Problem("marked-meanwhile", {"name": mark.given_by if mark else "?", "score": score})


def points_in(answer: DeskAnswer, score: str) -> float:
    """Return the points that were typed for an answer. Raises Problem if they do not fit its task."""
    most = answer.verdict.max_score
    try:
        points = float(score.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points <= most:
        facts: dict[str, object] = {"task": answer.verdict.grade_id[:80], "most": f"{most:g}"}
        raise Problem("bad-score", {**facts, "score": score[:20] or "?"})
    return points


def rule_flags(
    who: Visitor, answer: DeskAnswer, ruling: str, reason: str, *, score: str = "", seen: int = 0
) -> None:
    """Clear or uphold the flags of a task, with a reason; upheld ones may come with points.

    Raises Problem for a task without flags, a missing reason, and points that do not fit or were given meanwhile.
    """
    said = reason.replace("\r\n", "\n").strip()
    if ruling not in (CLEARED, UPHELD) or not answer.verdict.flags:
        raise Problem("bad-request", {"fields": "ruling"})
    if not said:
        raise Problem("no-reason")
    if len(said) > LONGEST_COMMENT:
        raise Problem("long-reason", {"most": LONGEST_COMMENT})
    if ruling == UPHELD and score.strip():
        give_mark(who, answer, score, answer.mark.comment if answer.mark else "", seen)
    who.campus.store.flags.rule(answer.attempt.id, answer.verdict, ruling, said, who.name)
    about = f"{answer.attempt.receipt} {answer.verdict.grade_id}"
    if ruling == CLEARED:
        who.note("flags-cleared", about)
    else:
        who.note("flags-upheld", about)


def give_second_mark(who: Visitor, answer: DeskAnswer, score: str) -> None:
    """Keep a second mark. Raises Problem for one's own first mark, for no mark, and for points that do not fit."""
    if answer.mark is None or answer.mark.score is None:
        raise Problem("not-marked-yet")
    if answer.mark.given_by == who.name:
        raise Problem("own-first-mark")
    points = points_in(answer, score)
    store = who.campus.store
    store.second_marks.give(answer.attempt.id, answer.verdict.grade_id, points, who.name)
    who.note("marked-second", f"{answer.attempt.receipt} {answer.verdict.grade_id}")
