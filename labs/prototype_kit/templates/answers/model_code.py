"""The model of this prototype, and the simple rule that it must beat."""

import re
import tomllib
from collections import Counter
from pathlib import Path

from labs.prototype_kit.model_building import linear_model

PARAMETERS = {"strength": 30.0, "letters": True, "words": 6000}
LEAST_WORD = 4


def build_model(contract):
    """Return an untrained model."""
    return linear_model(contract, "choice", **PARAMETERS)


def simple_rule(rows):
    """Return the rule whose text shares most words with the question: a plain search."""
    texts = tomllib.loads((Path(__file__).parent / "prototype.toml").read_text("utf-8"))["labels"]
    rules = {name: _words(" ".join(text.values())) for name, text in texts.items()}
    return [
        max(rules, key=lambda name: sum((rules[name] & _words(row["question"])).values())) for row in rows
    ]


def _words(text):
    return Counter({word for word in re.findall(r"\w+", text.lower()) if len(word) >= LEAST_WORD})
