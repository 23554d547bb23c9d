"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 18`."""

import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.registry import datasets


def main():
    asked = build.table(datasets()["rule-questions"], "grader", "answer-from-the-rules")
    rules = build.table(datasets()["service-rules"], "learner")
    columns = {"question": asked["text"].tolist(), "rule": asked["rule"].fillna("").tolist()}
    columns |= {"paragraph": rules["text"].tolist()}
    text = json.dumps(columns, separators=(",", ":"), ensure_ascii=False)
    Path(__file__).with_name("hidden.json").write_text(text + "\n", "utf-8")


main()
