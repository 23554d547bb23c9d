"""Makes `hidden.json`, what the judge knows and learners never have. Run `./isomo lab hidden FOLDER`."""

import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.registry import datasets


def main():
    rows = build.table(datasets()["service-requests"], "grader", "SLUG")
    columns = {"by_agent": [int(channel == "agent") for channel in rows["channel"]]}
    Path(__file__).with_name("hidden.json").write_text(json.dumps(columns, separators=(",", ":")) + "\n")


main()
