"""What a learner may run: Patrick's model, tables, and instant checks on the learner's own half year."""

import math
from functools import lru_cache

import numpy as np
import pandas as pd

from labs.kit import lab, plots
from labs.kit.checking import check, has_seen_the_exam, not_attempted, not_yet, number, passed, view
from shared import DAYS, LATER, decision, fees_verdict, put_together, stopped

CUT, END = "2025-05-01", "2025-07-01"
WORDS = ["kind", "channel", "urban_rural", "lang"]
NUMBERS = ["missing_papers", "queue_length"]
AT_LEAST, PLANTED, PLAIN = 0.20, 0.50, 0.93


def split(register):
    """Files received before 1 May, and those of May and June."""
    early = register["received_on"] < CUT
    return register[early].reset_index(drop=True), register[~early].reset_index(drop=True)


@lru_cache(maxsize=1)
def halves():
    """The lab's known and new files, made here again so that no cell has to have been run before."""
    register = lab.load("processing-times")
    register = register[register["received_on"] < END]
    closed = register["received_on"] + pd.to_timedelta(register[DAYS], unit="D")
    return split(register.assign(closed_in=closed.dt.month))


def first_day(table):
    """The same files as they stood at the counter: no reminder sent, nothing closed, no days."""
    return table.assign(reminders_sent=0, closed_in=np.nan, **{DAYS: np.nan})


def r2(true, said):
    """1 is perfect, 0 is the mean for everybody."""
    true, said = np.asarray(true, float), np.asarray(said, float)
    return float(1 - ((true - said) ** 2).sum() / ((true - true.mean()) ** 2).sum())


@lru_cache(maxsize=64)
def fitted(columns):
    """A straight line over these columns, learnt from the known files."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    words = [name for name in columns if name in WORDS]
    numbers = [name for name in columns if name not in WORDS]
    each = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), words), (SimpleImputer(strategy="median"), numbers)
    )
    known, _ = halves()
    return make_pipeline(each, LinearRegression()).fit(known, known[DAYS])


@lru_cache(maxsize=64)
def two_figures(columns):
    """R² of these columns on paper and on the first day, with the days said on that day."""
    _, new = halves()
    model = fitted(columns)
    monday = model.predict(first_day(new))
    return r2(new[DAYS], model.predict(new)), r2(new[DAYS], monday), monday


HONEST = (*WORDS, *NUMBERS)
PATRICK = (*WORDS, *NUMBERS, "reminders_sent")


def on_paper():
    """What Patrick showed."""
    head = [lab.say("model"), lab.say("paper")]
    rows = [
        [lab.say("without_column"), f"{two_figures(HONEST)[0]:.2f}"],
        [lab.say("with_column"), f"{two_figures(PATRICK)[0]:.2f}"],
    ]
    return plots.table(head, rows)


def on_monday():
    """Both models on paper and at the counter, and a picture of what Patrick's says there."""
    _, new = halves()
    rows = []
    for key, columns in (("without_column", HONEST), ("with_column", PATRICK)):
        paper, counter, monday = two_figures(columns)
        none = lab.share(float((np.round(monday) <= 0).mean()))
        rows.append([lab.say(key), f"{paper:.2f}", f"{counter:.2f}", f"{monday.mean():.1f}", none])
    head = [lab.say(key) for key in ("model", "paper", "counter", "said_mean", "said_none")]
    said, _, monday = two_figures(PATRICK)
    true = float(new[DAYS].mean())
    alt = lab.say("monday_alt", said=f"{monday.mean():.1f}", true=f"{true:.1f}")
    with plots.figure(lab.say("monday_title"), alt, rows=2) as figure:
        edges = np.arange(-10, 61, 2)
        for axes, values, key, colour in zip(
            figure.axes, (new[DAYS], monday), ("took", "said"), (plots.CALM, plots.WARN)
        ):
            axes.hist(np.clip(values, -9, 59), edges, color=colour, edgecolor="white", linewidth=0.5)
            axes.set_title(lab.say(key), loc="left", fontsize=9)
            axes.set_ylabel(lab.say("files"))
        figure.axes[-1].set_xlabel(lab.say("days"))
    return plots.table(head, rows) + plots.text(lab.say("took_mean", true=f"{true:.1f}")) + figure


