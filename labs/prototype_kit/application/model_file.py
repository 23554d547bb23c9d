"""A model's file: skops, whose types are checked before anything is made of it, and a JSON file of plain facts.

Nothing of what is loaded runs code: a type outside the list below ends the loading.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError

MODEL, FACTS = "model.skops", "model.json"
TRUSTED = frozenset({"numpy.dtype"})
"""Loaded beyond what skops itself trusts: a dtype is read out of an empty array, with pickle refused."""


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_model(model: Any, facts: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Write a model and its facts into `folder`; return the facts with the model's hash."""
    import sklearn
    import skops.io

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MODEL
    skops.io.dump(model, path)
    _refuse_untrusted(path)
    facts = {**facts, "model_sha256": file_hash(path), "sklearn": sklearn.__version__}
    (folder / FACTS).write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return facts


def read_facts(folder: Path) -> dict[str, Any]:
    """Return the facts of the model in `folder`. Raises PrototypeError if there is none."""
    try:
        found: dict[str, Any] = json.loads((folder / FACTS).read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        raise PrototypeError(
            N_("There is no trained model in {folder}. Train one first: isomo prototype evaluate."),
            folder=folder.name,
        ) from None
    return found


def load_model(folder: Path, expected_sha256: str = "") -> Any:
    """Load the model in `folder`, if it is the one that was stored and holds only trusted types."""
    import skops.io

    facts, path = read_facts(folder), folder / MODEL
    expected = expected_sha256 or facts["model_sha256"]
    if not path.is_file() or file_hash(path) != expected:
        raise PrototypeError(
            N_(
                "The model's file is not the one that was stored with this version: someone or something changed it. "
                "It was not loaded. Go back to an earlier version, or train again."
            )
        )
    _refuse_untrusted(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return skops.io.load(path, trusted=sorted(TRUSTED))


def _refuse_untrusted(path: Path) -> None:
    import skops.io

    try:
        foreign = set(skops.io.get_untrusted_types(file=path)) - TRUSTED
    except Exception as error:
        raise PrototypeError(
            N_("The model's file is damaged: {reason}. It was not loaded. Train again."), reason=error
        ) from None
    if foreign:
        raise PrototypeError(
            N_(
                "The model holds types that could run code when they are loaded: {types}. "
                "Build it from scikit-learn's own parts."
            ),
            types=", ".join(sorted(foreign)),
        )
