"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 01`.

Rows come from the dataset's own generator with another seed. Needs pandas, so it is not a part of building.
"""

import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.registry import datasets

COLUMNS = ("channel", "province", "urban_rural", "category")


def main():
    rows = build.table(datasets()["service-requests"], "grader", "who-is-in-the-data")
    columns = {name: rows[name].tolist() for name in COLUMNS}
    text = json.dumps(columns, separators=(",", ":"))
    Path(__file__).with_name("hidden.json").write_text(text + "\n", "utf-8")


main()
