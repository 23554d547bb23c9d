"""What a learner may run: pictures and tables of the lab, and instant checks on the learner's own two years."""

from functools import lru_cache

import numpy as np
import pandas as pd

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, number, passed, view

REFERENCE_WEEKS, PARTS, BAR = 26, 10, 0.20
JUNE, FULL, OCTOBER = "2025-06-02", "2025-06-30", "2025-10-06"
JUNE_WEEK, OCTOBER_WEEK, LATE = 75, 93, 4
RULE = 0.70


@lru_cache(maxsize=1)
def two_years():
    """The cases, loaded again so that no cell has to have been run before; `week` counts from 1."""
    cases = lab.load("weekly-desk")
    week = (cases["week_of"] - cases["week_of"].min()).dt.days // 7 + 1
    return cases.assign(week=week)


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


def figures(cases, reference):
    """What is known of some cases: index, promised, came true, ranking, found above the bar."""
    urgent = cases["urgent"].to_numpy(bool)
    score = cases["score"].to_numpy()
    return {
        "index": index_of(reference, score),
        "promised": float(score.mean()),
        "came": float(urgent.mean()),
        "ranking": ranking(score, urgent),
        "found": float((score[urgent] >= BAR).mean()) if urgent.any() else 0.0,
    }


@lru_cache(maxsize=1)
def by_week():
    """The index of every week against the first half year."""
    cases = two_years()
    reference = cases.loc[cases["week"] <= REFERENCE_WEEKS, "score"].to_numpy()
    return {
        int(week): index_of(reference, group["score"].to_numpy()) for week, group in cases.groupby("week")
    }


def weeks(cases):
    """The index week by week, with the two changes."""
    found = by_week()
    before = [found[week] for week in range(JUNE_WEEK, OCTOBER_WEEK)]
    after = [found[week] for week in found if week >= OCTOBER_WEEK]
    with plots.figure(lab.say("weeks_title"), lab.say("weeks_alt")) as figure:
        axes = figure.axes[0]
        axes.plot(list(found), list(found.values()), color=plots.CALM, linewidth=1.2)
        axes.axhline(0.25, color=plots.INK, linewidth=1, linestyle="--")
        for week, key in ((JUNE_WEEK, "june"), (OCTOBER_WEEK, "october")):
            axes.axvline(week, color=plots.WARN, linewidth=1, linestyle=":")
            axes.annotate(lab.say(key), (week, 1.13), color=plots.WARN, fontsize=9, ha="right")
        axes.set_xlabel(lab.say("week"))
        axes.set_ylabel(lab.say("index"))
        axes.set_ylim(0, 1.25)
    rows = [
        [lab.say("quiet"), f"{np.median([found[week] for week in range(1, JUNE_WEEK)]):.2f}"],
        [lab.say("summer"), f"{np.median(before):.2f}"],
        [lab.say("autumn"), f"{np.median(after):.2f}"],
    ]
    return (
        figure
        + plots.table([lab.say("period"), lab.say("index_median")], rows)
        + plots.text(lab.say("only_june"))
    )


def periods(cases):
    """A table: what became of the model in each period."""
    cases = two_years()
    reference = cases.loc[cases["week"] <= REFERENCE_WEEKS, "score"].to_numpy()
    day = cases["week_of"]
    parts = [
        ("first", cases["week"] <= REFERENCE_WEEKS),
        ("second", (cases["week"] > REFERENCE_WEEKS) & (day < JUNE)),
        ("summer", (day >= FULL) & (day < OCTOBER)),
        ("autumn", day >= OCTOBER),
    ]
    head = [lab.say(key) for key in ("period", "index", "promised", "came", "ranking", "found")]
    rows = []
    for key, chosen in parts:
        n = figures(cases[chosen], reference)
        of = [lab.say("in_hundred", n=round(100 * n[name])) for name in ("promised", "came")]
        rows.append([lab.say(key), f"{n['index']:.2f}", *of, f"{n['ranking']:.2f}", lab.share(n["found"])])
    return plots.table(head, rows)


def promises(score, urgent):
    """In five parts of the scores: what was promised, what came."""
    score, urgent = np.asarray(score, float), np.asarray(urgent, bool)
    edges = [0, 0.05, 0.10, 0.20, 0.40, 1.01]
    rows = []
    for low, high in zip(edges, edges[1:]):
        inside = (score >= low) & (score < high)
        if inside.any():
            span = lab.say("from_to", low=f"{low:.2f}", high=f"{min(high, 1):.2f}")
            rows.append(
                [span, int(inside.sum()), f"{score[inside].mean():.2f}", f"{urgent[inside].mean():.2f}"]
            )
    head = [lab.say(key) for key in ("scores", "how_many", "promised_here", "came_here")]
    return plots.table(head, rows)


# The lines of task t3, run as they stand: they are ours, the learner chooses their order.
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


@check("t3")
def lines_give_the_index(answers):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 5 or not all(one in LINES for one in chosen):
        return not_yet("incomplete")
    cases = two_years()
    reference = cases.loc[cases["week"] <= REFERENCE_WEEKS, "score"].to_numpy()
    new = cases.loc[cases["week"] == JUNE_WEEK + 6, "score"].to_numpy()
    return ordered(chosen, reference, new)


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


