"""service-requests: what is common, as a whole and as seen through one channel."""

import pandas as pd

from labs.datasets.generators.service_requests import SILENT, VISITED


def top_category(cases: pd.DataFrame) -> str:
    """The most common category."""
    return str(cases["category"].value_counts().idxmax())


def measure(learner: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Figures of the lab: the majority baseline, and how the ranking turns over in a sample."""
    online = hidden[hidden["channel"] == "self"]
    per_district = hidden["district"].value_counts()
    return {
        "majority baseline": float((hidden["category"] == top_category(learner)).mean()),
        "land first over all": float(top_category(hidden) == "land"),
        "land first online": float(top_category(online) == "land"),
        "outreach share": float((hidden["channel"] == "outreach").mean()),
        "visited against ordinary": float(per_district[list(VISITED)].mean() / per_district.median()),
        "silent against ordinary": float(per_district[list(SILENT)].mean() / per_district.median()),
    }


def measure_population(known: pd.DataFrame, _: pd.DataFrame) -> dict[str, float]:
    """Return how many districts and inhabitants the census table has."""
    return {"districts": float(len(known)), "inhabitants": float(known["inhabitants"].sum())}
