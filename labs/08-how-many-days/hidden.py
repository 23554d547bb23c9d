"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 08`.

Needs pandas, so it is not a part of building. Its rows come from the dataset's own generator with other seeds.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from labs.datasets import build
from labs.datasets.loader import load
from labs.datasets.registry import datasets

INTAKE = ["received_on", "channel", "lang", "province", "district", "urban_rural", "kind", "missing_papers"]
INTAKE += ["queue_length", "fee_rwf"]
DAYS, FIRST = "days_to_close", pd.Timestamp("2025-01-06")


def sort_of(table):
    return table["kind"] + table["missing_papers"].clip(upper=2).fillna(9).astype(int).astype(str)


def main():
    dataset = datasets()["processing-times"]
    known = load("processing-times")
    known = known[known["received_on"] < "2025-05-01"]
    mine = build.table(dataset, "grader", "how-many-days")
    spring = mine[mine["received_on"] < "2025-07-01"].sample(1400, random_state=1)
    kept = {}
    for part in np.arange(0.5, 0.965, 0.01):
        each = known.assign(sort=sort_of(known)).groupby("sort")[DAYS].quantile(part)
        said = sort_of(spring).map(each).fillna(known[DAYS].quantile(part))
        kept[f"{part:.2f}"] = round(float((spring[DAYS] <= said).mean()), 3)
    spring = spring.assign(received_on=spring["received_on"].dt.strftime("%Y-%m-%d"))
    year = build.table(dataset, "grader", "how-many-days, a year")
    names = sorted(sort_of(year).unique())
    made = {
        "days": [int(one) for one in year[DAYS]],
        "files": {name: [None if pd.isna(one) else one for one in spring[name].tolist()] for name in INTAKE},
        "kept": kept,
        "sort": [names.index(one) for one in sort_of(year)],
        "took": [int(one) for one in spring[DAYS]],
        "week": [int(one) for one in (year["received_on"] - FIRST).dt.days // 7 + 1],
    }
    text = json.dumps(made, separators=(",", ":"))
    Path(__file__).with_name("hidden.json").write_text(text + "\n", "utf-8")


main()
