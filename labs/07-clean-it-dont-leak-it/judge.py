"""What decides the marks, on files of another year's draw that no learner has. Never leaves the grader.

`hidden` has one column each of `files` (what is known at intake, by name), `days`, and `honest`, what a sound model
says. The first `hidden.first` files are for task t5, the others for task b, which has to be told the days: so the days
of t5 never leave the grader. `hidden.ticked` is R² on the first day by the columns ticked in task j.
"""

from labs.kit.checking import all_numbers, draw, judge, not_attempted, not_yet, number, passed
from shared import LATER, decision, fees_verdict, put_together, stopped

COLUMNS = ("kind", "channel", "urban_rural", "lang", "missing_papers", "queue_length")
UNREADABLE = ("?", "", "see file", "n/a", "--")


@judge("t3")
def lines_keep_the_split(answers, hidden):
    return put_together(answers.lines)


@draw("t4")
def fees(hidden, rng):
    """Fees that no register had, some misread; and texts that nobody can read."""
    true = [rng.randrange(5, 2000) * 50 for _ in range(20)] + [1000, 10100, 1001000]
    texts = []
    for value in true:
        letters = [{"0": "O", "1": "l"}.get(one, one) if rng.random() < 0.6 else one for one in str(value)]
        texts.append("".join(letters))
    unreadable = rng.sample(UNREADABLE, 3)
    return {"texts": [*texts, *unreadable]}, [float(value) for value in true]


@judge("t4")
def fees_are_repaired(answers, hidden):
    said, true = answers.probed, answers.kept
    if answers.problem:
        return not_yet("stops-at-a-letter", right=0, fees=23, problem=str(answers.problem)[:120])
    if not isinstance(said, list) or len(said) != len(true) + 3:
        return not_attempted()
    return fees_verdict(said[: len(true)], true, said[len(true) :], "ValueError")


def r2(true, said):
    """1 is perfect, 0 is the mean for everybody."""
    import numpy as np

    true, said = np.asarray(true, float), np.asarray(said, float)
    return float(1 - ((true - said) ** 2).sum() / ((true - true.mean()) ** 2).sum())


@draw("t5")
def files_as_they_come_in(hidden, rng):
    """Files without their days: what the counter knows."""
    rows = sorted(rng.sample(range(hidden.first), 900))
    return {"files": {name: [column[n] for n in rows] for name, column in hidden.files.items()}}, rows


def apart(one, other):
    """Whether two lists of numbers differ."""
    return any(abs(a - b) > 0.01 for a, b in zip(one, other))


@judge("t5")
def model_is_ready_for_monday(answers, hidden):
    said, rows = answers.probed, answers.kept
    if answers.problem:
        return not_yet("does-not-answer", problem=str(answers.problem)[:120])
    if not isinstance(said, dict):
        return not_attempted()
    if isinstance(said.get("monday"), str):
        return stopped(said["monday"])
    monday = all_numbers(said.get("monday"), len(rows))
    if monday is None:
        return not_yet("does-not-answer", problem="?")
    reminded, told = all_numbers(said.get("reminded"), len(rows)), all_numbers(said.get("told"), len(rows))
    if reminded is None or apart(monday, reminded):
        return not_yet("leak-inside", column="reminders_sent")
    if told is None or apart(monday, told):
        return not_yet("leak-inside", column="days_to_close")
    if isinstance(said.get("strange"), str):
        return stopped(said["strange"])
    if all_numbers(said.get("strange"), 20) is None:
        return not_yet("does-not-answer", problem="?")
    found = r2([hidden.days[n] for n in rows], monday)
    if said.get("seen") is True:
        return not_yet("learnt-from-the-exam", r2=f"{found:.2f}")
    facts = {"r2": f"{found:.2f}"}
    return passed(**facts) if found >= 0.15 else not_yet("too-weak", **facts)


@judge("j")
def decision_holds_together(answers, hidden):
    chosen = answers.columns if isinstance(answers.columns, list) else []
    known = (*COLUMNS, *LATER)
    columns = [name for name in known if name in [one for one in chosen if isinstance(one, str)]]
    counter = hidden.ticked["".join("1" if name in columns else "0" for name in known)] if columns else 0.0
    return decision(answers, columns, counter, 0.15)


@draw("b")
def closed_files(hidden, rng):
    """Closed files with their days, for a column that pretends not to know them."""
    rows = rng.sample(range(hidden.first, len(hidden.days)), 900)
    files = {name: [column[n] for n in rows] for name, column in hidden.files.items()}
    return {"files": files | {"days_to_close": [hidden.days[n] for n in rows]}}, rows


def ranks(values):
    """Places in order, the mean place for equals."""
    import numpy as np

    _, group, count = np.unique(np.asarray(values, float), return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[group]


def through(honest, days, column, monday):
    """R² with a planted column on paper and on the first day: two lines, learnt from every second file."""
    import numpy as np

    learn = np.arange(len(days)) % 2 == 0
    middle = np.nanmean(column[learn]) if np.isfinite(column[learn]).any() else 0.0
    filled, monday = (np.where(np.isfinite(one), one, middle) for one in (column, monday))
    facts = np.column_stack([np.ones(len(days)), honest, filled])
    weights, *_ = np.linalg.lstsq(facts[learn], days[learn], rcond=None)
    there = np.column_stack([np.ones(len(days)), honest, monday])
    test = ~learn
    return r2(days[test], facts[test] @ weights), r2(days[test], there[test] @ weights), filled


def as_column(said, many):
    """A column as the probe gives it, unknown numbers as nan; None if it is no column."""
    import numpy as np

    if not isinstance(said, list) or len(said) != many:
        return None
    found = [float("nan") if one is None else number(one) for one in said]
    if None in found or any(abs(one) > 1e12 for one in found):
        return None
    return np.array(found)


PLANT_SAYS = {
    "nothing": "gives-nothing",
    "no-numbers": "not-one-number-a-row",
    "no-column": "not-one-number-a-row",
    "old-leak": "old-leak",
    "stopped": "plant-stops",
}


@judge("b")
def leak_is_planted(answers, hidden):
    import numpy as np

    said, rows = answers.probed, answers.kept
    if answers.problem:
        return not_yet("plant-stops")
    if not isinstance(said, dict) or said.get("paper") == "blank":
        return not_attempted()
    if isinstance(said.get("paper"), str):
        return not_yet(PLANT_SAYS.get(said["paper"], "plant-stops"))
    column = as_column(said.get("paper"), len(rows))
    if column is None:
        return not_yet("not-one-number-a-row")
    monday = as_column(said.get("monday"), len(rows))
    monday = np.full(len(rows), np.nan) if monday is None else monday
    honest = np.array([hidden.honest[n] for n in rows], float)
    days = np.array([hidden.days[n] for n in rows], float)
    paper, counter, filled = through(honest, days, column, monday)
    facts = {"paper": f"{paper:.2f}", "counter": f"{counter:.2f}", "honest": f"{r2(days, honest):.2f}"}
    spread = float(np.std(filled))
    alike = abs(float(np.corrcoef(ranks(filled), ranks(days))[0, 1])) if spread else 0.0
    if paper > 0.94 or alike > 0.97:
        return not_yet("copy-of-the-answer", **facts)
    if paper < 0.45:
        return not_yet("no-leak", **facts)
    if counter > paper - 0.2:
        return not_yet("works-at-the-counter", **facts)
    return passed(**facts)
