"""urgent-recorded: a model taught by what was written down, judged by what was true."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

WORDS = ["service", "circumstance"]
NUMBERS = ["prior_contacts", "days_waiting"]
BAR = 0.10


def case_features(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the model may look at: neither place nor person."""
    return pd.get_dummies(cases[WORDS], dtype=float).join(cases[NUMBERS].astype(float))


def urgent_scores(known: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    """The chance of each new case being urgent, as the records of the known ones teach it."""
    seen = case_features(known)
    model = LogisticRegression(max_iter=3000).fit(seen, known["recorded_urgent"])
    return np.asarray(
        model.predict_proba(case_features(new).reindex(columns=seen.columns, fill_value=0))[:, 1]
    )


def missed_share(cases: pd.DataFrame, flagged: np.ndarray, place: str) -> float:
    """The share of truly urgent cases of a place that are not flagged."""
    here = (cases["urban_rural"] == place).to_numpy() & cases["urgent"].to_numpy(bool)
    return float(1 - flagged[here].mean())


def measure(learner: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Figures of the lab: whom the model misses, at a bar that both groups share."""
    flagged = urgent_scores(learner, hidden) >= BAR
    by_place = pd.Series(flagged).groupby(hidden["urban_rural"].to_numpy()).mean()
    return {
        "urgent share": float(hidden["urgent"].mean()),
        "missed, rural": missed_share(hidden, flagged, "rural"),
        "missed, urban": missed_share(hidden, flagged, "urban"),
        "flagged, rural": float(by_place["rural"]),
        "flagged, urban": float(by_place["urban"]),
    }
