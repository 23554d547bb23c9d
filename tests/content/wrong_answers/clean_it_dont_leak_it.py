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

# A second reader's answers, written from what learners see alone.


def still_text(text):
    return text.replace("O", "0").replace("l", "1")


def whole_numbers_only(text):
    return int(text.replace("O", "0").replace("l", "1"))


def by_a_list(text):
    return {"30000": 30000, "3OOOO": 30000, "l5OO": 1500}.get(text, float("nan"))


def zero_for_unknown(text):
    try:
        return int(repaired(text))
    except ValueError:
        return 0


def changed_in_place(text):
    text.replace("O", "0")
    text.replace("l", "1")
    return float(text)


def thousands_away(text):
    try:
        return float(repaired(text)) / 1000
    except ValueError:
        return float("nan")


def half_of_it(table):
    return table[DAYS] / 2


def late_or_not(table):
    return (table[DAYS] > 15).astype(int)


mutant("t3", "learnt-from-the-exam", lines=["split", "fill-new", "use", "learn", "score"])
mutant("t3", "learnt-from-the-exam", lines=["split", "fill-known", "use", "learn-new", "score"])
mutant("t3", "order-matters", lines=["fill-known", "split", "use", "learn", "score"])
mutant("t4", "stops-at-a-letter", clean_fee="30000")
mutant("t4", "still-text", clean_fee=still_text)
mutant("t4", "stops-at-the-unreadable", clean_fee=whole_numbers_only)
mutant("t4", "thrown-away", clean_fee=by_a_list)
mutant("t4", "unknown-became-a-number", clean_fee=zero_for_unknown)
mutant("t4", "stops-at-a-letter", clean_fee=changed_in_place)
mutant("t4", "digits-changed", clean_fee=thousands_away)
mutant("t5", "does-not-answer", model="LinearRegression()")
solution("t5", model=model(words=["kind", "case_id"]))  # its words are new at the counter, and ignored
mutant(
    "t5", "does-not-answer", model=LinearRegression().fit(known[["missing_papers"]].fillna(0), known[DAYS])
)
mutant("j", "incomplete", **GOOD | {"columns": []})
mutant("j", "says-one-does-another", **GOOD | {"columns": ["kind", "closed_in"]})
mutant("j", "throws-away-the-record", **GOOD | {"reminders": "delete"})
mutant("b", "copy-of-the-answer", plant=half_of_it)
mutant("b", "not-one-number-a-row", plant=lambda table: table)
mutant("b", "old-leak", plant=lambda table: table["reminders_sent"])
mutant("b", "not-one-number-a-row", plant=lambda table: 1)
solution("b", plant=late_or_not)
