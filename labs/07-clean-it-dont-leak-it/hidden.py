"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 07`.

Needs pandas and scikit-learn, so it is not a part of building. Its rows come from the dataset's own generator with
another seed, and what is said of them from models that learnt what learners have.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from labs.datasets import build
from labs.datasets.loader import load
from labs.datasets.registry import datasets

ROWS, FIRST = 2800, 1400
WORDS, NUMBERS = ["kind", "channel", "urban_rural", "lang"], ["missing_papers", "queue_length"]
KNOWN = [*WORDS, *NUMBERS, "reminders_sent", "closed_in"]
INTAKE = [
    "received_on",
    "channel",
    "lang",
    "province",
    "district",
    "urban_rural",
    "kind",
    *NUMBERS,
    "fee_rwf",
]
DAYS = "days_to_close"


def fit(columns, known):
    words, rest = [n for n in columns if n in WORDS], [n for n in columns if n not in WORDS]
    each = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), words), (SimpleImputer(strategy="median"), rest)
    )
    return make_pipeline(each, LinearRegression()).fit(known, known[DAYS])


def with_month(table):
    closed = table["received_on"] + pd.to_timedelta(table[DAYS], unit="D")
    return table.assign(closed_in=closed.dt.month)


def main():
    dataset = datasets()["processing-times"]
    known = with_month(load("processing-times"))
    known = known[known["received_on"] < "2025-05-01"]
    hidden = build.table(dataset, "grader", "clean-it-dont-leak-it")
    hidden = with_month(hidden[hidden["received_on"] < "2025-07-01"]).sample(ROWS, random_state=1)
    monday = hidden.assign(reminders_sent=0, closed_in=np.nan)
    ticked = {}
    for bits in itertools.product("01", repeat=len(KNOWN)):
        columns = [name for name, bit in zip(KNOWN, bits, strict=True) if bit == "1"]
        if columns:
            said = fit(columns, known).predict(monday)
            ticked["".join(bits)] = round(float(r2_score(hidden[DAYS], said)), 3)
    hidden["received_on"] = hidden["received_on"].dt.strftime("%Y-%m-%d")
    honest = fit([*WORDS, *NUMBERS], known).predict(hidden)
    files = {name: [None if pd.isna(one) else one for one in hidden[name].tolist()] for name in INTAKE}
    made = {
        "days": [int(one) for one in hidden[DAYS]],
        "files": files,
        "first": FIRST,
        "honest": [round(float(one), 2) for one in honest],
        "ticked": ticked,
    }
    text = json.dumps(made, separators=(",", ":"))
    Path(__file__).with_name("hidden.json").write_text(text + "\n", "utf-8")


main()
