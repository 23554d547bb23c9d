"""A batch: a CSV or Excel file in; the same rows out with a decision or a reason, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from labs.prototype_kit.application.case_store import CaseStore, Encoded
from labs.prototype_kit.application.data_contract import plain_number
from labs.prototype_kit.application.scoring_client import ColumnAnswers
from labs.prototype_kit.application.sentences import N_, PrototypeError, say
from labs.prototype_kit.application.table_reading import clean_header, find_layout, read_rows
from labs.prototype_kit.application.versions import Version

CHUNK = 2000
MOST_ROWS = 200_000
LARGEST = 100 * 1024 * 1024
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
FORMULA = re.compile(r"[=+\-@\t\r]").match
NO_BOUNDS = (None, None)
Ask = Callable[[dict[str, list[str]], int], ColumnAnswers]
encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass
class BatchResult:
    """Outcome of a batch."""

    good: int = 0
    bad: int = 0
    to_person: int = 0
    formulas: int = 0


def harmless(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it as a formula; numbers stay numbers."""
    if not cell.startswith(STARTS_A_FORMULA):
        return cell
    try:
        float(plain_number(cell))
    except ValueError:
        return "'" + cell
    return cell


def answer_batch(
    source: Path, out: IO[str], version: Version, ask: Ask, store: CaseStore, who: str, language: str
) -> BatchResult:
    """Answer each row of `source` into `out`. Raises PrototypeError if no row could be answered at all."""
    rows = read_rows(source, find_layout(source))
    header = clean_header(next(rows, []))
    missing = version.contract.missing(header)
    if missing:
        raise PrototypeError(
            N_("The file has no column {names}. The first line must name the columns: {all}."),
            names=", ".join(missing),
            all=", ".join(column.name for column in version.contract.features),
        )
    writer = csv.writer(out)
    added = [
        N_("decision"),
        N_("confidence"),
        N_("a person decides"),
        N_("reasons"),
        N_("problem"),
        N_("case"),
    ]
    writer.writerow([*map(harmless, header), *(say(text, language) for text in added)])
    answers = BatchWriter(version, store, who, language)
    read = 0
    waiting: tuple[Chunk, Future[ColumnAnswers]] | None = None
    # While the model's process answers one chunk, the one before it is written.
    with ThreadPoolExecutor(1) as pool:
        while lines := list(itertools.islice(rows, CHUNK)):
            read += len(lines)
            if read > MOST_ROWS:
                raise PrototypeError(
                    N_("A batch has at most {most} rows. Cut the file in two."), most=MOST_ROWS
                )
            chunk = Chunk.prepare(header, lines, version)
            asked = pool.submit(ask, chunk.asked, len(chunk.fitting))
            if waiting:
                writer.writerows(answers.rows(waiting[0], waiting[1].result()))
            waiting = chunk, asked
        if waiting:
            writer.writerows(answers.rows(waiting[0], waiting[1].result()))
    return answers.result


@dataclass(frozen=True)
class Chunk:
    """Some rows of a batch: as they came, which of them fit below the header, and what the model is asked."""

    rows: list[list[str]]
    fitting: list[int]
    """Numbers of the rows that have no more cells than the header."""
    asked: dict[str, list[str]]

    @classmethod
    def prepare(cls, header: list[str], lines: list[list[str]], version: Version) -> Chunk:
        """Return the chunk of `lines`; short rows are filled up."""
        width = len(header)
        wide = {
            n for n, row in enumerate(lines) if len(row) > width and any(cell.strip() for cell in row[width:])
        }
        rows = [row if len(row) == width else row[:width] + [""] * (width - len(row)) for row in lines]
        fitting = [n for n in range(len(rows)) if n not in wide]
        cells = list(zip(*(rows[n] for n in fitting), strict=True)) or [()] * width
        asked = {column.name: list(cells[header.index(column.name)]) for column in version.contract.features}
        return cls(rows, fitting, asked)


