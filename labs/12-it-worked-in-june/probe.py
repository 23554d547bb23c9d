"""Asks a learner's alarm, correction and October. Runs beside the learner's code."""

import numpy as np
import pandas as pd

from labs.kit.checking import probe, unanswered


@probe("t4")
def ask_their_alarm(names, inputs):
    """Mondays on which the alarm sounds, for each history; None where nothing was written."""
    told = []
    for history in inputs:
        cases = pd.DataFrame({"week_of": pd.to_datetime(history["week_of"]), "score": history["score"]})
        try:
            found = names["alarms"](cases)
        except Exception:
            if unanswered(names.get("limit")):
                return None  # Nothing was written yet.
            raise
        told.append([str(one)[:10] for one in list(found)[:500]] if hasattr(found, "__iter__") else "?")
    return told


@probe("c")
def ask_their_correction(names, inputs):
    """Corrected chances; None where nothing was written."""
    function = names.get("recalibrate")
    if unanswered(function):
        return None
    chance = function(np.array(inputs["score"], float))
    if unanswered(chance):
        return None
    try:
        return [float(one) for one in np.asarray(chance, float).ravel()]
    except (TypeError, ValueError):
        return "?"


@probe("b")
def ask_their_october(names, inputs):
    """The columns of their October; None where nothing was written."""
    function = names.get("october")
    if unanswered(function):
        return None
    given = pd.DataFrame(inputs)
    for name in ("urgent", "circumstance_ticked"):
        given[name] = given[name].astype(bool)
    made = function(given)
    if unanswered(made):
        return None
    columns = ("score", "prior_contacts", "words_n", "circumstance_ticked", "urgent")
    try:
        return {name: [float(one) for one in list(made[name])[:6000]] for name in columns}
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return "?"
