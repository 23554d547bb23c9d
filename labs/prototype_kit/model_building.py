"""Build the models that templates begin with: a weighted sum of features, whose reasons can be named."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.data_contract import Contract, feature_kinds, feature_names


def linear_model(
    contract: Contract,
    kind: str,
    *,
    strength: float = 1.0,
    words: int = 5000,
    rare: int = 5,
    letters: bool = False,
) -> Any:
    """Return an untrained pipeline for the contract's features.

    Args:
        contract: its features decide the first step.
        kind: "yes-no", "choice" or "number".
        strength: how far the weights may grow (the C of logistic regression, 1/alpha of ridge regression).
        words: most words or word pairs that are kept of each text column.
        rare: categories seen less often than this share one weight.
        letters: read a text as groups of 2 to 4 letters, for languages with long composed words.

    Example:
        >>> from labs.prototype_kit.application.data_contract import Column, Contract
        >>> contract = Contract((Column("days", "whole"), Column("urgent", "yes-no", "target")))
        >>> linear_model(contract, "yes-no").fit([[1.0], [9.0]], ["no", "yes"]).predict([[8.0]])
        array(['yes'], dtype=object)
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    kinds = feature_kinds(contract)
    if not kinds:
        raise PrototypeError(N_("No column has the role feature. Give it to some in contract.toml."))
    reading = {"analyzer": "char_wb", "ngram_range": (2, 4)} if letters else {"ngram_range": (1, 2)}
    parts: list[tuple[str, Any, Any]] = [
        (f"text{n}", TfidfVectorizer(sublinear_tf=True, min_df=2, max_features=words, **reading), n)
        for n, each in enumerate(kinds)
        if each == "text"
    ]
    categories = [n for n, each in enumerate(kinds) if each == "category"]
    numbers = [n for n, each in enumerate(kinds) if each == "number"]
    if categories:
        encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=rare)
        parts.append(("category", encoder, categories))
    if numbers:
        filled = SimpleImputer(strategy="median", keep_empty_features=True)
        parts.append(("number", Pipeline([("filled", filled), ("scaled", StandardScaler())]), numbers))
    last = (
        Ridge(alpha=1 / strength)
        if kind == "number"
        else LogisticRegression(C=strength, tol=1e-3, max_iter=500)
    )
    return Pipeline([("features", ColumnTransformer(parts)), ("weights", last)])


def weight_names(model: Any, contract: Contract) -> list[str]:
    """Return a name that people understand for each weight, such as `text: “nta mazi”` or `district = Gasabo`."""
    try:
        columns = model[:-1][-1].transformers_
    except (AttributeError, TypeError, IndexError):
        return []
    names, found = feature_names(contract), []
    for _label, part, which in columns:
        if hasattr(part, "vocabulary_"):
            words = sorted(part.vocabulary_, key=part.vocabulary_.get)
            found += [f"{names[which]}: “{word}”" for word in words]
        elif hasattr(part, "categories_"):
            plain = [names[n] for n in which]
            raw = part.get_feature_names_out([str(n) for n in range(len(plain))])
            found += [_category_name(each, plain) for each in raw]
        else:
            found += [names[n] for n in which]
    return found


def _category_name(raw: str, names: list[str]) -> str:
    number, _line, value = raw.partition("_")
    return f"{names[int(number)]} = {value.replace('infrequent_sklearn', '(rare)')}"


def scores_of(model: Any, kind: str, table: np.ndarray) -> np.ndarray:
    """Return chances of "yes", chances of each class, or values, by kind."""
    if kind == "yes-no":
        return np.asarray(model.predict_proba(table)[:, list(model.classes_).index("yes")])
    return np.asarray(model.predict_proba(table) if kind == "choice" else np.ravel(model.predict(table)))
