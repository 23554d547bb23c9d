"""What a learner may run: models of days, pictures over the year, and instant checks on the learner's own files."""

from functools import lru_cache

import numpy as np
import pandas as pd

from labs.kit import lab, plots
from labs.kit.checking import check, has_seen_the_exam, near, not_attempted, not_yet, number, passed, view
from shared import (
    NEAR,
    UNTOUCHED,
    decision,
    lie_verdict,
    promise_verdict,
    put_together,
    rows_key,
    rows_verdict,
    where_it_misleads,
    window,
)

DAYS = "days_to_close"
FIRST, CUT, JULY = pd.Timestamp("2025-01-06"), pd.Timestamp("2025-05-01"), pd.Timestamp("2025-07-01")
WORDS, NUMBERS = ["kind", "channel", "urban_rural", "lang"], ["missing_papers", "queue_length"]
KEPT, LONGEST, LIE = (0.84, 0.95), 27.0, 1.5


@lru_cache(maxsize=1)
def year():
    """The lab's files, with their week and their sort: the kind and how many papers were missing."""
    table = lab.load("processing-times")
    week = (table["received_on"] - FIRST).dt.days // 7 + 1
    missing = table["missing_papers"].clip(upper=2).fillna(9).astype(int).astype(str)
    return table.assign(week=week, sort=table["kind"] + missing).reset_index(drop=True)


def between(start=FIRST, end=pd.Timestamp("2026-01-01")):
    """Files received from `start` to before `end`."""
    table = year()
    return table[(table["received_on"] >= start) & (table["received_on"] < end)]


def of_the_same_sort(known, new, part=0.5):
    """For each new file, the days within which this part of the known files of its sort was ready."""
    each = known.groupby("sort")[DAYS].quantile(part)
    return new["sort"].map(each).fillna(known[DAYS].quantile(part)).to_numpy()


def error(true, said):
    """Mean absolute error in days."""
    return float(np.abs(np.asarray(true, float) - np.asarray(said, float)).mean())


def shuffled(files):
    """Error of the simple model by random cross-validation in five parts."""
    part = np.random.default_rng(1).integers(0, 5, len(files))
    wrong = np.empty(len(files))
    for one in range(5):
        test = files[part == one]
        wrong[part == one] = np.abs(test[DAYS] - of_the_same_sort(files[part != one], test))
    return float(wrong.mean())


