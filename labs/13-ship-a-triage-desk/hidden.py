"""Makes `hidden.json` (what the judge knows) and, for learners, `files/board.json` and `files/other-desk.json`.

`./isomo lab hidden 13`. Needs pandas and scikit-learn, so it is not a part of building. The
judge's letters come from the dataset's own generator with another seed, with the tray in which each truly belongs.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from labs.datasets import build
from labs.datasets.loader import load
from labs.datasets.registry import datasets

HERE = Path(__file__).parent
KNOWN, LETTERS, BOARD, APPEALS, WORDS, OTHER_LIMIT = 3000, 900, 2000, 80, 1500, 0.6


def models():
    """The models on the board."""
    return {
        "bayes": make_pipeline(TfidfVectorizer(), MultinomialNB()),
        "careful": make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000)),
        "bold": make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=300)),
    }


def board(known, new, truth):
    """What each model says of new letters: the place of its tray among `trays`, and how sure it is."""
    found = {"lang": new["lang"].tolist(), "models": {}}
    for name, model in models().items():
        model.fit(known["text"], known["category"])
        chance = model.predict_proba(new["text"])
        trays = model.classes_.tolist()
        found["models"][name] = {
            "tray": chance.argmax(axis=1).tolist(),
            "sure": [round(float(one), 3) for one in chance.max(axis=1)],
        }
    return found | {"trays": trays, "truth": [trays.index(one) for one in new[truth]]}


def other_desk(letters):
    """The neighbouring office's model: weights of its words in each tray, and the model itself."""
    model = make_pipeline(TfidfVectorizer(max_features=WORDS), LogisticRegression(C=10, max_iter=300))
    model.fit(letters["text"], letters["category"])
    vectorizer, line = model[0], model[1]
    weights = (line.coef_ * vectorizer.idf_).T
    return model, {
        "trays": model.classes_.tolist(),
        "intercept": [round(float(one), 3) for one in line.intercept_],
        "words": {
            word: [round(float(idf), 3), *(round(float(one), 2) for one in row)]
            for word, idf, row in zip(
                vectorizer.get_feature_names_out(), vectorizer.idf_, weights, strict=True
            )
        },
    }


def save(name, content):
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    (HERE / name).write_text(text + "\n", "utf-8")


def main():
    dataset = datasets()["letters"]
    letters = load("letters")
    hidden = build.table(dataset, "grader", "ship-a-triage-desk")
    known, last = letters.iloc[:KNOWN], letters.iloc[KNOWN:]
    save("files/board.json", board(known, last, "category"))
    model, weights = other_desk(letters)
    save("files/other-desk.json", weights)
    chance = model.predict_proba(hidden["text"])
    said = model.classes_[chance.argmax(axis=1)]
    right = (said == hidden["true_category"]) & (said == "appeal") & (chance.max(axis=1) >= OTHER_LIMIT)
    sample = hidden.sample(LETTERS, random_state=1)
    save(
        "hidden.json",
        {
            "text": sample["text"].tolist(),
            "tray": sample["true_category"].tolist(),
            "board": board(known, hidden.head(BOARD), "true_category"),
            "appeals": hidden.loc[np.asarray(right), "text"].head(APPEALS).tolist(),
            "other": weights,
        },
    )


main()