def reminders():
    """Files by reminders: how many, how long they took, and what the column said on their first day."""
    _, new = halves()
    groups = pd.cut(new["reminders_sent"], [-1, 0, 1, 2, 4, 99], labels=["0", "1", "2", "3–4", "5 +"])
    rows = [
        [name, len(part), f"{part[DAYS].mean():.0f}", 0] for name, part in new.groupby(groups, observed=True)
    ]
    return plots.table([lab.say(key) for key in ("sent", "files", "mean_days", "sent_first")], rows)


@check("t3")
def lines_keep_the_split(answers):
    return put_together(answers.lines)


# What clean_fee is tried with here; the judge draws others.
FEES = {
    "30000": 30000,
    "3OOOO": 30000,
    "l5OO": 1500,
    "lOOO": 1000,
    "6OOOO": 60000,
    "l000": 1000,
    "17500": 17500,
}
UNREADABLE = ("?", "", "see file")


def tried(function, texts):
    """What a function says to each text: a number, "nan", "text", "nothing", "other", or "stopped"."""
    said = []
    for text in texts:
        try:
            value = function(text)
        except Exception:
            said.append("stopped")
            continue
        if value is ...:
            said.append("blank")
        elif value is None:
            said.append("nothing")
        elif isinstance(value, str):
            said.append("text")
        elif isinstance(value, float | np.floating) and math.isnan(value):
            said.append("nan")
        else:
            found = number(value)
            said.append("other" if found is None else found)
    return said


@check("t4")
def fees_are_repaired(answers):
    if answers.clean_fee is None or answers.clean_fee is ...:
        return not_attempted()
    said = tried(answers.clean_fee, [*FEES, *UNREADABLE])
    problem = first_error(answers.clean_fee, FEES)
    return fees_verdict(said[: len(FEES)], list(FEES.values()), said[len(FEES) :], problem)


def first_error(function, texts):
    """The first error that a function raises on these texts, as Python words it; empty where there is none."""
    for text in texts:
        try:
            function(text)
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:120]
    return ""


def asked(model, table):
    """A model's numbers for a table, or the name of the error."""
    try:
        said = np.asarray(model.predict(table), float).ravel()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if len(said) != len(table):
        return "rows"
    return said if np.isfinite(said).all() else "gaps"


@check("t5")
def model_is_ready_for_monday(answers):
    model = answers.model
    if model is None or model is ...:
        return not_attempted()
    _, new = halves()
    monday = first_day(new).drop(columns="closed_in")
    said = asked(model, monday)
    if isinstance(said, str):
        return stopped(said)
    if not np.allclose(said, asked(model, monday.assign(reminders_sent=9))):
        return not_yet("leak-inside", column="reminders_sent")
    other = asked(model, monday.assign(**{DAYS: 50.0}))
    if isinstance(other, str) or not np.allclose(said, other):
        return not_yet("leak-inside", column=DAYS)
    strange = asked(model, monday.head(20).assign(kind="passport", lang="sw"))
    if isinstance(strange, str):
        return stopped(strange)
    if has_seen_the_exam(model, halves()[0], new, DAYS, lab.load("processing-times")):
        return not_yet("learnt-from-the-exam", r2=f"{r2(new[DAYS], said):.2f}")
    found = r2(new[DAYS], said)
    facts = {"r2": f"{found:.2f}"}
    return passed(**facts) if found >= AT_LEAST else not_yet("too-weak", **facts)


def ticked(answers):
    """The columns ticked in task j, in our order."""
    chosen = answers.columns if isinstance(answers.columns, list) else []
    return tuple(name for name in (*WORDS, *NUMBERS, *LATER) if name in chosen)


@check("j")
def decision_holds_together(answers):
    columns = ticked(answers)
    counter = two_figures(columns)[1] if columns else 0.0
    return decision(answers, columns, counter, 0.18)


