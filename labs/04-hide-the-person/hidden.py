"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 04`.

Five hundred letters of the dataset's own generator, from another seed, with what is personal in them.
"""

import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.registry import datasets


def main():
    table = build.table(datasets()["letters-private"], "grader", "hide-the-person").head(500)
    columns = {"text": table["text"].tolist(), "lang": table["lang"].tolist()}
    columns["marked"] = [json.loads(marks) for marks in table["marked"]]
    text = json.dumps(columns, separators=(",", ":"), ensure_ascii=False)
    Path(__file__).with_name("hidden.json").write_text(text + "\n", "utf-8")


main()
