"""A batch: a CSV or Excel file in; the same rows out with a decision or a reason, safe to open in a spreadsheet.

All of it runs in the model's process, from file to file, so that no row crosses between processes on its way.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError, bench_sentence, reason_text
from labs.prototype_kit.application.column_checks import CheckedColumns, check_columns
from labs.prototype_kit.application.data_contract import Contract, plain_number
from labs.prototype_kit.application.decisions import DecidedColumns, decide_columns
from labs.prototype_kit.application.project_settings import Settings
from labs.prototype_kit.application.table_reading import clean_header, find_layout, read_rows

CHUNK = 4000
MOST_ROWS = 200_000
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
FORMULA = re.compile(r"[=+\-@\t\r]").match
ADDED = (
    N_("decision"),
    N_("confidence"),
    N_("a person decides"),
    N_("reasons"),
    N_("problem"),
    N_("case"),
)


@dataclass
class BatchResult:
    """Outcome of a batch."""

    good: int = 0
    bad: int = 0
    to_person: int = 0
    formulas: int = 0


@dataclass(frozen=True)
class Scoring:
    """A version as its process holds it."""

    model: Any
    facts: dict[str, Any]
    contract: Contract
    settings: Settings

    def check(self, columns: dict[str, Any], count: int) -> CheckedColumns:
        """Return which of `count` raw rows fit, with their values, and what is wrong with the others."""
        return check_columns(self.contract, columns, count)

    def decide(self, checked: CheckedColumns) -> DecidedColumns:
        """Return the decisions on all rows that fit."""
        return decide_columns(self.model, self.facts, self.contract, checked)


def without_formulas(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it as a formula; numbers stay numbers."""
    if not cell.startswith(STARTS_A_FORMULA):
        return cell
    try:
        float(plain_number(cell))
    except ValueError:
        return "'" + cell
    return cell


@dataclass(frozen=True)
class Chunk:
    """Some rows of a batch: as they came, which of them fit below the header, and their columns."""

    rows: list[list[str]]
    fitting: list[int]
    """Numbers of the rows that have no more cells than the header."""
    columns: list[tuple[str, ...]]
    """Columns of the fitting rows, as the header has them."""

    @classmethod
    def prepare(cls, width: int, lines: list[list[str]]) -> Chunk:
        """Return the chunk of `lines`; short rows are filled up."""
        wide = {
            n for n, row in enumerate(lines) if len(row) > width and any(cell.strip() for cell in row[width:])
        }
        rows = [row if len(row) == width else row[:width] + [""] * (width - len(row)) for row in lines]
        fitting = [n for n in range(len(rows)) if n not in wide] if wide else list(range(len(rows)))
        kept = [rows[n] for n in fitting] if wide else rows
        return cls(rows, fitting, list(zip(*kept, strict=True)) or [()] * width)


@dataclass(frozen=True)
class DecidedChunk:
    """The answered rows of a chunk, for whoever keeps them as cases."""

    inputs: dict[str, tuple[str, ...]]
    checked: CheckedColumns
    made: DecidedColumns

    def kept_inputs(self) -> dict[str, list[str]]:
        """Return what was entered in the rows that were answered."""
        good = self.checked.good
        return {name: [cells[n] for n in good] for name, cells in self.inputs.items()}


Answers = Generator[DecidedChunk, int, BatchResult]
"""Yields each decided chunk, and is sent the number of its first case."""


