"""The model of labs about urgent files: what it may look at, and the scores that it gives to new files."""

from __future__ import annotations

import pandas as pd

FACTS = [
    "service",
    "circumstance",
    "channel",
    "urban_rural",
    "prior_contacts",
    "days_waiting",
    "attachments_n",
]
"""Columns of the dataset `urgent-cases` that an office knows when a file comes in."""


def facts(cases: pd.DataFrame) -> pd.DataFrame:
    """Return what the model may look at, every word as a yes or no of its own."""
    return pd.get_dummies(cases[FACTS], dtype=float)


def trained(known: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """Return the scores that a model gives to new files after it learnt from known ones."""
    from sklearn.linear_model import LogisticRegression

    seen = facts(known)
    model = LogisticRegression(max_iter=3000).fit(seen, known["urgent"])
    scores = model.predict_proba(facts(new).reindex(columns=seen.columns, fill_value=0))[:, 1]
    return pd.Series(scores, index=new.index)
