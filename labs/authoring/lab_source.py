"""Reads `lab.py`: cells that begin with `# %%`, each with its metadata as JSON on the same line."""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import re
from dataclasses import dataclass
from typing import Any

from labs.authoring.finding_report import Report, english_finding

MARK = re.compile(r"^# %%(?P<markdown> \[markdown\])?(?P<meta> *\{.*\})?\s*$")
SIDE = re.compile(r"^(?P<code>.*?) *# (?P<side>blank|solution)$")
KNOWN = {"task", "check", "points", "manual", "locked", "id"}


@dataclass(frozen=True)
class Cell:
    """One cell of the source. `line` is where its text begins."""

    markdown: bool
    meta: dict[str, Any]
    source: str
    line: int

    @property
    def task(self) -> str | None:
        """The task it belongs to."""
        return self.meta.get("task")

    @property
    def is_check(self) -> bool:
        """Return whether marks hang on this code cell."""
        return bool(self.meta.get("check"))

    @property
    def is_manual(self) -> bool:
        """Return whether the learner writes free text here that a person reads."""
        return bool(self.meta.get("manual"))

    @property
    def is_answer(self) -> bool:
        """Return whether the learner fills in code here."""
        return not self.markdown and any(SIDE.match(line) for line in self.source.splitlines())

    @property
    def id(self) -> str:
        """The same in every language and, while the cell is not rewritten, in every version."""
        if "id" in self.meta:
            return str(self.meta["id"])
        if self.is_check:
            return f"{self.task}-check"
        if self.is_answer or self.is_manual:
            return f"{self.task}-answer"
        digest = hashlib.sha256(self.source.encode()).hexdigest()[:8]
        return f"{'text' if self.markdown else 'code'}-{digest}"

    def blank(self) -> str:
        """Return the code as the learner gets it."""
        return self._side("blank")

    def solved(self) -> str:
        """Return the code with the author's solution."""
        return self._side("solution")

    def _side(self, wanted: str) -> str:
        kept = []
        for line in self.source.splitlines():
            found = SIDE.match(line)
            if found is None:
                kept.append(line)
            elif found["side"] == wanted:
                kept.append(found["code"])
        return "\n".join(kept).strip("\n")


def parse_lab(text: str, report: Report) -> list[Cell]:
    """Return the cells of `lab.py`; what comes before the first mark is the file's own docstring."""
    cells: list[Cell] = []
    lines = text.splitlines()
    marks = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    for begin, end in itertools.pairwise([*marks, len(lines)]):
        found = MARK.match(lines[begin])
        if found is None:
            report.add(
                "lab.py",
                begin + 1,
                english_finding('A cell begins with "# %%" or "# %% [markdown]", then JSON.'),
            )
            continue
        body = lines[begin + 1 : end]
        source = "\n".join(_text(body) if found["markdown"] else body).strip("\n")
        if source:
            cells.append(
                Cell(bool(found["markdown"]), _meta(found["meta"], begin + 1, report), source, begin + 2)
            )
    return cells


def _text(body: list[str]) -> list[str]:
    return [line.removeprefix("#").removeprefix(" ") for line in body]


def _meta(text: str | None, line: int, report: Report) -> dict[str, Any]:
    try:
        meta = json.loads(text or "{}")
    except ValueError:
        report.add(
            "lab.py",
            line,
            english_finding('What follows "# %%" has to be JSON, for example {{"task": "t4"}}.'),
        )
        return {}
    for key in set(meta) - KNOWN:
        report.add(
            "lab.py",
            line,
            english_finding(
                'There is no "{key}" here. Known are: {known}.', key=key, known=", ".join(sorted(KNOWN))
            ),
        )
    return dict(meta)


def checked_names(cell: Cell) -> list[str]:
    """Return names of the values that a check cell hands over: `lab.check("t4", bar=bar)` gives ["bar"]."""
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "check":
            return [word.arg for word in node.keywords if word.arg]
    return []
