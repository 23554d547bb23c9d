"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 05`.

Rows come from the dataset's own generator with another seed, scores from the model that learners train. Needs pandas
and scikit-learn, so it is not a part of building.
"""

import importlib.util
import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.loader import load
from labs.datasets.registry import datasets

HERE = Path(__file__).parent


def main():
    spec = importlib.util.spec_from_file_location("tools", HERE / "checks.py")
    tools = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tools)
    dataset = datasets()["urgent-recorded"]
    known = load("urgent-recorded").iloc[: tools.KNOWN]  # One of the two models that learners have.
    rows = build.table(dataset, "grader", "fair-to-rural-districts")
    columns = {
        "rural": [int(place == "rural") for place in rows["urban_rural"]],
        "empty": [int(box == "none noted") for box in rows["circumstance"]],
        "visits": [int(n) for n in rows["prior_contacts"]],
        "urgent": [int(one) for one in rows["urgent"]],
        "scores": [round(float(score), 4) for score in tools.scores(known, rows)],
    }
    text = json.dumps(columns, separators=(",", ":"))
    (HERE / "hidden.json").write_text(text + "\n", "utf-8")


main()
