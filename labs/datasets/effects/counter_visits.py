"""counter-visits: what one question about a visitor can say."""

import pandas as pd


def best_limit(visits: pd.DataFrame, column: str) -> int:
    """The limit at which "long from this limit on" is right most often."""
    return max(range(11), key=lambda limit: float(((visits[column] >= limit) == visits["long"]).mean()))


def measure(known: pd.DataFrame, new: pd.DataFrame) -> dict[str, float]:
    """Return how often one question is right on unseen visits, with its best limit on the known ones."""
    found = {"long visits": float(new["long"].mean())}
    for column in ("empty_boxes", "papers", "hour"):
        limit = best_limit(known, column)
        found[f"right by {column}"] = float(((new[column] >= limit) == new["long"]).mean())
    return found
