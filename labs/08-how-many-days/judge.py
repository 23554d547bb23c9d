"""What decides the marks, on files that no learner has. Never leaves the grader.

`hidden.files` (by column) and `hidden.took` are files of the first half year, for task t4: their days never leave the
grader. `hidden.week`, `hidden.sort` and `hidden.days` are a whole year of other files, for tasks t5 and b. `hidden.kept`
says, for every position of the slider in task j, how many promises were kept.
"""

from labs.kit.checking import all_numbers, draw, judge, not_attempted, not_yet, number, passed
from shared import (
    UNTOUCHED,
    WIDE,
    decision,
    lie_verdict,
    promise_verdict,
    put_together,
    rows_key,
    rows_verdict,
    where_it_misleads,
    window,
)


@judge("t2")
def split_is_understood(answers, hidden):
    return where_it_misleads(answers)


@judge("t3")
def lines_keep_time(answers, hidden):
    return put_together(answers.lines)


@draw("t4")
def files_as_they_come_in(hidden, rng):
    """Files without their days."""
    rows = sorted(rng.sample(range(len(hidden.took)), 900))
    return {"files": {name: [column[n] for n in rows] for name, column in hidden.files.items()}}, rows


@judge("t4")
def promise_is_kept(answers, hidden):
    said, rows = answers.probed, answers.kept
    if answers.problem:
        return not_yet("no-model", problem=str(answers.problem)[:120])
    if not isinstance(said, dict):
        return not_attempted()
    days = all_numbers(said.get("first_day"), len(rows))
    if days is None:
        return not_yet("no-model", problem=str(said.get("first_day"))[:120])
    later = all_numbers(said.get("later"), len(rows))
    if later is None or any(abs(a - b) > 0.01 for a, b in zip(days, later)):
        return not_yet("leak-inside")
    if said.get("seen") is True:
        return not_yet("learnt-from-the-exam")
    return promise_verdict([hidden.took[n] for n in rows], days, *WIDE)


@draw("t5")
def a_year_and_three_days(hidden, rng):
    """Other files with their days, and three days on which somebody wants to learn from them."""
    from datetime import date, timedelta

    rows = rng.sample(range(len(hidden.days)), 500)
    first = date(2025, 1, 6)
    received = [(hidden.week[n] - 1) * 7 + rng.randrange(7) for n in rows]
    days = [hidden.days[n] for n in rows]
    todays = sorted(rng.sample(range(80, 340), 3))
    # Some files at the very edges: closed today, received sixty days ago, and one day off.
    for n, (before, took) in enumerate(((60, 60), (60, 59), (60, 61), (59, 5), (61, 5), (90, 90), (90, 91))):
        received[n], days[n] = todays[1] - before, took
    inputs = {
        "received_on": [(first + timedelta(days=one)).isoformat() for one in received],
        "days": days,
        "todays": [(first + timedelta(days=one)).isoformat() for one in todays],
    }
    return inputs, {"received": received, "days": days, "todays": todays}


@judge("t5")
def rows_were_known(answers, hidden):
    said, kept = answers.probed, answers.kept
    if answers.problem:
        return not_yet("stops")
    if not isinstance(said, list) or not isinstance(kept, dict) or len(said) != len(kept["todays"]):
        return not_attempted()
    if all(one == "blank" for one in said):
        return not_attempted()
    found = set()
    for given, today in zip(said, kept["todays"]):
        if not isinstance(given, list):
            known = ("stops", "gives-nothing", "no-rows")
            return not_yet(given if given in known else "no-rows")
        chosen = [one for one in given if isinstance(one, int)]
        found.add(rows_key(chosen, kept["received"], kept["days"], today))
    return rows_verdict(found)


@judge("j")
def decision_holds_together(answers, hidden):
    part = number(answers.part)
    return decision(answers, hidden.kept.get(f"{part:.2f}", 0.0) if part is not None else 0.0)


def by_sort(sort, days, kept, asked):
    """For each asked file, the middle value of the kept files of its sort."""
    import numpy as np

    everything = np.median(days[kept])
    middle = {one: np.median(days[kept][sort[kept] == one]) for one in np.unique(sort[kept])}
    return np.array([middle.get(one, everything) for one in sort[asked]])


def both_errors(hidden, first, last, cut):
    """Random cross-validation over all weeks, the real error on those from `cut` on, and the numbers of files."""
    import numpy as np

    week, sort, days = (np.array(one) for one in (hidden.week, hidden.sort, hidden.days))
    inside = (week >= first) & (week <= last)
    known, after = inside & (week < cut), inside & (week >= cut)
    if known.sum() < 50 or after.sum() < 50:
        return 0.0, 0.0, int(known.sum()), int(after.sum())
    part = np.random.default_rng(1).integers(0, 5, len(days))
    wrong = []
    for one in range(5):
        test = inside & (part == one)
        wrong.append(np.abs(days[test] - by_sort(sort, days, inside & (part != one), test)))
    real = np.abs(days[after] - by_sort(sort, days, known, after)).mean()
    return float(np.concatenate(wrong).mean()), float(real), int(known.sum()), int(after.sum())


@judge("b")
def cross_validation_lies(answers, hidden):
    chosen = window(answers)
    if chosen is None or chosen == UNTOUCHED:
        return not_attempted()
    first, last, cut = chosen
    return lie_verdict(both_errors(hidden, first, last, cut), cut, last, (370, 270), 1.4)
