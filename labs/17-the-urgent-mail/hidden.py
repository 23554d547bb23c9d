"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 17`."""

import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.registry import datasets

SIGNS = (
    "outside",
    "impersonates",
    "reply_elsewhere",
    "link_elsewhere",
    "urgent",
    "asks",
    "misspelt",
    "attachment",
)


def main():
    table = build.table(datasets()["desk-mails"], "grader", "the-urgent-mail")
    columns = {name: table[name].astype(int).tolist() for name in (*SIGNS, "false")}
    Path(__file__).with_name("hidden.json").write_text(
        json.dumps(columns, separators=(",", ":")) + "\n", "utf-8"
    )


main()
