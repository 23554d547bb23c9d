"""Load a dataset by its name, from files on this machine.

This module, its `__init__` and the files that `build` writes are all a learner's image needs: it knows
neither the generators nor their seeds.
"""

import csv
import gzip
import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

INSTALLED = Path("/opt/isomo/data")
REGISTRY = "registry.json"


class DatasetError(Exception):
    """A dataset cannot be given: `key` names the sentence, `values` fill it, `str()` is the English one."""

    sentences: Mapping[str, str] = {
        "unknown-dataset": 'There is no dataset called "{name}".{guess} The datasets are: {known}.',
        "no-data": "The folder with the data ({folder}) was not found. "
        "Ask your trainer; on your own machine run: python -m labs.datasets ready",
        "damaged-data": 'The file of the dataset "{name}" is damaged. '
        "This is not your mistake: tell your trainer.",
    }

    def __init__(self, key: str, **values: str) -> None:
        self.key, self.values = key, values
        super().__init__(self.sentences[key].format(**values))


@dataclass(frozen=True)
class Folder:
    """A folder written by `python -m labs.datasets build`: data files, cards, and `registry.json`."""

    path: Path

    def registry(self) -> dict[str, Any]:
        """Return the facts of each dataset, by name: file, sha256, rows, columns, licence, defects, cards."""
        try:
            return json.loads((self.path / REGISTRY).read_text(encoding="utf-8"))["datasets"]  # type: ignore[no-any-return]
        except FileNotFoundError:
            raise DatasetError("no-data", folder=str(self.path)) from None

    def entry(self, name: str) -> dict[str, Any]:
        """Return the facts of one dataset."""
        known = self.registry()
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            guess = f' Did you mean "{near[0]}"?' if near else ""
            raise DatasetError("unknown-dataset", name=str(name), known=", ".join(sorted(known)), guess=guess)
        return known[name]  # type: ignore[no-any-return]

    def load(self, name: str) -> pd.DataFrame:
        """The dataset as a table, its columns typed as declared."""
        entry = self.entry(name)
        try:
            packed = (self.path / entry["file"]).read_bytes()
        except FileNotFoundError:
            raise DatasetError("no-data", folder=str(self.path)) from None
        if hashlib.sha256(packed).hexdigest() != entry["sha256"]:
            raise DatasetError("damaged-data", name=name)
        return parse_table(gzip.decompress(packed), {c["name"]: c["type"] for c in entry["columns"]})

    def card(self, name: str, language: str = "en") -> str:
        """The dataset's card, a page of Markdown, in `language` or else in English."""
        cards = self.entry(name)["cards"]
        return str((self.path / cards.get(language, cards["en"])).read_text(encoding="utf-8"))


def parse_table(text: bytes, columns: Mapping[str, str]) -> pd.DataFrame:
    """A CSV document as a table; `columns` gives each column's type: text, whole, number, yes-no or date."""
    as_read = {"whole": "Int64", "number": "float64", "yes-no": "bool"}
    table = pd.read_csv(
        io.BytesIO(text),
        dtype={name: as_read.get(kind, "object") for name, kind in columns.items() if kind != "date"},
        parse_dates=[name for name, kind in columns.items() if kind == "date"],
        keep_default_na=False,
        na_values={name: [""] for name in columns},
        quoting=csv.QUOTE_MINIMAL,
    )
    return plain_numbers(table)


def plain_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers without gaps as ordinary integers, with gaps as numbers: what scikit-learn takes."""
    for name in table.columns[table.dtypes == "Int64"]:
        table[name] = table[name].astype("float64" if table[name].isna().any() else "int64")
    return table


def data_folder() -> Folder:
    """Return the folder of the data: ISOMO_DATA, else the place in an image, else the checkout's `.isomo/data`."""
    if named := os.environ.get("ISOMO_DATA"):
        return Folder(Path(named))
    if INSTALLED.is_dir():
        return Folder(INSTALLED)
    return Folder(Path(__file__).resolve().parents[2] / ".isomo" / "data")


def load(name: str) -> pd.DataFrame:
    """The dataset called `name` as a pandas table.

    Raises DatasetError, whose sentence names the known datasets, when there is none of that name.
    """
    return data_folder().load(name)


def card(name: str, language: str = "en") -> str:
    """The data card of the dataset called `name`: how it was made, what is in it, what is wrong with it."""
    return data_folder().card(name, language)


def names() -> list[str]:
    """The names that `load` knows."""
    return sorted(data_folder().registry())