@view("j")
def columns_now(answers):
    columns = ticked(answers)
    if not columns:
        return plots.text(lab.say("tick_some"))
    paper, counter, _ = two_figures(columns)
    alt = lab.say("toggle_alt", paper=f"{paper:.2f}", counter=f"{counter:.2f}")
    with plots.figure(lab.say("toggle_title"), alt, height=1.4) as figure:
        axes = figure.axes[0]
        names = [lab.say("counter"), lab.say("paper")]
        axes.barh(names, [counter, paper], color=[plots.WARN, plots.CALM], height=0.55)
        axes.axvline(0, color=plots.INK, linewidth=1)
        axes.set_xlim(-1, 1)
        axes.set_xlabel("R²")
    rows = [[lab.say("paper"), f"{paper:.2f}"], [lab.say("counter"), f"{counter:.2f}"]]
    return figure, plots.table([lab.say("ticked", n=len(columns)), "R²"], rows)


def column_of(function, table):
    """What `plant` gives for a table: numbers, one a row, or the name of what is wrong."""
    try:
        found = function(table.copy())
    except KeyError as error:
        return "old-leak" if "reminders_sent" in str(error) else "stopped"
    except Exception:
        return "stopped"
    if found is None or found is ...:
        return "nothing"
    try:
        values = np.asarray(found, float)
    except (TypeError, ValueError):
        return "no-numbers"
    return values if values.shape == (len(table),) else "no-column"


def through(honest, days, column, monday):
    """R² with a planted column on paper and on the first day: two lines, learnt from every second file."""
    honest, days = np.asarray(honest, float), np.asarray(days, float)
    learn = np.arange(len(days)) % 2 == 0
    middle = np.nanmean(column[learn]) if np.isfinite(column[learn]).any() else 0.0
    filled, monday = (np.where(np.isfinite(one), one, middle) for one in (column, monday))
    facts = np.column_stack([np.ones(len(days)), honest, filled])
    weights, *_ = np.linalg.lstsq(facts[learn], days[learn], rcond=None)
    there = np.column_stack([np.ones(len(days)), honest, monday])
    test = ~learn
    return r2(days[test], facts[test] @ weights), r2(days[test], there[test] @ weights)


def rank_alike(one, other):
    """How alike two columns order their rows: 1 is the same order."""
    one, other = pd.Series(np.asarray(one, float)).rank(), pd.Series(np.asarray(other, float)).rank()
    return abs(float(one.corr(other))) if one.nunique() > 1 else 0.0


PLANT_SAYS = {
    "nothing": "gives-nothing",
    "no-numbers": "not-one-number-a-row",
    "no-column": "not-one-number-a-row",
    "old-leak": "old-leak",
    "stopped": "plant-stops",
}


@check("b")
def leak_is_planted(answers):
    if answers.plant is None or answers.plant is ...:
        return not_attempted()
    _, new = halves()
    table = new.drop(columns=["reminders_sent", "closed_in"])
    column = column_of(answers.plant, table)
    if isinstance(column, str):
        if column == "nothing" and answers.plant(table.copy()) is ...:
            return not_attempted()
        return not_yet(PLANT_SAYS[column])
    monday = column_of(answers.plant, table.assign(**{DAYS: np.nan}))
    monday = np.full(len(table), np.nan) if isinstance(monday, str) else monday
    honest = fitted(HONEST).predict(new)
    paper, counter = through(honest, new[DAYS], column, monday)
    facts = {"paper": f"{paper:.2f}", "counter": f"{counter:.2f}", "honest": f"{r2(new[DAYS], honest):.2f}"}
    if paper > PLAIN or rank_alike(column, new[DAYS]) > 0.97:
        return not_yet("copy-of-the-answer", **facts)
    if paper < PLANTED:
        return not_yet("no-leak", **facts)
    if counter > paper - 0.25:
        return not_yet("works-at-the-counter", **facts)
    return passed(**facts)
