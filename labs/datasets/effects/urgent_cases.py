"""urgent-cases: logistic regression, and a bar to place."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

WORDS = ["channel", "service", "circumstance", "urban_rural"]
NUMBERS = ["prior_contacts", "days_waiting", "attachments_n"]


def case_features(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that a model may look at, with one column of yes or no for each word."""
    return pd.get_dummies(cases[WORDS], dtype=float).join(cases[NUMBERS].astype(float))


def urgent_scores(known: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    """The chance of being urgent of each of the `new` cases, by logistic regression on `known`."""
    seen = case_features(known)
    model = LogisticRegression(max_iter=3000).fit(seen, known["urgent"])
    return np.asarray(
        model.predict_proba(case_features(new).reindex(columns=seen.columns, fill_value=0))[:, 1]
    )


def measure(learner: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Figures of the lab: how well the model ranks, and what two bars catch."""
    score, urgent = urgent_scores(learner, hidden), hidden["urgent"].to_numpy(bool)
    return {
        "urgent share": float(urgent.mean()),
        "AUC": float(roc_auc_score(urgent, score)),
        "recall at .5": float((score[urgent] >= 0.5).mean()),
        "recall at .05": float((score[urgent] >= 0.05).mean()),
        "flagged at .05": float((score >= 0.05).mean()),
    }