@check("t4")
def alarm_keeps_the_rule(answers):
    if answers.limit is None or answers.limit is ...:
        return not_attempted()
    if not callable(answers.alarms):
        return not_yet("wrong-shape")
    cases = two_years()
    told = cases.loc[cases["week_of"] < OCTOBER, ["week_of", "score"]].reset_index(drop=True)
    found, problem = outcome_of(answers.alarms, told)
    if problem:
        late = problem.startswith("KeyError") and "urgent" in problem
        return not_yet("truth-comes-later") if late else not_yet("code-stops", problem=problem)
    mondays = sorted(told["week_of"].unique())
    places = weeks_given(found, mondays)
    if places is None:
        return not_yet("wrong-shape")
    return alarm_verdict(sounded([(len(mondays), JUNE_WEEK - 1, places)]))


def outcome_of(function, *given):
    """What a learner's function returns, and what stopped it."""
    try:
        return function(*given), None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"[:200]


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


@check("c")
def chances_come_true(answers):
    if not callable(answers.recalibrate):
        return not_yet("wrong-shape") if answers.recalibrate is not None else not_attempted()
    cases = two_years()
    chosen = cases[(cases["week_of"] >= FULL) & (cases["week_of"] < OCTOBER)]
    score = chosen["score"].to_numpy()
    chance, problem = outcome_of(answers.recalibrate, score.copy())
    if problem:
        return not_yet("code-stops", problem=problem)
    if chance is None:
        return not_attempted()
    return corrected(chance, score, chosen["urgent"])


@lru_cache(maxsize=128)
def known_in(week):
    """What the centre could know in a week: the index now, and outcomes of the four weeks known last."""
    cases = two_years()
    reference = cases.loc[cases["week"] <= REFERENCE_WEEKS, "score"].to_numpy()
    closed = cases[(cases["week"] <= week - LATE) & (cases["week"] > week - 2 * LATE)]
    n = {
        "week": week,
        "date": str(cases.loc[cases["week"] == week, "week_of"].iloc[0])[:10],
        "index": by_week()[week],
    }
    return n | {name: value for name, value in figures(closed, reference).items() if name != "index"}


QUESTIONS = {
    "june": ("off", "correct", "wait"),
    "sign": ("index", "outcomes", "complaints"),
    "meanwhile": ("last", "people", "stop"),
    "who": ("company", "feeling", "rule"),
    "owed": ("nothing", "figures", "again"),
}


@check("j")
def stopped_in_time(answers):
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


@view("j")
def centre_now(answers):
    week = int(answers.week or 30)
    n = known_in(week)
    told = [known_in(one) for one in range(9, week + 1)]
    with plots.figure(lab.say("known_title", **n), lab.say("known_alt", **as_written(n)), rows=2) as figure:
        upper, lower = figure.axes
        upper.plot(
            [one["week"] for one in told], [one["index"] for one in told], color=plots.CALM, linewidth=1.2
        )
        upper.axhline(0.25, color=plots.INK, linewidth=1, linestyle="--")
        upper.set_ylabel(lab.say("index"))
        upper.set_ylim(0, 1.2)
        lower.plot(
            [one["week"] for one in told], [one["ranking"] for one in told], color=plots.WARN, linewidth=1.2
        )
        lower.axhline(RULE, color=plots.INK, linewidth=1, linestyle="--")
        lower.set_ylabel(lab.say("ranking_short"))
        lower.set_ylim(0.5, 0.9)
        lower.set_xlim(9, 104)
        lower.set_xlabel(lab.say("week"))
    written = as_written(n)
    rows = [[lab.say(key), written[key]] for key in ("index", "ranking", "promised", "came", "found")]
    return figure, plots.table([lab.say("known_in", **n), ""], rows)


def as_written(n):
    """Figures of a week as they are read."""
    return {
        "week": n["week"],
        "index": f"{n['index']:.2f}",
        "ranking": f"{n['ranking']:.2f}",
        "promised": lab.say("in_hundred", n=round(100 * n["promised"])),
        "came": lab.say("in_hundred", n=round(100 * n["came"])),
        "found": lab.share(n["found"]),
    }


COLUMNS = ("score", "prior_contacts", "words_n", "circumstance_ticked", "urgent")


def columns_of(table):
    """The columns of a table as plain lists, None where it is no such table."""
    if not isinstance(table, pd.DataFrame) or any(name not in table for name in COLUMNS):
        return None
    return {name: [float(value) for value in table[name]] for name in COLUMNS}


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


@check("b")
def october_unseen(answers):
    if not callable(answers.october):
        return not_yet("no-table") if answers.october is not None else not_attempted()
    cases = two_years()
    given = cases.loc[cases["week"] <= REFERENCE_WEEKS, list(COLUMNS)].head(1500).reset_index(drop=True)
    made, problem = outcome_of(answers.october, given.copy())
    if problem:
        return not_yet("code-stops", problem=problem)
    if made is None:
        return not_attempted()
    try:
        columns = columns_of(made)
    except (TypeError, ValueError):
        columns = None
    if columns is None:
        return not_yet("no-table")
    return unseen(columns_of(given), columns)
