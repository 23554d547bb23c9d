"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 06`.

Files and letters come from the datasets' own generators with another seed; scores and trays from the same models and
the same rule as in the lab, which learnt from what learners have.
"""

import json
import sys
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from checks import SIZES, tray  # noqa: E402

from labs.datasets import build  # noqa: E402
from labs.datasets.loader import load  # noqa: E402
from labs.datasets.registry import datasets  # noqa: E402
from labs.kit.urgent_files import trained  # noqa: E402

FILES, LETTERS = 3000, 1000


def main():
    cases, letters = datasets()["urgent-cases"], datasets()["letters"]
    known = load("urgent-cases")
    new = build.table(cases, "grader", "should-this-be-ai").sample(FILES, random_state=1)
    names = ("circumstance", "days_waiting", "sex", "age_band", "urban_rural")
    columns = {name: new[name].tolist() for name in names}
    columns["urgent"] = [int(urgent) for urgent in new["urgent"]]
    for learnt in (4000, *map(int, SIZES)):
        scores = trained(known.iloc[:learnt], new)
        columns[f"scores_{learnt}"] = [round(float(score), 4) for score in scores]
    old = load("letters")
    post = build.table(letters, "grader", "should-this-be-ai").head(LETTERS)
    columns["rule_right"] = [int(tray(t) == c) for t, c in zip(post["text"], post["category"], strict=True)]
    for learnt in map(int, SIZES):
        model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
        model.fit(old["text"].iloc[:learnt], old["category"].iloc[:learnt])
        columns[f"right_{learnt}"] = [int(one) for one in model.predict(post["text"]) == post["category"]]
    text = json.dumps(columns, separators=(",", ":"))
    (HERE / "hidden.json").write_text(text + "\n", "utf-8")


main()
