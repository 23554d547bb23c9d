"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 11`.

Needs pandas, so it is not a part of building. Its weeks come from the dataset's own generator with another seed.
"""

import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.registry import datasets


def main():
    weeks = build.table(datasets()["weekly-counts"], "grader", "next-months-queue")
    parts = {name: part.sort_values("week_of") for name, part in weeks.groupby("district")}
    one = next(iter(parts.values()))
    made = {
        "closed": [int(shut) for shut in one["holiday"]],
        "counts": {name: [int(count) for count in part["requests"]] for name, part in parts.items()},
        "first": one["week_of"].iloc[0].strftime("%Y-%m-%d"),
    }
    text = json.dumps(made, separators=(",", ":"))
    Path(__file__).with_name("hidden.json").write_text(text + "\n", "utf-8")


main()
