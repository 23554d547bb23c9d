"""processing-times: how well days can be foretold, what a leak seems to add, and what July does."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from labs.datasets.generators.processing_times import NEW_SYSTEM

WORDS = ["kind", "channel", "urban_rural", "lang"]
NUMBERS = ["missing_papers", "queue_length"]


def linear_model(numbers: list[str]) -> Pipeline:
    """Words as yes or no, gaps filled with the median, a straight line."""
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), WORDS), (SimpleImputer(strategy="median"), numbers)
    )
    return make_pipeline(columns, LinearRegression())


def boosted_trees() -> Pipeline:
    """Small trees one after another, for the absolute error."""
    columns = make_column_transformer(
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), WORDS),
        ("passthrough", NUMBERS),
    )
    return make_pipeline(
        columns, HistGradientBoostingRegressor(loss="absolute_error", max_iter=80, random_state=0)
    )


def measure(learner: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Figures of the labs: R² without and with the leak, and mean absolute errors before and after July."""
    before = learner[learner["received_on"] < NEW_SYSTEM]
    now = hidden[hidden["received_on"] < NEW_SYSTEM]
    later = hidden[hidden["received_on"] >= NEW_SYSTEM]
    days = "days_to_close"
    honest = linear_model(NUMBERS).fit(before, before[days])
    leaky_numbers = [*NUMBERS, "reminders_sent"]
    leaky = linear_model(leaky_numbers).fit(before, before[days])
    trees = boosted_trees().fit(before, before[days])
    middle = np.full(len(now), before[days].median())
    return {
        "R² at intake": float(r2_score(now[days], honest.predict(now))),
        "R² with the leak": float(r2_score(now[days], leaky.predict(now))),
        "MAE of the median": float(mean_absolute_error(now[days], middle)),
        "MAE of boosting": float(mean_absolute_error(now[days], trees.predict(now))),
        "MAE after July": float(mean_absolute_error(later[days], trees.predict(later))),
    }
