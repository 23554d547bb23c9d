"""same-citizen: which payments went to the same person, by letters shared in what was written."""

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

ALIKE, NEAREST = 0.72, 6


def written_identity(payments: pd.DataFrame) -> pd.Series:
    """Names in the order of the alphabet, birth date and district, as one text."""
    names = payments[["given", "family"]].fillna("").apply(lambda row: " ".join(sorted(row)).lower(), axis=1)
    return names + " " + payments["born"].fillna("").astype(str) + " " + payments["district"]


def alike_pairs(payments: pd.DataFrame, alike: float = ALIKE) -> set[tuple[int, int]]:
    """Pairs of rows that are at least this alike."""
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit_transform(
        written_identity(payments)
    )
    search = NearestNeighbors(n_neighbors=NEAREST, metric="cosine").fit(vectors)
    distance, near = search.kneighbors(vectors)
    return {
        (min(row, other), max(row, other))
        for row in range(len(payments))
        for far, other in zip(distance[row], near[row], strict=True)
        if other != row and far <= 1 - alike
    }


def true_pairs(payments: pd.DataFrame) -> set[tuple[int, int]]:
    """Pairs of rows that are one person."""
    rows = payments.reset_index(drop=True).groupby("person").indices.values()
    return {(int(a), int(b)) for group in rows for a in group for b in group if a < b}


def measure(_learner: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Figures of the lab: precision and recall of pairs, and what the identity number alone finds."""
    found, true = alike_pairs(hidden), true_pairs(hidden)
    same_number = true_pairs(hidden.assign(person=hidden["identity"]))
    return {
        "precision": len(found & true) / max(len(found), 1),
        "recall": len(found & true) / len(true),
        "recall by number alone": len(same_number & true) / len(true),
    }
