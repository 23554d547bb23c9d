"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 03`.

Needs pandas and scikit-learn, so it is not a part of building. Its rows come from the dataset's own generator with
another seed, and their scores from the model that the lab trains.
"""

import json
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression

from labs.datasets import build
from labs.datasets.loader import load
from labs.datasets.registry import datasets

ROWS = 4000
FACTS = [
    "service",
    "circumstance",
    "channel",
    "urban_rural",
    "prior_contacts",
    "days_waiting",
    "attachments_n",
]


def main():
    dataset = datasets()["urgent-cases"]
    known = load("urgent-cases").iloc[:4000]
    hidden = build.table(dataset, "grader", "where-to-set-the-bar").sample(ROWS, random_state=1)
    seen = pd.get_dummies(known[FACTS], dtype=float)
    model = LogisticRegression(max_iter=3000).fit(seen, known["urgent"])
    facts = pd.get_dummies(hidden[FACTS], dtype=float).reindex(columns=seen.columns, fill_value=0)
    columns = {name: hidden[name].tolist() for name in ("circumstance", "service", "urban_rural")}
    columns["score"] = [round(float(score), 4) for score in model.predict_proba(facts)[:, 1]]
    columns["urgent"] = [int(urgent) for urgent in hidden["urgent"]]
    columns["scores"] = columns.pop("score")
    text = json.dumps(columns, separators=(",", ":"))
    Path(__file__).with_name("hidden.json").write_text(text + "\n", "utf-8")


main()
