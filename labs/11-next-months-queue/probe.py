"""Asks the learner's own functions, in their process. Holds nothing secret."""

import numpy as np
import pandas as pd

from labs.kit.checking import probe


@probe("t4")
def ask_forecast(names, inputs):
    """What `forecast` says to each question: four numbers, or a word for what happened."""
    function = names.get("forecast")
    if function is None or function is ...:
        return None
    if not callable(function):
        return ["no-function" for _ in inputs["asked"]]
    return [four_said(function, one) for one in inputs["asked"]]


def four_said(function, asked):
    mondays = pd.to_datetime(asked["first"]) + pd.to_timedelta(7 * np.arange(len(asked["closed"])), unit="D")
    table = pd.DataFrame(
        {"week_of": mondays, "district": "somewhere", "holiday": [bool(one) for one in asked["closed"]]}
    )
    many = len(asked["requests"])
    past = table.iloc[:many].assign(requests=asked["requests"])
    ahead = table.iloc[many:].assign(requests=np.nan)
    try:
        said = function(past, ahead)
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
    if values.shape != (len(ahead),):
        return "not-four-numbers"
    return (
        [round(float(one), 2) for one in values] if np.isfinite(values).all() else "needs-what-is-not-known"
    )


@probe("b")
def ask_change_week(names, inputs):
    """The Monday that `change_week` finds in each register, as text, or a word for what happened."""
    function = names.get("change_week")
    if function is None or function is ...:
        return None
    if not callable(function):
        return ["no-function" for _ in inputs["registers"]]
    return [monday_said(function, one) for one in inputs["registers"]]


def monday_said(function, register):
    mondays = pd.to_datetime(register["first"]) + pd.to_timedelta(
        7 * np.arange(len(register["closed"])), unit="D"
    )
    parts = [
        pd.DataFrame(
            {
                "week_of": mondays,
                "district": name,
                "requests": counts,
                "holiday": [bool(x) for x in register["closed"]],
            }
        )
        for name, counts in register["requests"].items()
    ]
    try:
        given = function(pd.concat(parts, ignore_index=True))
    except Exception:
        return "stops"
    if given is ...:
        return "blank"
    if given is None:
        return "gives-nothing"
    if not isinstance(given, pd.Timestamp | np.datetime64) or pd.isna(given):
        return "no-date"
    return pd.Timestamp(given).strftime("%Y-%m-%d")
