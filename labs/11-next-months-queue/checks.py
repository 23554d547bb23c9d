"""What a learner may run: forecasts of weekly counts, their roster, and instant checks on the learner's own weeks."""

from functools import lru_cache

import numpy as np
import pandas as pd

from labs.kit import lab, plots
from labs.kit.checking import check, near, not_attempted, not_yet, number, view
from shared import (
    HOLIDAYS,
    NEAR,
    decision,
    forecast_verdict,
    found_verdict,
    put_together,
    week_verdict,
    weeks_verdict,
)

TESTED, AHEAD, YEAR = 78, 4, 52
BETTER, CLOSED_ERROR = 0.12, 0.18


@lru_cache(maxsize=1)
def districts():
    """Each district's weeks, in order."""
    weeks = lab.load("weekly-counts").sort_values("week_of")
    return {name: part.reset_index(drop=True) for name, part in weeks.groupby("district")}


def facts(table, ahead=AHEAD, holidays=True, rhythm=True):
    """What is known of each week when it is forecast `ahead` weeks before."""
    counts = table["requests"].astype(float)
    week = table["week_of"].dt.isocalendar().week.astype(float)
    known = {
        "known": counts.shift(ahead),
        "recent": counts.shift(ahead).rolling(8).mean(),
        "last_year": counts.shift(YEAR - 1).rolling(3).mean(),
    }
    if rhythm:
        known |= {"sin": np.sin(2 * np.pi * week / 52), "cos": np.cos(2 * np.pi * week / 52)}
    if holidays:
        known["closed"] = table["holiday"].astype(float)
    return pd.DataFrame(known)


@lru_cache(maxsize=64)
def last_weeks(ahead=AHEAD, holidays=True, rhythm=True):
    """The last 78 weeks of all districts: what came, and what the line and two simple rules said."""
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    parts = []
    for table in districts().values():
        known = facts(table, ahead, holidays, rhythm)
        first = len(table) - TESTED
        learn = known.notna().all(axis=1) & (table.index < first)
        model = make_pipeline(StandardScaler(), Ridge(alpha=5)).fit(
            known[learn], table.loc[learn, "requests"]
        )
        part = table.iloc[first:].assign(
            line=model.predict(known.iloc[first:]),
            last=table["requests"].shift(ahead).iloc[first:],
            year_ago=table["requests"].shift(YEAR).iloc[first:],
        )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def error_share(table, column):
    """Mean absolute error as a share of the mean count, every district counting the same."""
    wrong = (table["requests"] - table[column]).abs().groupby(table["district"]).mean()
    return float((wrong / table.groupby("district")["requests"].mean()).mean())


def percent(value):
    """A share as per cent with one digit after the point."""
    return f"{100 * value:.1f}{lab.share(0).removeprefix('0')}"


def one_district(name):
    """A picture of one district's weeks, and the same in a few numbers."""
    table = districts()[name]
    closed = table["holiday"]
    mean = table["requests"].mean()
    alt = lab.say("district_alt", name=name, mean=f"{mean:.0f}")
    with plots.figure(lab.say("district_title", name=name), alt) as figure:
        axes = figure.axes[0]
        axes.plot(table["week_of"], table["requests"], color=plots.CALM, linewidth=0.9)
        axes.plot(table["week_of"][closed], table["requests"][closed], "o", color=plots.WARN, markersize=3)
        axes.annotate(lab.say("closed"), (table["week_of"].iloc[4], 18), color=plots.WARN, fontsize=9)
        axes.set_ylim(0)
        axes.set_ylabel(lab.say("requests"))
    by_year = table.groupby(table["week_of"].dt.year)["requests"].agg(["mean", "min", "max"])
    rows = [[year, *(f"{one:.0f}" for one in row)] for year, row in zip(by_year.index, by_year.to_numpy())]
    head = [lab.say(key) for key in ("year", "mean_week", "quietest", "busiest")]
    return figure + plots.table(head, rows)


def three_forecasts():
    """Errors of both simple rules and of the line."""
    table = last_weeks()
    rows = [[lab.say(key), lab.share(error_share(table, key))] for key in ("last", "year_ago", "line")]
    return plots.table([lab.say("forecast"), lab.say("error")], rows)


def roster(margin):
    """What a margin on the line's forecast does: share of weeks with too few officers, share of idle work."""
    table = last_weeks()
    planned = table["line"] * (1 + margin / 100)
    short = table["requests"] > planned
    sent_home = (table["requests"] - planned).clip(lower=0).sum() / table["requests"].sum()
    idle = (planned - table["requests"]).clip(lower=0).sum() / planned.sum()
    return {"short_share": float(short.mean()), "home_share": float(sent_home), "idle_share": float(idle)}


