"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 02`.

Two things: how well each setting of task t4 sorts letters that no learner has, and the word weights of the learners'
model, so that a letter which misled it for them misleads it for the judge. Needs pandas and scikit-learn, so it is not a part of building.
"""

import importlib.util
import json
from pathlib import Path

from sklearn.metrics import f1_score
from threadpoolctl import threadpool_limits

from labs.datasets import build
from labs.datasets.loader import load
from labs.datasets.registry import datasets

HERE = Path(__file__).parent
SIZES = (50, 200, 500, 1000, 1500, 2000, 2500, 2750, 3000)
SURE = tuple(range(0, 100, 5))


def learner_tools():
    """The lab's `checks.py`, for the models that learners train."""
    spec = importlib.util.spec_from_file_location("tools", HERE / "checks.py")
    tools = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tools)
    return tools


def settings(known, letters):
    """(share right, tray average) by kind and number of letters learnt from."""
    tools, found = learner_tools(), {}
    for kind in ("bayes", "logistic"):
        for size in SIZES:
            some = known[:size]
            model = tools.new_model(kind).fit(some["text"], some["category"])
            guess = model.predict(letters["text"])
            average = f1_score(letters["category"], guess, average="macro")
            found[f"{kind} {size}"] = [
                round(float((guess == letters["category"]).mean()), 3),
                round(average, 3),
            ]
    return found


def sureness(known, letters):
    """For each bar of sureness: share of letters that the model sorts alone, and share of these that are right."""
    model = learner_tools().new_model("logistic").fit(known["text"], known["category"])
    sure = model.predict_proba(letters["text"]).max(axis=1)
    right = model.predict(letters["text"]) == letters["category"].to_numpy()
    return {str(bar): [round(float((sure >= bar / 100).mean()), 3), round(float(right[sure >= bar / 100].mean()), 3)]
            for bar in SURE}  # fmt: skip


def weights(known):
    """The learners' model: its words with inverse document frequency and one weight for each tray."""
    model = learner_tools().new_model("logistic").fit(known["text"], known["category"])
    words, sorter = model[0].get_feature_names_out(), model[1]
    rows = [
        [round(float(idf), 2), *(round(float(weight), 2) for weight in column)]
        for idf, column in zip(model[0].idf_, sorter.coef_.T, strict=True)
    ]
    return {
        "trays": [str(name) for name in sorter.classes_],
        "start": [round(float(one), 3) for one in sorter.intercept_],
        "words": dict(zip(words, rows, strict=True)),
    }


def main():
    known = load("letters").iloc[:3000]
    letters = build.table(datasets()["letters"], "grader", "sort-the-letters")
    with threadpool_limits(1):  # Several threads on so small a task only wait for each other.
        hidden = {
            "settings": settings(known, letters),
            "sureness": sureness(known, letters),
            **weights(known),
        }
    text = json.dumps(hidden, separators=(",", ":"), ensure_ascii=False)
    (HERE / "hidden.json").write_text(text + "\n", "utf-8")


main()