class BatchWriter:
    """Turns the answers to a batch into its rows, and keeps its cases; each different cell is encoded once."""

    def __init__(self, version: Version, store: CaseStore, who: str, language: str) -> None:
        self.version, self.store, self.who, self.language = version, store, who, language
        self.result = BatchResult()
        self.yes = say(N_("yes"), language)
        self.too_wide = say(N_("The row has more cells than the first line has names."), language)
        names = version.facts["weight_names"]
        self.reason_text = {0: ""}
        self.reason_json = {0: ""}
        for n, name in enumerate(names, 1):
            for signed, mark in ((n, "+"), (-n, "−")):
                self.reason_text[signed] = f"{mark} {name}"
                self.reason_json[signed] = f"[{encode(name)}, {1 if signed > 0 else -1}]"

    def rows(self, chunk: Chunk, found: ColumnAnswers) -> list[list[str]]:
        """Return the chunk's rows with their answers, in order."""
        places = found.places
        numbers = self.store.add_encoded(
            self.who, self.version.number, "batch", list(self._cases(chunk, found))
        )
        words = {label: self._label(label) for label in set(found.labels)}
        reasons = {each: self._why(each) for each in set(map(tuple, found.reasons))}
        ends: dict[int, list[str]] = {}
        for asked, n in enumerate(chunk.fitting):
            if asked in places:
                place = places[asked]
                ends[n] = [
                    words[found.labels[place]],
                    f"{found.confidences[place]:.2f}",
                    self.yes if found.persons[place] else "",
                    reasons[tuple(found.reasons[place])],
                    "",
                    str(numbers[place]),
                ]
            else:
                ends[n] = self._bad(
                    " ".join(say(text, self.language, **facts) for text, facts in found.wrong[asked])
                )
        self.result.good += len(found.labels)
        self.result.to_person += sum(map(bool, found.persons))
        self.result.bad += len(chunk.rows) - len(found.labels)
        return [
            [*self._disarmed(row), *(ends.get(n) or self._bad(self.too_wide))]
            for n, row in enumerate(chunk.rows)
        ]

    def _bad(self, problem: str) -> list[str]:
        return ["", "", "", "", harmless(problem), ""]

    def _why(self, reasons: tuple[int, ...]) -> str:
        return harmless("; ".join([self.reason_text[each] for each in reasons]))

    def _label(self, label: str) -> str:
        return harmless(self.version.settings.worded(label, self.language))

    def _disarmed(self, row: list[str]) -> list[str]:
        if not any(map(FORMULA, row)):
            return row
        kept = [harmless(cell) for cell in row]
        self.result.formulas += sum(cell != was for cell, was in zip(kept, row, strict=True))
        return kept

    def _cases(self, chunk: Chunk, found: ColumnAnswers) -> Iterator[Encoded]:
        """Yield each answered row as the store keeps it: what `json.dumps` would write, put together from parts."""
        inputs = _objects(chunk.asked)
        labels = {label: encode(label) for label in set(found.labels)}
        persons = {person: encode(person) for person in set(found.persons)}
        bounds = found.bounds or itertools.repeat(NO_BOUNDS)
        answers = zip(found.labels, found.confidences, found.persons, found.reasons, bounds, strict=False)
        for asked, (label, sure, person, reasons, (low, high)) in zip(found.places, answers, strict=True):
            place = found.places[asked]
            why = ", ".join([self.reason_json[each] for each in reasons])
            unknown = encode(found.unknown[place]) if place in found.unknown else "[]"
            decision = (
                f'{{"label": {labels[label]}, "confidence": {sure!r}, "person": {persons[person]}, "reasons": [{why}], '
                f'"low": {"null" if low is None else encode(low)}, "high": {"null" if high is None else encode(high)}, '
                f'"unknown": {unknown}}}'
            )
            yield inputs[asked], decision, label, person


def _objects(columns: dict[str, list[str]]) -> list[str]:
    """Return each row of the columns as a JSON object; each different cell is encoded once."""
    encoded = []
    for name, cells in columns.items():
        known = {cell: f"{encode(name)}: {encode(cell)}" for cell in set(cells)}
        encoded.append([known[cell] for cell in cells])
    return ["{" + ", ".join(cells) + "}" for cells in zip(*encoded, strict=True)]
