"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 03`.

Needs pandas and scikit-learn, so it is not a part of building. Its rows come from the dataset's own generator with
another seed, and their scores from the model that the lab trains.
"""

import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.loader import load
from labs.datasets.registry import datasets
from labs.kit.urgent_files import trained

ROWS = 4000


def main():
    dataset = datasets()["urgent-cases"]
    known = load("urgent-cases").iloc[:4000]
    hidden = build.table(dataset, "grader", "where-to-set-the-bar").sample(ROWS, random_state=1)
    columns = {name: hidden[name].tolist() for name in ("circumstance", "service", "urban_rural")}
    columns["score"] = [round(float(score), 4) for score in trained(known, hidden)]
    columns["urgent"] = [int(urgent) for urgent in hidden["urgent"]]
    columns["scores"] = columns.pop("score")
    text = json.dumps(columns, separators=(",", ":"))
    Path(__file__).with_name("hidden.json").write_text(text + "\n", "utf-8")


main()
