"""rule-questions: how often the right rule is found first, by words and by pieces of words."""

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from labs.datasets.generators import service_rules


def measure_rules(known: pd.DataFrame, _: pd.DataFrame) -> dict[str, float]:
    """Count the rules, and the languages of the rule that has the fewest."""
    return {
        "rules": known["rule"].nunique(),
        "languages of a rule": float(known.groupby("rule")["lang"].nunique().min()),
    }


def measure(_: pd.DataFrame, new: pd.DataFrame) -> dict[str, float]:
    """Shares on questions that nobody saw; the rules are those of any edition, only their figures differ."""
    written = service_rules.rule_paragraphs(np.random.default_rng(1), 288)
    has = (new["rule"].fillna("") != "").to_numpy()
    found = {"without a rule": float(1 - has.mean())}
    for name, words in (
        ("words", TfidfVectorizer()),
        ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5))),
    ):
        table = words.fit_transform(written["text"])
        near = (words.transform(new["text"]) @ table.T).toarray()
        right = written["rule"].to_numpy()[near.argmax(axis=1)] == new["rule"].to_numpy()
        found[f"first found by {name}"] = float(right[has].mean())
        answers = near.max(axis=1) >= 0.5
        found[f"right at .5 by {name}"] = float((right & answers)[has].mean())
        found[f"wrong at .5 by {name}"] = float((~right & answers).mean())
    return found
