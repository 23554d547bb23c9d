"""What decides the marks, on years that no learner ever has. Never leaves the grader.

`hidden`: scores of `quiet` weeks, of the four weeks in which other people begin to come (`ramp`), of the months after
(`full`, with `full_urgent`, what became of them), and `rows`, quiet cases with all columns. An alarm is tried on three
histories put together anew at each attempt: the change comes in another week, or never. Limits are a little wider than
the learner's own check.
"""

import datetime as dt

import numpy as np

from labs.kit.checking import draw, judge, not_attempted, not_yet, number, passed

REFERENCE_WEEKS, PARTS, PER_WEEK = 26, 10, 150
JUNE_WEEK, OCTOBER_WEEK = 75, 93
FULL_WEEKS, QUIET_WEEKS = 14, 100

LINES = {
    "clip": "before, now = before.clip(0.001), now.clip(0.001)",
    "own": "edges = np.quantile(new, np.linspace(0.1, 0.9, 9))",
    "now": "now = np.bincount(np.searchsorted(edges, new), minlength=10) / len(new)",
    "cancel": "index = (now - before).sum()",
    "edges": "edges = np.quantile(reference, np.linspace(0.1, 0.9, 9))",
    "counts": "now = np.bincount(np.searchsorted(edges, new), minlength=10)",
    "before": "before = np.bincount(np.searchsorted(edges, reference), minlength=10) / len(reference)",
    "index": "index = ((now - before) * np.log(now / before)).sum()",
}


def index_of(reference, new):
    """The population stability index of `new` scores against `reference`, over the reference's own ten parts.

    After Siddiqi, "Credit Risk Scorecards" (2006); a part nobody is in counts as one in a thousand.
    """
    edges = np.quantile(reference, np.linspace(0, 1, PARTS + 1)[1:-1])
    before = np.bincount(np.searchsorted(edges, reference), minlength=PARTS) / len(reference)
    now = np.bincount(np.searchsorted(edges, new), minlength=PARTS) / len(new)
    before, now = before.clip(0.001), now.clip(0.001)
    return float(((now - before) * np.log(now / before)).sum())


def ranking(score, urgent):
    """The chance that an urgent case has a higher score than one that is not (AUC), ties counted half."""
    score, urgent = np.asarray(score, float), np.asarray(urgent, bool)
    if urgent.all() or not urgent.any():
        return 0.5
    _, place, many = np.unique(score, return_inverse=True, return_counts=True)
    order = (np.cumsum(many) - (many - 1) / 2)[place]
    ill = int(urgent.sum())
    return float((order[urgent].sum() - ill * (ill + 1) / 2) / (ill * (len(score) - ill)))


@judge("t3")
def lines_give_the_index(answers, hidden):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 5 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    return ordered(chosen, np.array(hidden.quiet[:3900]), np.array(hidden.full[:PER_WEEK]))


def ordered(chosen, reference, new):
    """What chosen lines do with old and new scores."""
    space = {"np": np, "reference": reference, "new": new}
    try:
        with np.errstate(all="ignore"):
            exec("\n".join(LINES[one] for one in chosen), space)
    except NameError as error:
        return not_yet("order-matters", name=error.name)
    if "index" not in space or chosen[-1] not in ("index", "cancel"):
        return not_yet("no-index")
    if chosen[-1] == "cancel":
        return not_yet("differences-cancel")
    if "own" in chosen:
        return not_yet("moving-edges")
    if "counts" in chosen and "now" not in chosen:
        return not_yet("counts-are-not-shares", index=round(float(space["index"]), 1))
    if "clip" not in chosen or chosen.index("clip") < chosen.index("now"):
        return not_yet("empty-parts")
    return passed(index=round(float(space["index"]), 2))


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


def weeks_given(found, mondays):
    """Places of the weeks in which an alarm sounds, None where that is no list of Mondays."""
    place = {str(monday)[:10]: n for n, monday in enumerate(mondays)}
    if isinstance(found, (str, dict)) or not hasattr(found, "__iter__"):
        return None
    days = [str(one)[:10] for one in found]
    return sorted({place[day] for day in days}) if all(day in place for day in days) else None


def sounded(histories):
    """What alarms say about the rule: each history is (weeks, place of the change or None, places of alarms)."""
    false = quiet = 0
    waits, kept = [], []
    for count, change, alarms in histories:
        end = count if change is None else change
        false += sum(REFERENCE_WEEKS <= place < end for place in alarms)
        quiet += end - REFERENCE_WEEKS
        if change is not None:
            after = [place for place in alarms if place >= change]
            waits.append(after[0] - change + 1 if after else 99)
            later = range(change + 4, count)
            kept.append(sum(place in after for place in later) / len(later))
    return {"false": false, "years": round(quiet / 52, 1), "rate": false / quiet * 52,
            "wait": max(waits), "kept_share": min(kept)}  # fmt: skip


def alarm_verdict(n):
    """Whether an alarm keeps the rule."""
    if n["rate"] > 1.0:
        return not_yet("cries-wolf", **n)
    if n["wait"] > 4:
        return not_yet("sounds-too-late" if n["wait"] < 99 else "never-sounds", **n)
    if n["kept_share"] < 0.5:
        return not_yet("alarm-forgets", **n)
    return passed(**n)


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


