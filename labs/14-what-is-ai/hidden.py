"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 14`."""

import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.registry import datasets


def main():
    table = build.table(datasets()["counter-visits"], "grader", "what-is-ai")
    columns = {name: table[name].tolist() for name in ("hour", "papers", "empty_boxes", "long")}
    Path(__file__).with_name("hidden.json").write_text(
        json.dumps(columns, separators=(",", ":")) + "\n", "utf-8"
    )


main()
