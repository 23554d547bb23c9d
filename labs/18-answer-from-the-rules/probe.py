"""Asks the learner's own search, in its process. Holds nothing secret."""

from sklearn.base import clone

from labs.kit.checking import probe
from shared import SETTINGS, settings_key


@probe("t4")
def ask_search(names, inputs):
    """The nearest rule to each question and how near it is; None where there is no vectorizer."""
    words, rules = names.get("words"), names.get("rules")
    if words is None or words is ... or isinstance(words, type) or not hasattr(words, "fit_transform"):
        return None
    wrong = settings_key(words)
    if wrong:
        return {"key": wrong, "given": str(getattr(words, SETTINGS[wrong]))[:40]}
    fresh = clone(words)  # What it has learnt elsewhere does not count.
    table = fresh.fit_transform(rules["text"])
    near = (fresh.transform(inputs["question"]) @ table.T).toarray()
    best = near.argmax(axis=1)
    return {"best": list(rules["rule"].to_numpy()[best]), "score": [float(one) for one in near.max(axis=1)]}
