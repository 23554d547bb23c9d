"""Approved datasets: known by name, each with its card; brought into a project like a file of the team's own."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

from labs.datasets.loader import DatasetError, data_folder
from labs.prototype_kit.application.bench_sentences import N_, PrototypeError, terminal_language


def approved_datasets() -> dict[str, dict[str, Any]]:
    """Return what is known of each approved dataset, by name; nothing if none is installed."""
    try:
        return data_folder().registry()
    except DatasetError:
        return {}


def bring_dataset(project: Path, name: str) -> Path:
    """Unpack an approved dataset and its card into the project's `data/`; return the CSV file. Raises PrototypeError."""
    known = approved_datasets()
    if name not in known:
        raise PrototypeError(
            N_("There is no file and no approved dataset {name}. The datasets are: {known}."),
            name=name,
            known=", ".join(sorted(known)) or "–",
        )
    packed = (data_folder().path / known[name]["file"]).read_bytes()
    if hashlib.sha256(packed).hexdigest() != known[name]["sha256"]:
        raise PrototypeError(
            N_("The file of the dataset {name} is damaged. Tell the administrator."), name=name
        )
    place = project / "data"
    place.mkdir(exist_ok=True)
    path = place / f"{name}.csv"
    path.write_bytes(gzip.decompress(packed))
    (place / f"{name}-card.md").write_text(data_folder().card(name, terminal_language()), "utf-8")
    return path


def describe_dataset(entry: dict[str, Any]) -> str:
    """Return a dataset's title with its size and licence, in the terminal's language."""
    title = entry["title"].get(terminal_language(), entry["title"]["en"])
    return f"{title} ({entry['rows']:,} × {len(entry['columns'])}, {entry['licence']})"