def exactly():
    """What a roster without a margin does."""
    n = roster(0)
    rows = [
        [lab.say("weeks_short"), lab.share(n["short_share"])],
        [lab.say("sent_home"), percent(n["home_share"])],
        [lab.say("idle"), lab.share(n["idle_share"])],
    ]
    return plots.table([lab.say("without_margin"), ""], rows) + plots.text(lab.say("why_half"))


@view("t2")
def horizon_now(answers):
    ahead = int(number(answers.ahead) or AHEAD)
    ticked = answers.facts if isinstance(answers.facts, list) else []
    table = last_weeks(ahead, "holidays" in ticked, "rhythm" in ticked)
    errors = {key: error_share(table, key) for key in ("last", "year_ago", "line")}
    shown = {key: lab.share(value) for key, value in errors.items()}
    alt = lab.say("horizon_alt", ahead=ahead, **shown)
    with plots.figure(lab.say("horizon_title", ahead=ahead), alt, height=1.7) as figure:
        axes = figure.axes[0]
        colours = [plots.WARN, plots.THIRD, plots.CALM]
        names = [lab.say(key) for key in ("line", "year_ago", "last")]
        values = [100 * errors[key] for key in ("line", "year_ago", "last")]
        axes.barh(names, values, color=colours, height=0.55)
        axes.set_xlim(0, 24)
        axes.set_xlabel(lab.say("error_axis"))
    rows = [[lab.say(key), percent(errors[key])] for key in ("last", "year_ago", "line")]
    return figure, plots.table([lab.say("forecast"), lab.say("error")], rows)


@check("t2")
def horizon_is_understood(answers):
    return found_verdict(answers.found)


@check("t3")
def lines_make_a_lag(answers):
    return put_together(answers.lines)


def four_numbers(function, past, ahead):
    """What `forecast` gives: four numbers, or the name of what is wrong."""
    try:
        said = function(past.copy(), ahead.copy())
    except Exception as error:
        return "needs-what-is-not-known" if "NaN" in str(error) else "stops"
    if said is ...:
        return "blank"
    if said is None:
        return "gives-nothing"
    try:
        values = np.asarray(said, float).ravel()
    except (TypeError, ValueError):
        return "not-four-numbers"
    if values.shape != (AHEAD,):
        return "not-four-numbers"
    return values if np.isfinite(values).all() else "needs-what-is-not-known"


@check("t4")
def forecast_beats_last_year(answers):
    if answers.forecast is None or answers.forecast is ...:
        return not_attempted()
    if not callable(answers.forecast):
        return not_yet("no-function")
    said, true, year_ago, closed, level = [], [], [], [], []
    for n, table in enumerate(districts().values()):
        for at in (208 + n, 230 + 3 * n, 259 + n, 282 + n):
            past, ahead = table.iloc[:at], table.iloc[at : at + AHEAD]
            given = four_numbers(answers.forecast, past, ahead.assign(requests=np.nan))
            if isinstance(given, str):
                return not_attempted() if given == "blank" else not_yet(given)
            said.append(given)
            true.append(ahead["requests"].to_numpy())
            year_ago.append(table["requests"].to_numpy()[at - YEAR : at - YEAR + AHEAD])
            closed.append(ahead["holiday"].to_numpy())
            level.append(table["requests"].mean())
    said, true, year_ago = (
        np.asarray(one, float) / np.asarray(level, float)[:, None] for one in (said, true, year_ago)
    )
    made = said, true, year_ago, closed
    return near(forecast_verdict(*made, (BETTER, CLOSED_ERROR)), forecast_verdict(*made, NEAR))


@check("j")
def decision_holds_together(answers):
    return decision(answers)


@view("j")
def roster_now(answers):
    margin = int(number(answers.margin) or 0)
    n, steps = roster(margin), range(0, 65, 5)
    shown = {key: lab.share(value) for key, value in n.items()}
    alt = lab.say("roster_alt", margin=margin, **shown)
    with plots.figure(lab.say("roster_title"), alt) as figure:
        axes = figure.axes[0]
        every = [roster(one) for one in steps]
        axes.plot(steps, [100 * one["short_share"] for one in every], color=plots.WARN)
        axes.plot(steps, [100 * one["idle_share"] for one in every], color=plots.CALM, linestyle="--")
        axes.axvline(margin, color=plots.INK, linewidth=1, linestyle=":")
        axes.annotate(lab.say("short_line"), (12, 50), color=plots.WARN, fontsize=9)
        axes.annotate(lab.say("idle_line"), (36, 36), color=plots.CALM, fontsize=9)
        axes.set_xlabel(lab.say("margin_axis"))
        axes.set_ylabel("%")
        axes.set_ylim(0, 80)
    rows = [
        [lab.say("weeks_short"), shown["short_share"]],
        [lab.say("sent_home"), percent(n["home_share"])],
        [lab.say("idle"), shown["idle_share"]],
    ]
    return figure, plots.table([lab.say("with_margin", margin=margin), ""], rows)