def corrected(chance, score, urgent, mean=1.5, most=6):
    """What corrected chances are worth against what came true."""
    try:
        chance = np.asarray(chance, float)
    except (TypeError, ValueError):
        return not_yet("wrong-shape")
    if chance.shape != np.shape(score) or not np.isfinite(chance).all():
        return not_yet("wrong-shape")
    score, urgent = np.asarray(score, float), np.asarray(urgent, bool)
    n = {"promised": round(100 * float(chance.mean()), 1), "came": round(100 * float(urgent.mean()), 1)}
    if chance.min() < 0 or chance.max() > 1:
        return not_yet("not-a-chance", **n)
    before, after = ranking(score, urgent), ranking(chance, urgent)
    n |= {"before": round(before, 2), "after": round(after, 2)}
    top = score >= np.quantile(score, 0.9)
    n |= {
        "top_promised": round(100 * float(chance[top].mean())),
        "top_came": round(100 * float(urgent[top].mean())),
    }
    if len(set(chance.round(6))) < 10:
        return not_yet("one-chance-for-all", **n)
    if after < before - 0.01:
        return not_yet("order-changed", **n)
    if abs(n["promised"] - n["came"]) > mean:
        return not_yet("still-promises-too-much" if n["promised"] > n["came"] else "promises-too-little", **n)
    if abs(n["top_promised"] - n["top_came"]) > most:
        return not_yet("right-only-on-average", **n)
    return passed(**n)


QUESTIONS = {
    "june": ("off", "correct", "wait"),
    "sign": ("index", "outcomes", "complaints"),
    "meanwhile": ("last", "people", "stop"),
    "who": ("company", "feeling", "rule"),
    "owed": ("nothing", "figures", "again"),
}


@judge("j")
def stopped_in_time(answers, hidden):
    return decided(answers, 99, 101)


def decided(answers, first, last):
    """Whether the week fits what was known, and the answers fit each other."""
    said = {name: getattr(answers, name) for name in QUESTIONS}
    week = number(answers.week)
    if not any(said.values()):
        return not_attempted()
    if (
        not all(isinstance(said[name], str) and said[name] in QUESTIONS[name] for name in said)
        or week is None
    ):
        return not_yet("incomplete")
    if not 9 <= week <= 104 or week != int(week):
        return not_yet("incomplete")
    n = {"week": int(week)}
    wrong = [
        (said["june"] == "off", "drift-means-broken"),
        (said["june"] == "wait", "promise-left-broken"),
        (said["sign"] == "index", "index-sees-everything"),
        (said["sign"] == "complaints", "waits-for-shouting"),
        (said["meanwhile"] != "people", "nobody-reads-meanwhile"),
        (said["who"] != "rule", "no-rule-in-advance"),
        (said["owed"] != "again", "forgets-those-below"),
        (JUNE_WEEK <= week < OCTOBER_WEEK, "switched-off-a-good-model"),
        (week < first, "before-one-could-know"),
        (week > last, "too-late"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found, **n) if found else passed(**n)


COLUMNS = ("score", "prior_contacts", "words_n", "circumstance_ticked", "urgent")


@draw("b")
def quiet_cases(hidden, rng):
    """Quiet cases, with their truth: a world to be changed. No other task asks for that truth."""
    rows = rng.sample(range(len(hidden.rows["score"])), 1200)
    given = {name: [values[n] for n in rows] for name, values in hidden.rows.items()}
    return given, given


@judge("b")
def october_unseen(answers, hidden):
    if answers.problem:
        problem = str(answers.problem)[:200]
        shape = problem.startswith(("KeyError", "TypeError", "IndexError", "AttributeError"))
        return not_yet("no-table") if shape else not_yet("code-stops", problem=problem)
    made = answers.probed
    if made is None or not answers.kept:
        return not_attempted()
    if not isinstance(made, dict) or not all(isinstance(made.get(name), list) for name in COLUMNS):
        return not_yet("no-table")
    if not all(number(one) is not None for name in COLUMNS for one in made[name]):
        return not_yet("no-table")
    return unseen(answers.kept, made)


def unseen(given, made):
    """Whether the index misses a change that the ranking does not survive. Both are columns by name."""
    lengths = {len(made[name]) for name in COLUMNS}
    if len(lengths) != 1:
        return not_yet("no-table")
    count = lengths.pop()
    if count < 300:
        return not_yet("too-few-cases", count=count)
    signs = COLUMNS[1:4]
    known = {tuple(float(given[name][n]) for name in signs): set() for n in range(len(given["score"]))}
    for n, score in enumerate(given["score"]):
        known[tuple(float(given[name][n]) for name in signs)].add(round(float(score), 4))
    for n in range(count):
        who = tuple(float(made[name][n]) for name in signs)
        if round(float(made["score"][n]), 4) not in known.get(who, ()) or float(made["urgent"][n]) not in (
            0.0,
            1.0,
        ):
            return not_yet("changed-the-model")
    before = sum(float(one) for one in given["urgent"]) / len(given["urgent"])
    now = sum(float(one) for one in made["urgent"]) / count
    n = {"index": round(index_of(np.array(given["score"], float), np.array(made["score"], float)), 2),
         "ranking": round(ranking(made["score"], made["urgent"]), 2),
         "before": round(100 * before, 1), "now": round(100 * now, 1)}  # fmt: skip
    if n["index"] >= 0.10:
        return not_yet("index-sees-it", **n)
    if abs(now - before) > 0.1 * before:
        return not_yet("counting-shows-it", **n)
    if n["ranking"] >= 0.60:
        return not_yet("still-ranks", **n)
    return passed(**n)
