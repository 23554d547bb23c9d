"""What a learner may run: pictures and tables of the lab, and instant checks on the learner's own two years."""

from functools import lru_cache

import numpy as np
import pandas as pd

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, outcome_of, unanswered, view
from shared import (
    COLUMNS,
    JUNE_WEEK,
    LINES,
    OCTOBER_WEEK,
    REFERENCE_WEEKS,
    alarm_verdict,
    corrected,
    decided,
    index_of,
    ordered,
    ranking,
    sounded,
    unseen,
    weeks_given,
)

BAR = 0.20
JUNE, FULL, OCTOBER = "2025-06-02", "2025-06-30", "2025-10-06"
LATE = 4
RULE = 0.70


@lru_cache(maxsize=1)
def two_years():
    """The cases, loaded again so that no cell has to have been run before; `week` counts from 1."""
    cases = lab.load("weekly-desk")
    week = (cases["week_of"] - cases["week_of"].min()).dt.days // 7 + 1
    return cases.assign(week=week)


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


@check("t4")
def alarm_keeps_the_rule(answers):
    is_blank = unanswered(answers.limit)
    cases = two_years()
    told = cases.loc[cases["week_of"] < OCTOBER, ["week_of", "score"]].reset_index(drop=True)
    found, problem = outcome_of(answers.alarms, told)
    if problem and is_blank:
        return not_attempted()  # With a limit inside `alarms` it would have run.
    if problem:
        late = problem.startswith("KeyError") and "urgent" in problem
        return not_yet("truth-comes-later") if late else not_yet("code-stops", problem=problem)
    mondays = sorted(told["week_of"].unique())
    places = weeks_given(found, mondays)
    if places is None:
        return not_yet("wrong-shape")
    return alarm_verdict(sounded([(len(mondays), JUNE_WEEK - 1, places)]))


@check("c")
def chances_come_true(answers):
    if unanswered(answers.recalibrate):
        return not_attempted()
    cases = two_years()
    chosen = cases[(cases["week_of"] >= FULL) & (cases["week_of"] < OCTOBER)]
    score = chosen["score"].to_numpy()
    chance, problem = outcome_of(answers.recalibrate, score.copy())
    if problem:
        return not_yet("code-stops", problem=problem)
    if unanswered(chance):
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


@check("j")
def stopped_in_time(answers):
    return decided(answers, 99, 101)


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


def columns_of(table):
    """The columns of a table as plain lists, None where it is no such table."""
    if not isinstance(table, pd.DataFrame) or any(name not in table for name in COLUMNS):
        return None
    return {name: [float(value) for value in table[name]] for name in COLUMNS}


@check("b")
def october_unseen(answers):
    if unanswered(answers.october):
        return not_attempted()
    cases = two_years()
    given = cases.loc[cases["week"] <= REFERENCE_WEEKS, list(COLUMNS)].head(1500).reset_index(drop=True)
    made, problem = outcome_of(answers.october, given.copy())
    if problem:
        return not_yet("code-stops", problem=problem)
    if unanswered(made):
        return not_attempted()
    try:
        columns = columns_of(made)
    except (TypeError, ValueError):
        columns = None
    if columns is None:
        return not_yet("no-table")
    return unseen(columns_of(given), columns)
