"""What decides the marks, on letters that no learner ever has. Never leaves the grader.

`hidden`: `text` and `tray` of letters (the tray in which each truly belongs), `board` (what the board's models say of
2,000 letters), `appeals` that the neighbouring office's model routes well, and `other`, that model. Other letters are
drawn at every attempt. Limits are a little wider than the learner's own check.
"""

from labs.kit.checking import draw, judge, not_attempted, not_yet, number
from shared import LINES, WIDE, WIDE_BOARD, decided, is_per_cent, misled, ordered, routed_well

DRAWN_LETTERS, DRAWN_APPEALS = 750, 50


@judge("t3")
def figure_holds(answers, hidden):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    return ordered(chosen)


@draw("t4")
def letters_of_ours(hidden, rng):
    """Letters without their trays."""
    rows = rng.sample(range(len(hidden.text)), DRAWN_LETTERS)
    return [hidden.text[n] for n in rows], rows


@judge("t4")
def desk_reaches_the_aims(answers, hidden):
    if answers.problem:
        return not_yet("code-stops", problem=str(answers.problem)[:200])
    if answers.probed is None or not answers.kept:
        return not_attempted()
    if is_per_cent(answers.limit):
        return not_yet("per-cent", limit=number(answers.limit))
    probed = answers.probed if isinstance(answers.probed, dict) else {"said": answers.probed}
    own = number(probed.get("own")) or 0.0
    return routed_well(probed.get("said"), [hidden.tray[n] for n in answers.kept], *WIDE, own)


@judge("j")
def desk_holds_together(answers, hidden):
    return decided(answers, hidden.board, *WIDE_BOARD)


@draw("b")
def appeals_routed_well(hidden, rng):
    """Appeals that the other desk routes well."""
    letters = rng.sample(hidden.appeals, DRAWN_APPEALS)
    return letters, letters


@judge("b")
def other_desk_is_misled(answers, hidden):
    if answers.problem:
        return not_yet("code-stops", problem=str(answers.problem)[:200])
    if answers.probed is None or not answers.kept:
        return not_attempted()
    return misled(answers.kept, answers.probed, hidden.other, 0.4)