def answer_rows(source: Path, out: IO[str], scoring: Scoring, language: str) -> Answers:
    """Answer each row of `source` into `out`. Raises PrototypeError if no row could be answered at all."""
    rows = read_rows(source, find_layout(source))
    header = clean_header(next(rows, []))
    missing = scoring.contract.missing(header)
    if missing:
        raise PrototypeError(
            N_("The file has no column {names}. The first line must name the columns: {all}."),
            names=", ".join(missing),
            all=", ".join(column.name for column in scoring.contract.features),
        )
    wanted = [column.name for column in scoring.contract.counted if column.name in header]
    places = {name: header.index(name) for name in wanted}
    csv.writer(out).writerow(
        [*map(without_formulas, header), *(bench_sentence(text, language) for text in ADDED)]
    )
    answers, read = BatchWriter(out, scoring, language), 0
    while lines := list(itertools.islice(rows, CHUNK)):
        read += len(lines)
        if read > MOST_ROWS:
            raise PrototypeError(N_("A batch has at most {most} rows. Cut the file in two."), most=MOST_ROWS)
        chunk = Chunk.prepare(len(header), lines)
        inputs = {name: chunk.columns[place] for name, place in places.items()}
        checked = scoring.check(inputs, len(chunk.fitting))
        decided = DecidedChunk(inputs, checked, scoring.decide(checked))
        first = yield decided
        answers.write(chunk, decided, first)
    return answers.result


class BatchWriter:
    """Writes the answers to a batch; each different cell, reason and label is worded once."""

    def __init__(self, out: IO[str], scoring: Scoring, language: str) -> None:
        self.writer, self.scoring, self.language = csv.writer(out), scoring, language
        self.result = BatchResult()
        self.yes = bench_sentence(N_("yes"), language)
        self.too_wide = self._bad(
            bench_sentence(N_("The row has more cells than the first line has names."), language)
        )
        self.names = [reason_text(name, language) for name in scoring.facts["weight_names"]]

    def write(self, chunk: Chunk, decided: DecidedChunk, first: int) -> None:
        """Write the chunk's rows with their answers, in order; their cases are numbered from `first` on."""
        made, checked = decided.made, decided.checked
        answered = self._answered(made, first)
        self.result.good += len(made.labels)
        self.result.to_person += len(made.persons) - made.persons.count("")
        self.result.bad += len(chunk.rows) - len(made.labels)
        rows = self._disarmed(chunk)
        if len(made.labels) < len(chunk.rows):
            ends = dict.fromkeys(range(len(rows)), self.too_wide)
            ends |= {
                chunk.fitting[n]: self._bad(" ".join(each.worded(self.language) for each in faults))
                for n, faults in checked.wrong.items()
            }
            ends |= {chunk.fitting[n]: end for n, end in zip(checked.good, answered, strict=True)}
            answered = (ends[n] for n in range(len(rows)))
        self.writer.writerows([(*row, *end) for row, end in zip(rows, answered, strict=True)])

    def _answered(self, made: DecidedColumns, first: int) -> Iterable[tuple[str, ...]]:
        """Return the last cells of each answered row."""
        words = {label: self._label(label) for label in set(made.labels)}
        reasons = list(map(tuple, made.reasons))
        whys = {each: self._why(each) for each in set(reasons)}
        sure = {each: f"{each:.2f}" for each in set(made.confidences)}
        return zip(
            [words[label] for label in made.labels],
            [sure[each] for each in made.confidences],
            [self.yes if person else "" for person in made.persons],
            [whys[each] for each in reasons],
            itertools.repeat(""),
            map(str, range(first, first + len(made.labels))),
            strict=False,
        )

    def _bad(self, problem: str) -> tuple[str, ...]:
        return ("", "", "", "", without_formulas(problem), "")

    def _why(self, reasons: tuple[int, ...]) -> str:
        named = [f"{'+' if each > 0 else '−'} {self.names[abs(each) - 1]}" for each in reasons]
        return without_formulas("; ".join(named))

    def _label(self, label: str) -> str:
        return without_formulas(self.scoring.settings.worded(label, self.language))

    def _disarmed(self, chunk: Chunk) -> list[list[str]]:
        """Return the rows without formulas; only columns that hold a cell like one are looked through."""
        if len(chunk.fitting) == len(chunk.rows) and not any(
            any(map(FORMULA, set(cells))) for cells in chunk.columns
        ):
            return chunk.rows
        kept = [[without_formulas(cell) for cell in row] for row in chunk.rows]
        self.result.formulas += sum(
            cell != was
            for row, before in zip(kept, chunk.rows, strict=True)
            for cell, was in zip(row, before, strict=True)
        )
        return kept