def drill(seed, weeks=260, places=8):
    """A made-up register with one change of rule, one campaign in one district, holidays and chance."""
    rng = np.random.default_rng(seed)
    mondays = pd.Timestamp("2019-01-07") + pd.to_timedelta(
        7 * (int(rng.integers(0, 60)) + np.arange(weeks)), unit="D"
    )
    week = mondays.isocalendar().week.to_numpy(int)
    free = [
        n for n in range(60, weeks - 30) if not {week[n - 1], week[n], week[n + 1]} & {*HOLIDAYS, 53, 2, 51}
    ]
    change = int(rng.choice(free))
    campaign = int(rng.choice([n for n in free if abs(n - change) > 12]))
    tables = []
    for place in range(places):
        level = 900.0 if place == 0 else rng.uniform(110, 320)
        rhythm = 0.13 * np.sin(2 * np.pi * (week - 8) / 52) + 0.07 * np.sin(4 * np.pi * week / 52)
        walk, steps = np.zeros(weeks), rng.normal(0, 0.08, weeks)
        for n in range(1, weeks):
            walk[n] = 0.55 * walk[n - 1] + steps[n]
        since = np.arange(weeks) - change
        jump = np.where(since >= 0, 0.33 * np.exp(-since.clip(0) / 9), 0.0)
        shouts = np.where((np.arange(weeks) == campaign) & (place == 0), 1.1, 0.0)
        shut = np.array([HOLIDAYS.get(int(n), 1.0) for n in week])
        counts = rng.poisson(level * shut * np.exp(rhythm + walk + jump + shouts))
        tables.append(
            pd.DataFrame(
                {
                    "week_of": mondays,
                    "district": f"district {place + 1}",
                    "requests": counts,
                    "holiday": shut < 1,
                }
            )
        )
    return pd.concat(tables, ignore_index=True), mondays, change, campaign, shut < 1


def monday_of(function, table):
    """What `change_week` gives: a date, or the name of what is wrong."""
    try:
        given = function(table.copy())
    except Exception:
        return "stops"
    if given is ...:
        return "blank"
    if given is None:
        return "gives-nothing"
    return given if isinstance(given, pd.Timestamp | np.datetime64) else "no-date"


@check("b")
def change_is_found(answers):
    if answers.change_week is None or answers.change_week is ...:
        return not_attempted()
    if not callable(answers.change_week):
        return not_yet("no-function")
    found = []
    for seed in range(5):
        table, mondays, change, campaign, closed = drill(seed)
        given = monday_of(answers.change_week, table)
        if isinstance(given, str):
            return not_attempted() if given == "blank" else not_yet(given)
        places = np.flatnonzero(mondays == pd.Timestamp(given))
        found.append(week_verdict(int(places[0]) if len(places) else None, change, campaign, list(closed)))
    return weeks_verdict(found)


def around(function, weeks):
    """The week that `change_week` finds in the lab's own table, and what forecasts did around it."""
    given = monday_of(function, weeks) if callable(function) else "blank"
    if isinstance(given, str):
        return plots.text(lab.say("write_it_first"))
    table = last_weeks()
    by_week = table.groupby("week_of")[["requests", "line"]].sum()
    at = pd.Timestamp(given)
    near = by_week[
        (by_week.index >= at - pd.Timedelta(weeks=4)) & (by_week.index <= at + pd.Timedelta(weeks=12))
    ]
    if near.empty:
        return plots.text(lab.say("found_early", monday=at.strftime("%Y-%m-%d")))
    rows = [
        [monday.strftime("%Y-%m-%d"), int(came), int(said), lab.share(came / said - 1)]
        for monday, came, said in near.itertuples()
    ]
    head = [lab.say("monday"), lab.say("came"), lab.say("line"), lab.say("off")]
    return plots.text(lab.say("found_on", monday=at.strftime("%Y-%m-%d"))) + plots.table(head, rows)
