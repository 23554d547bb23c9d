"""A batch: a CSV or Excel file in; the same rows out with a decision or a reason, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.data_contract import plain_number
from labs.prototype_kit.application.sentences import N_, PrototypeError, say
from labs.prototype_kit.application.table_reading import clean_header, find_layout, read_rows
from labs.prototype_kit.application.versions import Version

CHUNK = 500
MOST_ROWS = 200_000
LARGEST = 100 * 1024 * 1024
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Ask = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


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
    result = BatchResult()
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
    read = 0
    waiting: tuple[Chunk, Future[list[dict[str, Any]]]] | None = None
    # While the model's process answers one chunk, the one before it is written.
    with ThreadPoolExecutor(1) as pool:
        while lines := list(itertools.islice(rows, CHUNK)):
            read += len(lines)
            if read > MOST_ROWS:
                raise PrototypeError(
                    N_("A batch has at most {most} rows. Cut the file in two."), most=MOST_ROWS
                )
            chunk = Chunk.prepare(header, lines, version)
            answers = pool.submit(ask, chunk.asked)
            if waiting:
                writer.writerows(_answered(*waiting, version, store, who, language, result))
            waiting = chunk, answers
        if waiting:
            writer.writerows(_answered(*waiting, version, store, who, language, result))
    return result


@dataclass(frozen=True)
class Chunk:
    """Some rows of a batch: as they came, which of them have too many cells, and what the model is asked."""

    rows: list[list[str]]
    too_wide: list[bool]
    asked: list[dict[str, Any]]

    @classmethod
    def prepare(cls, header: list[str], lines: list[list[str]], version: Version) -> Chunk:
        """Return the chunk of `lines`; short rows are filled up."""
        width = len(header)
        too_wide = [any(cell.strip() for cell in row[width:]) for row in lines]
        rows = [row[:width] + [""] * (width - len(row)) for row in lines]
        at = [(column.name, header.index(column.name)) for column in version.contract.features]
        asked = [
            {name: row[n] for name, n in at} for row, wide in zip(rows, too_wide, strict=True) if not wide
        ]
        return cls(rows, too_wide, asked)


def _answered(
    chunk: Chunk,
    asked: Future[list[dict[str, Any]]],
    version: Version,
    store: CaseStore,
    who: str,
    language: str,
    result: BatchResult,
) -> Iterator[list[str]]:
    answers = asked.result()
    good = [
        (row, answer["decision"])
        for row, answer in zip(chunk.asked, answers, strict=True)
        if "decision" in answer
    ]
    numbers = iter(store.add_cases(who, version.number, "batch", good))
    found = iter(answers)
    for row, wide in zip(chunk.rows, chunk.too_wide, strict=True):
        kept = list(map(harmless, row))
        if kept != row:
            result.formulas += sum(cell != was for cell, was in zip(kept, row, strict=True))
        answer = {} if wide else next(found)
        if "decision" in answer:
            yield [*kept, *_told(answer["decision"], version, language, result), "", str(next(numbers))]
            continue
        result.bad += 1
        if wide:
            problem = say(N_("The row has more cells than the first line has names."), language)
        else:
            problem = " ".join(say(text, language, **facts) for text, facts in answer["wrong"])
        yield [*kept, "", "", "", "", harmless(problem), ""]


def _told(decision: dict[str, Any], version: Version, language: str, result: BatchResult) -> list[str]:
    result.good += 1
    result.to_person += bool(decision["person"])
    return [
        harmless(version.settings.worded(decision["label"], language)),
        f"{decision['confidence']:.2f}",
        say(N_("yes"), language) if decision["person"] else "",
        harmless("; ".join(f"{'+' if sign > 0 else '−'} {name}" for name, sign in decision["reasons"])),
    ]
