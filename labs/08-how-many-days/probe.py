"""Asks the learner's own model and function, in their process. Holds nothing secret."""

import numpy as np
import pandas as pd

from labs.kit.checking import probe, saw_the_exam_of


DAYS = "days_to_close"


@probe("t4")
def ask_promise(names, inputs):
    """What `promise` says to files as they come in, and again with columns that are filled in later."""
    model = names.get("promise")
    if model is None or model is ...:
        return None
    table = pd.DataFrame(inputs["files"]).assign(reminders_sent=0, **{DAYS: np.nan})
    table.insert(0, "case_id", [f"T26-{n:05d}" for n in range(1, len(table) + 1)])
    table["received_on"] = pd.to_datetime(table["received_on"])
    for name in ("missing_papers", "queue_length"):
        table[name] = table[name].astype(float)
    other = table.assign(reminders_sent=9, **{DAYS: 50.0})
    seen = saw_the_exam_of("processing-times", model, DAYS, "2025-05-01", "2025-07-01")
    return {"first_day": days_said(model, table), "later": days_said(model, other), "seen": seen}


def days_said(model, table):
    try:
        said = np.asarray(model.predict(table), float).ravel()
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:160]
    return (
        [round(float(one), 3) for one in said]
        if said.shape == (len(table),) and np.isfinite(said).all()
        else "?"
    )


@probe("t5")
def ask_may_learn(names, inputs):
    """The rows that `may_learn` gives on several days, by their number in the table."""
    function = names.get("may_learn")
    if function is None or function is ...:
        return None
    table = pd.DataFrame({"received_on": pd.to_datetime(inputs["received_on"]), DAYS: inputs["days"]})
    table["kind"] = "certificate"
    table["case_id"] = [f"T26-{n:05d}" for n in range(len(table))]
    return [rows_given(function, table, pd.Timestamp(day)) for day in inputs["todays"]]


def rows_given(function, table, today):
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
        return [int(str(one)[4:]) for one in given["case_id"]]
    return [int(one) for one in given.index]