@lru_cache(maxsize=4)
def trees(before):
    """Small trees one after another, learnt from everything received before a day."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    columns = make_column_transformer(
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), WORDS),
        ("passthrough", NUMBERS),
    )
    model = HistGradientBoostingRegressor(loss="absolute_error", max_iter=60, random_state=0)
    known = between(end=before)
    return make_pipeline(columns, model).fit(known, known[DAYS])


def how_long():
    """A picture of the days, with their middle, mean and 90th percentile, and the same as a table."""
    days = between(end=JULY)[DAYS]
    marks = {"middle": days.median(), "mean": days.mean(), "ninety": days.quantile(0.9)}
    ready = {key: lab.share(float((days <= value).mean())) for key, value in marks.items()}
    alt = lab.say("days_alt", **{key: f"{value:.0f}" for key, value in marks.items()})
    with plots.figure(lab.say("days_title"), alt) as figure:
        axes = figure.axes[0]
        axes.hist(
            days.clip(upper=60), np.arange(0.5, 62, 2), color=plots.CALM, edgecolor="white", linewidth=0.5
        )
        top = axes.get_ylim()[1]
        for n, (key, value) in enumerate(marks.items()):
            axes.axvline(value, color=plots.WARN, linewidth=1.2, linestyle=("-", "--", ":")[n])
            axes.annotate(lab.say(key), (value + 0.5, top * (0.92 - 0.13 * n)), color=plots.WARN, fontsize=9)
        axes.set_xlabel(lab.say("days"))
        axes.set_ylabel(lab.say("files"))
    rows = [[lab.say(key), f"{value:.0f}", ready[key]] for key, value in marks.items()]
    return figure + plots.table([lab.say("mark"), lab.say("days"), lab.say("ready")], rows)


@lru_cache(maxsize=1)
def in_may():
    """Errors in May and June of three models that learnt from January to April."""
    known, new = between(end=CUT), between(CUT, JULY)
    return {
        "one_middle": error(new[DAYS], np.full(len(new), known[DAYS].median())),
        "same_sort": error(new[DAYS], of_the_same_sort(known, new)),
        "with_trees": error(new[DAYS], trees(CUT).predict(new)),
    }


def three_models():
    """What each model is worth in May and June."""
    rows = [[lab.say(key), f"{value:.1f}"] for key, value in in_may().items()]
    return plots.table([lab.say("model"), lab.say("error_may")], rows)


def after_july():
    """The trees at the counter: the error month by month, as a picture and as a table."""
    later = between(JULY)
    wrong = np.abs(later[DAYS] - trees(JULY).predict(later))
    months = wrong.groupby(later["received_on"].dt.month).mean()
    alt = lab.say("july_alt", low=f"{months.min():.0f}", high=f"{months.max():.0f}")
    names = [lab.say(f"month_{month}") for month in months.index]
    with plots.figure(lab.say("july_title"), alt) as figure:
        axes = figure.axes[0]
        axes.bar(names, months, color=plots.CALM, width=0.5)
        tested = axes.axhline(
            6.6, color=plots.WARN, linestyle="--", linewidth=1.6, label=lab.say("as_tested")
        )
        axes.set_ylim(0, 17)
        axes.legend(handles=[tested], loc="upper right", frameon=False)
        axes.set_ylabel(lab.say("error_days"))
    rows = [[name, f"{value:.1f}"] for name, value in zip(names, months)]
    return figure + plots.table([lab.say("received_in"), lab.say("error_days")], rows)


@lru_cache(maxsize=64)
def split_at(week):
    """Both figures for a split before a week: by random cross-validation, and in the eight weeks after."""
    files = year()
    known, after = files[files["week"] < week], files[files["week"].between(week, week + 7)]
    return shuffled(known), error(after[DAYS], of_the_same_sort(known, after))


@view("t2")
def split_now(answers):
    week = int(number(answers.split) or 12)
    weeks = list(range(8, 43, 2))
    both = [split_at(one) for one in weeks]
    said, real = split_at(week)
    monday = (FIRST + pd.Timedelta(weeks=week - 1)).strftime("%Y-%m-%d")
    alt = lab.say("split_alt", monday=monday, said=f"{said:.1f}", real=f"{real:.1f}")
    with plots.figure(lab.say("split_title"), alt) as figure:
        axes = figure.axes[0]
        axes.plot(weeks, [one for one, _ in both], color=plots.CALM, linestyle="--")
        axes.plot(weeks, [one for _, one in both], color=plots.WARN)
        axes.axvline(week, color=plots.INK, linewidth=1, linestyle=":")
        axes.annotate(lab.say("said_short"), (30, 5.2), color=plots.CALM, fontsize=9)
        axes.annotate(lab.say("real_short"), (8, 14.8), color=plots.WARN, fontsize=9)
        axes.set_ylim(0, 16)
        axes.set_xlabel(lab.say("week"))
        axes.set_ylabel(lab.say("error_days"))
    rows = [[lab.say("said"), f"{said:.1f}"], [lab.say("real"), f"{real:.1f}"]]
    return figure, plots.table([lab.say("split_on", monday=monday), lab.say("error_days")], rows)


@check("t2")
def split_is_understood(answers):
    return where_it_misleads(answers)


@check("t3")
def lines_keep_time(answers):
    return put_together(answers.lines)


def asked(model, table):
    """A model's numbers for a table, or the name of the error."""
    try:
        said = np.asarray(model.predict(table), float).ravel()
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"[:160]
    return said if said.shape == (len(table),) and np.isfinite(said).all() else "?"


@check("t4")
def promise_is_kept(answers):
    model = answers.promise
    if model is None or model is ...:
        return not_attempted()
    new = between(CUT, JULY).drop(columns=["week", "sort"])
    first_day = new.assign(reminders_sent=0, **{DAYS: np.nan})
    said = asked(model, first_day)
    if isinstance(said, str):
        return not_yet("no-model", problem=said)
    other = asked(model, first_day.assign(reminders_sent=9, **{DAYS: 50.0}))
    if isinstance(other, str) or not np.allclose(said, other):
        return not_yet("leak-inside")
    if has_seen_the_exam(model, between(end=CUT), between(CUT, JULY), DAYS, year()):
        return not_yet("learnt-from-the-exam")
    took, said = new[DAYS].tolist(), said.tolist()
    return near(promise_verdict(took, said, KEPT, LONGEST), promise_verdict(took, said, *NEAR))


def index_of(function, table, today):
    """Row numbers that `may_learn` gives, or the name of what is wrong."""
    try:
        given = function(table.copy(), today)
    except Exception:
        return "stops"
    if given is ...:
        return "blank"
    if given is None:
        return "gives-nothing"
    if isinstance(given, pd.Series) and given.dtype == bool and len(given) == len(table):
        given = table[given.to_numpy()]
    if not isinstance(given, pd.DataFrame):
        return "no-rows"
    if "case_id" in given:  # Row numbers may have been counted again from 0; a file keeps its own number.
        return list(np.flatnonzero(table["case_id"].isin(given["case_id"])))
    return list(np.flatnonzero(table.index.isin(given.index)))


