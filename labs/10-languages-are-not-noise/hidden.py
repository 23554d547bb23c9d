"""Makes `hidden.json` (the judge's) and `files/mixes.json` (the learners'): `./isomo lab hidden 10`.

For every mix that the sliders allow, the model of the lab learns from so many of the learners' first 3,000 letters, and
what it gets right in each language is counted: on the learners' last 1,000 letters, and on 6,000 letters from another
seed (eight in a hundred are in French, and a judge needs hundreds of those). Ninety models take about two minutes; a
slider in the notebook then answers at once.
"""

import itertools
import json
from pathlib import Path

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from labs.datasets import seeds
from labs.datasets.loader import load
from labs.datasets.registry import datasets

KNOWN, HIDDEN = 3000, 6000
STEPS = {"rw": (0, 600, 1200, 1800), "en": (0, 250, 500, 750), "fr": (0, 120, 240), "mixed": (0, 100)}
LETTERS = {"rw": 400, "en": 600, "fr": HIDDEN, "mixed": 80}
"""How many of the hidden letters the judge keeps for models: all French ones, because there are few."""
HERE = Path(__file__).parent


def learnt(known, mix):
    """A model that learnt from the first so many letters of each language."""
    rows = pd.concat([known[known["lang"] == lang].head(n) for lang, n in zip(STEPS, mix, strict=True)])
    # The notebook's model, fitted by another way to the same end: within one letter of it, and ten times as fast.
    line = LogisticRegression(solver="saga", max_iter=1000, random_state=0)
    model = make_pipeline(TfidfVectorizer(), line)
    return model.fit(rows["text"], rows["category"])


def plain(known):
    """The model that learnt from all letters as they came: what a learner's model has to be better than in French."""
    line = LogisticRegression(solver="newton-cg", max_iter=200)
    return make_pipeline(TfidfVectorizer(), line).fit(known["text"], known["category"])


def shares(model, letters):
    """What is right in each language, and over all letters."""
    right = model.predict(letters["text"]) == letters["category"]
    return [round(float(right[letters["lang"] == lang].mean()), 4) for lang in STEPS] + [
        round(float(right.mean()), 4)
    ]


def main():
    dataset = datasets()["letters"]
    table = load("letters")
    known, new = table.iloc[:KNOWN], table.iloc[KNOWN:]
    hidden = dataset.generate(seeds.of(dataset.name, "grader", "languages-are-not-noise"), HIDDEN)
    own, other = {}, {}
    for mix in itertools.product(*STEPS.values()):
        if any(mix):
            model, name = learnt(known, mix), "-".join(map(str, mix))
            own[name], other[name] = shares(model, new), shares(model, hidden)
    columns = {"mixes": other}
    parts = [hidden[hidden["lang"] == lang].head(many) for lang, many in LETTERS.items()]
    kept = pd.concat(parts).sort_index()
    columns |= {name: kept[name].tolist() for name in ("text", "lang", "category")}
    right = plain(known).predict(kept["text"]) == kept["category"]
    columns["plain"] = [int(one) for one in right]
    write(HERE / "hidden.json", columns)
    write(HERE / "files" / "mixes.json", own)


def write(path, content):
    """As one line of JSON."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n", "utf-8")


main()
