"""The model of this prototype, and the simple rule that it must beat."""

from labs.prototype_kit.model_building import linear_model

PARAMETERS = {"strength": 1.0, "rare": 5}


def build_model(contract):
    """Return an untrained model."""
    return linear_model(contract, "yes-no", **PARAMETERS)


def simple_rule(rows):
    """Return 1 for each case that the office's rule of thumb would read first, else 0."""
    return [
        float((row.get("days_waiting") or 0) > 14 or (row.get("prior_contacts") or 0) > 3) for row in rows
    ]