@check("t5")
def rows_were_known(answers):
    if answers.may_learn is None or answers.may_learn is ...:
        return not_attempted()
    table = year().drop(columns=["week", "sort"])
    received, days = (table["received_on"] - FIRST).dt.days.tolist(), table[DAYS].tolist()
    found = set()
    for day in ("2025-06-15", "2025-04-01", "2025-10-20"):
        given = index_of(answers.may_learn, table, pd.Timestamp(day))
        if given == "blank":
            return not_attempted()
        if isinstance(given, str):
            return not_yet(given)
        today = (pd.Timestamp(day) - FIRST).days
        found.add(rows_key(map(int, given), received, days, today))
    return rows_verdict(found)


@lru_cache(maxsize=32)
def kept_at(part):
    """What becomes of a promise for this part of the files: kept in spring, kept after July, days said."""
    known, spring, later = between(end=CUT), between(CUT, JULY), between(JULY, pd.Timestamp("2025-09-01"))
    said = of_the_same_sort(known, spring, part)
    after = of_the_same_sort(known, later, part)
    return {
        "spring_share": float((spring[DAYS] <= said).mean()),
        "later_share": float((later[DAYS] <= after).mean()),
        "mean": float(said.mean()),
        "certificate": float(said[spring["kind"] == "certificate"].mean()),
        "building": float(said[spring["kind"] == "building"].mean()),
    }


@view("j")
def promise_now(answers):
    part = round(number(answers.part) or 0.5, 2)
    n = kept_at(part)
    shown = {"spring": lab.share(n["spring_share"]), "later": lab.share(n["later_share"])}
    with plots.figure(lab.say("kept_title"), lab.say("kept_alt", **shown), height=1.4) as figure:
        axes = figure.axes[0]
        names = [lab.say("kept_later"), lab.say("kept_spring")]
        axes.barh(
            names,
            [100 * n["later_share"], 100 * n["spring_share"]],
            color=[plots.WARN, plots.CALM],
            height=0.55,
        )
        axes.set_xlim(0, 100)
        axes.set_xlabel("%")
    rows = [
        [lab.say("kept_spring"), shown["spring"]],
        [lab.say("kept_later"), shown["later"]],
        [lab.say("said_mean"), f"{n['mean']:.0f}"],
        [lab.say("said_certificate"), f"{n['certificate']:.0f}"],
        [lab.say("said_building"), f"{n['building']:.0f}"],
    ]
    return figure, plots.table([lab.say("promise_of", share=lab.share(part)), ""], rows)


@check("j")
def decision_holds_together(answers):
    part = number(answers.part)
    inside = part is not None and 0.5 <= part <= 0.96
    return decision(answers, kept_at(round(part, 2))["spring_share"] if inside else 0.0)


@lru_cache(maxsize=256)
def both_errors(first, last, cut):
    """Random cross-validation over all weeks, the real error on those from `cut` on, and the numbers of files."""
    files = year()
    files = files[files["week"].between(first, last)]
    known, after = files[files["week"] < cut], files[files["week"] >= cut]
    if len(known) < 50 or len(after) < 50:
        return 0.0, 0.0, len(known), len(after)
    return shuffled(files), error(after[DAYS], of_the_same_sort(known, after)), len(known), len(after)


@check("b")
def cross_validation_lies(answers):
    chosen = window(answers)
    if chosen is None or chosen == UNTOUCHED:
        return not_attempted()
    first, last, cut = chosen
    return lie_verdict(both_errors(first, last, cut), cut, last, (400, 300), LIE)


@view("b")
def lie_now(answers):
    chosen = window(answers)
    if chosen is None:
        return plots.text(lab.say("choose_weeks"))
    first, last, cut = chosen
    said, real, learnt, tested = both_errors(first, last, cut)
    times = real / said if said else 0
    tick = {True: "✓", False: "–"}
    monday = (FIRST + pd.Timedelta(weeks=cut - 1)).strftime("%Y-%m-%d")
    rows = [
        [lab.say("learnt"), learnt, lab.say("at_least", n=400), tick[learnt >= 400]],
        [lab.say("tested", monday=monday), tested, lab.say("at_least", n=300), tick[tested >= 300]],
        [lab.say("said"), f"{said:.1f}", "", ""],
        [lab.say("real"), f"{real:.1f}", "", ""],
        [lab.say("times"), f"{times:.2f}", lab.say("at_least", n=f"{LIE:.2f}"), tick[times >= LIE]],
    ]
    return (plots.table([lab.say("weeks", first=first, last=last), "", lab.say("wanted"), ""], rows),)
