"""Asks the learner's own functions and model, in their process. Holds nothing secret."""

import math

import numpy as np
import pandas as pd

from labs.kit.checking import probe, saw_the_exam_of
from shared import DAYS


@probe("t4")
def ask_clean_fee(names, inputs):
    """What `clean_fee` says to each text, in words or as a number."""
    function = names.get("clean_fee")
    return [fee_said(function, text) for text in inputs["texts"]]


def fee_said(function, text):
    try:
        value = function(text)
    except Exception:
        return "stopped"
    if value is ...:
        return "blank"
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return "other"
    return "nan" if math.isnan(value) else float(value)


def files_of(inputs):
    """The files that were drawn, with columns as in the learner's own register."""
    table = pd.DataFrame(inputs["files"])
    table.insert(0, "case_id", [f"T26-{n:05d}" for n in range(1, len(table) + 1)])
    table["received_on"] = pd.to_datetime(table["received_on"])
    for name in ("missing_papers", "queue_length"):
        table[name] = table[name].astype(float)
    return table


@probe("t5")
def ask_model(names, inputs):
    """What `model` says to the same files as they come in, with another later column, and with a new word."""
    model = names.get("model")
    if model is None or model is ...:
        return None
    table = files_of(inputs).assign(reminders_sent=0, **{DAYS: np.nan})
    asked = {
        "monday": table,
        "reminded": table.assign(reminders_sent=9),
        "told": table.assign(**{DAYS: 50.0}),
        "strange": table.head(20).assign(kind="passport", lang="sw"),
    }
    return {name: model_said(model, one) for name, one in asked.items()} | {
        "seen": saw_the_exam_of("processing-times", model, DAYS, "2025-05-01", "2025-07-01")
    }


def model_said(model, table):
    try:
        said = np.asarray(model.predict(table), float).ravel()
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
    if len(said) != len(table):
        return "rows"
    return [round(float(one), 3) for one in said] if np.isfinite(said).all() else "gaps"


@probe("b")
def ask_plant(names, inputs):
    """The planted column for closed files, and for the same files on their first day."""
    function = names.get("plant")
    if function is None or function is ...:
        return None
    table = files_of(inputs)
    paper = column_said(function, table)
    return {"paper": paper, "monday": column_said(function, table.assign(**{DAYS: np.nan}))}


def column_said(function, table):
    try:
        found = function(table.copy())
    except KeyError as error:
        return "old-leak" if "reminders_sent" in str(error) else "stopped"
    except Exception:
        return "stopped"
    if found is ...:
        return "blank"
    if found is None:
        return "nothing"
    try:
        values = np.asarray(found, float)
    except (TypeError, ValueError):
        return "no-numbers"
    if values.shape != (len(table),):
        return "no-column"
    return [float(one) if math.isfinite(one) else None for one in values]
