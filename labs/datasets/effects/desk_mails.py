"""desk-mails: what a sign alone, and two of four signs, find of the false mails."""

import pandas as pd

STRONG = ["impersonates", "reply_elsewhere", "link_elsewhere", "asks"]


def measure(_: pd.DataFrame, new: pd.DataFrame) -> dict[str, float]:
    """Shares on mails that nobody saw."""
    two = new[STRONG].sum(axis=1) >= 2
    return {
        "false mails": float(new["false"].mean()),
        "found by two of four signs": float(two[new["false"]].mean()),
        "honest mails stopped by two of four signs": float(two[~new["false"]].mean()),
        "found by mistakes in spelling": float(new["misspelt"][new["false"]].mean()),
        "honest mails that are urgent": float(new["urgent"][~new["false"]].mean()),
    }
