"""Makes `hidden.json` (what the judge knows) and `files/model.json` (what the office's model is for learners).

`./isomo lab hidden 09`. Needs pandas and scikit-learn, so it is not a part of building. The
judge's rows come from the dataset's own generator with another seed.
"""

import json
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from labs.datasets import build
from labs.datasets.loader import load
from labs.datasets.registry import datasets

HERE = Path(__file__).parent
GIVEN = ["payment_id", "paid_on", "given", "second", "family", "born", "district", "amount_rwf"]
STEPS = [round(0.50 + 0.01 * n, 2) for n in range(46)]
NEAR_ROWS, NEAREST = 150, 6


def written(payments):
    """What the office's model compares: names, date of birth and district, in small letters."""
    return payments[["given", "family", "born", "district"]].agg(" ".join, axis=1).str.lower()


def curve(payments, vectors):
    """At each bar: pairs proposed, those that are one person, and twins among the others."""
    likeness = cosine_similarity(vectors)
    person, same = (
        payments["person"].to_numpy(),
        payments[["family", "born", "district"]].agg("|".join, axis=1),
    )
    same = same.to_numpy()
    rows = [(a, b, likeness[a, b]) for a in range(len(person)) for b in range(a) if likeness[a, b] >= 0.5]
    true = sum(n * (n - 1) // 2 for n in payments["person"].value_counts())
    found = {"true": int(true), "steps": STEPS, "pairs": [], "right": [], "twins": []}
    for step in STEPS:
        kept = [(a, b) for a, b, alike in rows if alike >= step]
        found["pairs"].append(len(kept))
        found["right"].append(int(sum(person[a] == person[b] for a, b in kept)))
        found["twins"].append(int(sum(person[a] != person[b] and same[a] == same[b] for a, b in kept)))
    return found


def model(payments):
    """The office's model: weight by piece of text, and what each bar does."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4))
    vectors = vectorizer.fit_transform(written(payments))
    weights = {
        piece: round(float(weight), 3)
        for piece, weight in zip(vectorizer.get_feature_names_out(), vectorizer.idf_)
    }
    return weights, curve(payments, vectors)


def near(payments):
    """Neighbours of a few payments by their names alone, for the lines of task t3."""
    some = payments.head(NEAR_ROWS)
    names = (some["given"] + " " + some["family"]).str.lower()
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit_transform(names)
    distance, rows = NearestNeighbors(n_neighbors=NEAREST, metric="cosine").fit(vectors).kneighbors(vectors)
    return {"distance": distance.round(4).tolist(), "near": rows.tolist()}


def save(name, content):
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    (HERE / name).write_text(text + "\n", "utf-8")


def main():
    dataset = datasets()["same-citizen"]
    for part, name in (("learner", "files/model.json"), ("grader", "hidden.json")):
        given = (
            load("same-citizen") if part == "learner" else build.table(dataset, part, "same-citizen-twice")
        )
        payments = given.fillna({"given": "", "second": "", "family": "", "born": ""})
        payments["paid_on"] = payments["paid_on"].astype(str).str[:10]
        weights, bars = model(payments)
        content = {"weights": weights, "curve": bars}
        if part == "grader":
            content |= near(payments)
            content["payments"] = {column: payments[column].tolist() for column in GIVEN}
            content["person"] = payments["person"].tolist()
        save(name, content)


main()
