"""Wrong answers to "Clean it, don't leak it", written by somebody other than the lab's author."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from labs.datasets.loader import load

DAYS = "days_to_close"
register = load("processing-times")
known = register[register["received_on"] < "2025-05-01"]


def repaired(text):
    return text.replace("O", "0").replace("l", "1")


def none_for_unknown(text):
    try:
        return float(repaired(text))
    except ValueError:
        return None


def minus_one_for_unknown(text):
    try:
        return float(repaired(text))
    except ValueError:
        return -1


def printed(text):
    print(repaired(text))


def small_letters(text):
    return float(text.replace("o", "0").replace("L", "1"))


def turned_round(text):
    try:
        return float(text.replace("O", "1").replace("l", "0"))
    except ValueError:
        return float("nan")


def as_a_column(text):
    return text.str.replace("O", "0")


def no_text():
    return 1500.0


def by_pandas(text):
    return pd.to_numeric(text, errors="coerce")


def model(words=("kind",), last=None):
    made = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), list(words)),
            (SimpleImputer(), ["missing_papers", "queue_length"]),
        ),
        last or LinearRegression(),
    )
    return made.fit(known, known[DAYS])


GOOD = {
    "columns": ["kind", "missing_papers", "queue_length"],
    "figure": "monday",
    "reminders": "separate",
    "decides": "person",
    "because": "people",
}

mutant("t3", "order-matters", lines=["split", "use", "fill-known", "learn", "score"])
mutant("t3", "filled-from-everything", lines=["split", "fill-all", "use", "learn", "score-known"])
mutant("t4", "unknown-became-a-number", clean_fee=none_for_unknown)
mutant("t4", "unknown-became-a-number", clean_fee=minus_one_for_unknown)
mutant("t4", "gives-nothing-back", clean_fee=printed)
mutant("t4", "stops-at-a-letter", clean_fee=small_letters)
mutant("t4", "digits-changed", clean_fee=turned_round)
mutant("t4", "stops-at-a-letter", clean_fee=as_a_column)
mutant("t4", "stops-at-a-letter", clean_fee=no_text)
mutant("t4", "thrown-away", clean_fee=by_pandas)
mutant("t5", "too-weak", model=model(last=DummyRegressor()))
mutant("t5", "does-not-answer", model=LinearRegression)  # the class, not a model
mutant("t5", "leak-inside", model=model(words=["kind", "reminders_sent"]))
mutant("t5", "too-weak", model=model(words=["lang"]))
mutant("j", "says-one-does-another", **GOOD | {"columns": ["reminders_sent", "closed_in"]})
mutant("j", "marked-its-own-homework", **GOOD | {"figure": "known", "reminders": "delete"})
mutant("b", "copy-of-the-answer", plant=lambda table: 100 - table[DAYS])
mutant("b", "not-one-number-a-row", plant=lambda table: table[[DAYS]])
mutant("b", "no-leak", plant=lambda table: np.random.default_rng(0).normal(size=len(table)))
mutant("b", "no-leak", plant=lambda table: table["missing_papers"].fillna(0))
mutant("b", "plant-stops", plant=lambda table: table[DAYS] > "20")
