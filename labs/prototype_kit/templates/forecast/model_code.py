"""The model of this prototype, and the simple rule that it must beat."""

from labs.prototype_kit.model_building import linear_model

PARAMETERS = {"strength": 1.0}


def build_model(contract):
    """Return an untrained model."""
    return linear_model(contract, "number", **PARAMETERS)


def simple_rule(rows):
    """Return last week's number: what most desks plan with."""
    return [float(row.get("last_week") or 0) for row in rows]
