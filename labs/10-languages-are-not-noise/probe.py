"""Asks the learner's own model, in its process. Holds nothing secret."""

from labs.kit.checking import probe


@probe("t4")
def ask_model(names, inputs):
    """The trays that `model` names for the letters; None where there is no model, a sentence where it stops."""
    model = names.get("model")
    if model is None or model is ...:
        return None
    try:
        said = [str(one)[:40] for one in model.predict(inputs["text"])]
        return {"said": said, "own": share_on_own_letters(model)}
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:240]


def share_on_own_letters(model):
    """What the model gets right of the learner's own new letters; 0 where they are not here."""
    try:
        from labs.datasets.loader import load
    except ImportError:
        return 0.0
    new = load("letters").iloc[3000:]
    return float((model.predict(new["text"]) == new["category"].to_numpy()).mean())
