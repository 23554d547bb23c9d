"""What decides the marks, on years that no learner ever has. Never leaves the grader.

`hidden`: scores of `quiet` weeks, of the four weeks in which other people begin to come (`ramp`), of the months after
(`full`, with `full_urgent`, what became of them), and `rows`, quiet cases with all columns. An alarm is tried on three
histories put together again at each attempt: the change comes in another week, or never. Limits are a little wider than
the learner's own check.
"""

import datetime as dt

import numpy as np

from labs.kit.checking import draw, judge, not_attempted, not_yet, number
from shared import COLUMNS, LINES, alarm_verdict, corrected, decided, ordered, sounded, unseen, weeks_given

PER_WEEK = 150
FULL_WEEKS, QUIET_WEEKS = 14, 100


@judge("t3")
def lines_give_the_index(answers, hidden):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 5 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    return ordered(chosen, np.array(hidden.quiet[:3900]), np.array(hidden.full[:PER_WEEK]))


def history(hidden, rng, quiet, changes):
    """Weeks put together from hidden ones: quiet, and then other people, little by little."""
    pools = [hidden.quiet] * quiet + ([*hidden.ramp, *[hidden.full] * FULL_WEEKS] if changes else [])
    monday = dt.date(2022, 1, 3) + dt.timedelta(weeks=rng.randrange(52))
    days, scores = [], []
    for week, pool in enumerate(pools):
        days += [str(monday + dt.timedelta(weeks=week))] * PER_WEEK
        scores += rng.choices(pool, k=PER_WEEK)
    return {"week_of": days, "score": scores}, [len(pools), quiet if changes else None, days[::PER_WEEK]]


@draw("t4")
def other_years(hidden, rng):
    """Three histories to watch; when each of them changes stays here."""
    made = [history(hidden, rng, rng.randrange(52, 90), changes=True) for _ in range(2)]
    made.append(history(hidden, rng, QUIET_WEEKS, changes=False))
    rng.shuffle(made)
    return [told for told, _ in made], [known for _, known in made]


@judge("t4")
def alarm_keeps_the_rule(answers, hidden):
    if answers.problem:
        problem = str(answers.problem)[:200]
        late = problem.startswith("KeyError") and "urgent" in problem
        return not_yet("truth-comes-later") if late else not_yet("code-stops", problem=problem)
    if answers.probed is None or not answers.kept:
        return not_attempted()
    if not isinstance(answers.probed, list) or len(answers.probed) != len(answers.kept):
        return not_yet("wrong-shape")
    histories = []
    for found, (count, change, mondays) in zip(answers.probed, answers.kept):
        places = weeks_given(found, mondays)
        if places is None:
            return not_yet("wrong-shape")
        histories.append((count, change, places))
    return alarm_verdict(sounded(histories))


@draw("c")
def scores_after_june(hidden, rng):
    """Scores since the change, without what became of them."""
    rows = rng.sample(range(len(hidden.full)), len(hidden.full) - 100)
    return {"score": [hidden.full[n] for n in rows]}, rows


@judge("c")
def chances_come_true(answers, hidden):
    if answers.problem:
        return not_yet("code-stops", problem=str(answers.problem)[:200])
    if answers.probed is None or not answers.kept:
        return not_attempted()
    score = [hidden.full[n] for n in answers.kept]
    urgent = [hidden.full_urgent[n] for n in answers.kept]
    return corrected(answers.probed, score, urgent, 2.0, 7.5)


@judge("j")
def stopped_in_time(answers, hidden):
    return decided(answers, 99, 101)


@draw("b")
def quiet_cases(hidden, rng):
    """Quiet cases, with their truth: a world to be changed. No other task asks for that truth."""
    rows = rng.sample(range(len(hidden.rows["score"])), 1200)
    given = {name: [values[n] for n in rows] for name, values in hidden.rows.items()}
    return given, given


@judge("b")
def october_unseen(answers, hidden):
    if answers.problem:
        return not_yet("code-stops", problem=str(answers.problem)[:200])
    made = answers.probed
    if made is None or not answers.kept:
        return not_attempted()
    if not isinstance(made, dict) or not all(isinstance(made.get(name), list) for name in COLUMNS):
        return not_yet("no-table")
    if not all(number(one) is not None for name in COLUMNS for one in made[name]):
        return not_yet("no-table")
    return unseen(answers.kept, made)
