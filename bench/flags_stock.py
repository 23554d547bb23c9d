"""Grades honest submissions as stock nbgrader executes and marks them, in one process, as one line of JSON.

python -m bench.flags_stock NAME ...
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade, is_grade

from bench.bench_command import print_progress
from tests.compat.honest.honest_corpus import Honest, put_back, submissions

LOG = logging.getLogger("isomo-stock")
LOG.propagate = False
LOG.addHandler(logging.NullHandler())


def marks_of(one: Honest) -> dict[str, float | None]:
    """Execute one submission in a fresh kernel and folder, and return the marks of its tasks."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in one.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        book = nbformat.reads(put_back(one).decode(), as_version=4)
        book, _ = Execute().preprocess(book, {"metadata": {"path": folder}})
    return {
        cell.metadata.nbgrader.grade_id: determine_grade(cell, LOG)[0]
        for cell in book.cells
        if is_grade(cell)
    }


def hush_kernels() -> None:
    """Keep standard error for this process: kernels, which inherit it, write many lines there as they end."""
    sys.stderr = os.fdopen(os.dup(2), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def main() -> None:
    hush_kernels()
    chosen = set(sys.argv[1:])
    honest = [one for one in submissions() if one.name in chosen]
    found = {}
    for number, one in enumerate(honest, 1):
        found[one.name] = marks_of(one)
        told = "as recorded" if found[one.name] == one.earns else found[one.name]
        print_progress(f"stock {number}/{len(honest)} {one.name}: {told}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
