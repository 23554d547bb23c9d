"""Write the datasets as files: the learner's part without hidden columns, or the grader's hidden part."""

import csv
import gzip
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd

from labs.datasets import dataset_cards, seeds
from labs.datasets.loader import REGISTRY
from labs.datasets.registry import LICENCE, Dataset

LANGUAGES = ("en", "fr")


def table(dataset: Dataset, part: str, seed: str = "") -> pd.DataFrame:
    """One part of a dataset, with the columns that this part shows, in the declared order."""
    made = dataset.generate(seeds.of(dataset.name, part, seed), dataset.rows[part])
    declared = [column.name for column in dataset.columns]
    if missing := set(declared) ^ set(made.columns):
        raise ValueError(f"{dataset.name}: declared and generated columns differ: {sorted(missing)}")
    return made[dataset.visible() if part == "learner" else declared]


def packed_table(rows: pd.DataFrame) -> bytes:
    """A table as gzipped CSV, the same bytes each time."""
    written: dict[str, Any] = {"float_format": "%.6g", "date_format": "%Y-%m-%d", "lineterminator": "\n"}
    text = rows.to_csv(index=False, quoting=csv.QUOTE_MINIMAL, **written)
    return gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file aside, then give it its name, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(content)
    aside.replace(path)


def build_one(dataset: Dataset, folder: Path, part: str, seed: str = "") -> dict[str, Any]:
    """Write one dataset's file and cards; the answer is its entry in the registry."""
    rows = table(dataset, part, seed)
    content = packed_table(rows)
    shown = [c for c in dataset.columns if c.name in rows.columns]
    entry: dict[str, Any] = {
        "title": dataset.facts["title"],
        "file": f"{dataset.name}.csv.gz",
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows": len(rows),
        "columns": [{"name": c.name, "type": c.type, "meaning": c.meaning} for c in shown],
        "licence": LICENCE,
        "defects": [defect["key"] for defect in dataset.facts.get("defects", [])],
        "cards": {language: f"cards/{dataset.name}.{language}.md" for language in LANGUAGES},
    }
    write_whole(folder / entry["file"], content)
    for language, name in entry["cards"].items():
        write_whole(folder / name, dataset_cards.card_page(dataset, rows, entry, language).encode("utf-8"))
    return entry


def build_datasets(datasets: dict[str, Dataset], folder: Path, part: str, seed: str = "") -> dict[str, Any]:
    """Write these datasets and the registry that the loader reads; entries already there are kept.

    `seed` makes another edition: content tests try each lab on several.
    """
    path = folder / REGISTRY
    known = json.loads(path.read_text(encoding="utf-8"))["datasets"] if path.exists() else {}
    for name, dataset in datasets.items():
        known[name] = build_one(dataset, folder, part, seed)
    document = {"part": part, "datasets": dict(sorted(known.items()))}
    write_whole(
        path, (json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8")
    )
    return document
