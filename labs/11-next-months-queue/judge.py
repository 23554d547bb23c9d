"""What decides the marks, on weeks that no learner has. Never leaves the grader.

`hidden.counts` has the weeks of each district, from `hidden.first` on; `hidden.closed` says which weeks had closed
days. The registers of task b are made up again for each attempt.
"""

from labs.kit.checking import draw, judge, not_attempted, not_yet, number
from shared import (
    HOLIDAYS,
    WIDE,
    decision,
    forecast_verdict,
    found_verdict,
    put_together,
    week_verdict,
    weeks_verdict,
)

WORDS_T4 = ("no-function", "needs-what-is-not-known", "stops", "gives-nothing", "not-four-numbers")
WORDS_B = ("no-function", "stops", "gives-nothing", "no-date")


@judge("t2")
def horizon_is_understood(answers, hidden):
    return found_verdict(answers.found)


@judge("t3")
def lines_make_a_lag(answers, hidden):
    return put_together(answers.lines)


@draw("t4")
def questions(hidden, rng):
    """Sixty times the past of a district until some Monday, half of them just before closed days."""
    names = sorted(hidden.counts)
    before_closed = [at for at in range(190, len(hidden.closed) - 4) if any(hidden.closed[at : at + 4])]
    asked, kept = [], []
    for n in range(60):
        name = rng.choice(names)
        at = rng.choice(before_closed) if n % 2 else rng.randrange(190, len(hidden.closed) - 4)
        counts = hidden.counts[name]
        asked.append({"first": hidden.first, "requests": counts[:at], "closed": hidden.closed[: at + 4]})
        kept.append((name, at))
    return {"asked": asked}, kept


@judge("t4")
def forecast_beats_last_year(answers, hidden):
    import numpy as np

    said, kept = answers.probed, answers.kept
    if answers.problem:
        return not_yet("stops")
    if not isinstance(said, list) or not isinstance(kept, list) or len(said) != len(kept):
        return not_attempted()
    if all(one == "blank" for one in said):
        return not_attempted()
    rows, true, year_ago, closed = [], [], [], []
    for given, (name, at) in zip(said, kept):
        if isinstance(given, str):
            return not_yet(given if given in WORDS_T4 else "not-four-numbers")
        four = [number(one) for one in given] if isinstance(given, list) else []
        if len(four) != 4 or None in four or any(abs(one) > 1e9 for one in four):
            return not_yet("not-four-numbers")
        counts = np.array(hidden.counts[name], float)
        rows.append(np.array(four) / counts.mean())
        true.append(counts[at : at + 4] / counts.mean())
        year_ago.append(counts[at - 52 : at - 48] / counts.mean())
        closed.append(hidden.closed[at : at + 4])
    rows, true, year_ago = np.array(rows), np.array(true), np.array(year_ago)
    return forecast_verdict(rows, true, year_ago, closed, WIDE)


@judge("j")
def decision_holds_together(answers, hidden):
    return decision(answers)


def register(rng):
    """A made-up register with one change of rule, one campaign in one district, holidays and chance."""
    from datetime import date, timedelta

    import numpy as np

    chance = np.random.default_rng(rng.getrandbits(32))
    weeks = 260
    first = date(2018, 1, 1) + timedelta(weeks=rng.randrange(60))
    week = np.array([(first + timedelta(weeks=n)).isocalendar()[1] for n in range(weeks)])
    odd = {*HOLIDAYS, 53, 2, 51}
    free = [n for n in range(60, weeks - 30) if not {int(week[n - 1]), int(week[n]), int(week[n + 1])} & odd]
    change = rng.choice(free)
    campaign = rng.choice([n for n in free if abs(n - change) > 12])
    loud, counts = rng.randrange(8), {}
    closed = np.array([HOLIDAYS.get(int(n), 1.0) for n in week])
    for place in range(8):
        level = 900.0 if place == loud else chance.uniform(110, 320)
        rhythm = 0.13 * np.sin(2 * np.pi * (week - 8) / 52) + 0.07 * np.sin(4 * np.pi * week / 52)
        walk, steps = np.zeros(weeks), chance.normal(0, 0.08, weeks)
        for n in range(1, weeks):
            walk[n] = 0.55 * walk[n - 1] + steps[n]
        since = np.arange(weeks) - change
        jump = np.where(since >= 0, 0.33 * np.exp(-since.clip(0) / 9), 0.0)
        shouts = np.where((np.arange(weeks) == campaign) & (place == loud), 1.1, 0.0)
        mean = level * closed * np.exp(rhythm + walk + jump + shouts)
        counts[f"district {place + 1}"] = [int(one) for one in chance.poisson(mean)]
    mondays = [(first + timedelta(weeks=n)).isoformat() for n in range(weeks)]
    shut = [int(one < 1) for one in closed]
    return {"first": first.isoformat(), "requests": counts, "closed": shut}, (mondays, change, campaign, shut)


@draw("b")
def registers(hidden, rng):
    """Five registers that nobody has seen."""
    made = [register(rng) for _ in range(5)]
    return {"registers": [one for one, _ in made]}, [kept for _, kept in made]


def key_of(given, kept):
    """The key for what `change_week` said to one register."""
    mondays, change, campaign, closed = kept
    if given in WORDS_B:
        return given
    return week_verdict(mondays.index(given) if given in mondays else None, change, campaign, closed)


@judge("b")
def change_is_found(answers, hidden):
    said, kept = answers.probed, answers.kept
    if answers.problem:
        return not_yet("stops")
    if not isinstance(said, list) or not isinstance(kept, list) or len(said) != len(kept):
        return not_attempted()
    if all(one == "blank" for one in said):
        return not_attempted()
    keys = [key_of(given if isinstance(given, str) else "", one) for given, one in zip(said, kept)]
    return weeks_verdict(keys)
