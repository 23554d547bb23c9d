"""Hostile submissions, each a folder: what it tries (`attack.toml`), its cells, and how its success is recognised.

`notebook.py` is a percent file. `# %% answer NAME` takes the place of a solution of the shared lab, `# %% before
NAME` and `# %% after NAME` add a cell, `# %% drop NAME` deletes one. Answers to `early` and `last` are right unless an
attack replaces them, all others are blank; so those two are what an honest learner's work in the same notebook must
still earn. With `lab = "mocked"` the lab's first given cell imports from `unittest.mock`, too. With `lab = "judged"`
the lab is a small one whose tasks a judge decides; there `v` and `q` are answered right. `build.py`, if there is one,
changes the finished notebook (`build(notebook)` returns a dict or bytes).
"""

from __future__ import annotations

import copy
import functools
import json
import re
import runpy
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.contract.work_contract import Graded

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "attack" / "notebooks"
HONEST = ("early", "last")
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
MARKS = {
    "hidden": "ibanga-4711",
    "environment": "isomo-environment-4712",
    "peer": "isomo-peer-4713",
    "label": "SECRETWORD",
}
_PLAIN = {"early_test": 1.0, "last_test": 1.0}
DUE = {"plain": _PLAIN, "mocked": _PLAIN, "judged": {"v": 2.0, "q": 1.0}}
"""What the honest part of each submission earns."""

MOCKS = "from unittest.mock import ANY, MagicMock, Mock, call, patch\n"

WAYS = ("mark", "broke", "leak", "connected", "trace", "lost", "victim", "page", "stuck")
Json = dict[str, Any]


@dataclass(frozen=True)
class Attack:
    """One hostile submission. `way` names how success is recognised (see `Seen`); `stock` why stock is not run.

    `control` names the protection of stock nbgrader without which it succeeds there (see `bench.attack_stock`);
    `unproven` says what stops it everywhere, if nobody has seen it succeed.
    """

    name: str
    tries: str
    kind: str
    way: str
    source: bytes
    notebook: bytes
    due: dict[str, float]
    keeps: tuple[str, ...]
    answers: bytes | None = None
    targets: tuple[str, ...] = ()
    leaks: str = ""
    stock: str = ""
    control: str = ""
    unproven: str = ""
    seconds: float = 40.0
    limits: dict[str, float] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Seen:
    """Result of one engine for one attack, for the ways in which it can have succeeded.

    mark: a target test earned marks and no flag · broke: the notebook reached what it must not, and printed BROKE ·
    leak: it printed LEAK and a secret in hexadecimal · connected: it spoke to a listener outside · trace: something
    of it is left · lost: honest tasks of the same notebook lost marks, or nothing could be said · victim: so did
    somebody else's notebook · page: the notebook handed back is broken or carries more than it may · stuck: a task can
    never be decided.
    """

    scores: dict[str, float | None]
    flags: dict[str, tuple[str, ...]]
    printed: str = ""
    connected: bool = False
    traces: tuple[str, ...] = ()
    victim: dict[str, float | None] | None = None
    page: str = ""
    problem: str = ""
    seconds: float = 0.0


def cells_of(text: str) -> list[tuple[str, list[str], str]]:
    """Return the cells of a percent file: kind, further words of its heading, source."""
    parts = re.split(r"^# %% (.*)\n?", text, flags=re.MULTILINE)[1:]
    found = []
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        kind, *words = heading.split()
        found.append((kind, words, body.strip("\n")))
    return found


def _cell(kind: str, words: list[str], source: str) -> Json:
    made: Json = {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    if kind in ("given", "answer", "test"):
        known = {"schema_version": 3, "grade_id": words[0], "grade": kind == "test", "solution": kind == "answer",
                 "locked": kind != "answer", "task": False}  # fmt: skip
        if kind == "test":
            known["points"] = float(words[1])
        made["metadata"]["nbgrader"] = known
    return made


def _book(cells: list[Json]) -> Json:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {"kernelspec": kernel}, "cells": cells}


def attacked_lab() -> Json:
    """Return the lab that every attack is handed in for, as its teacher wrote it."""
    return _book([_cell(*one) for one in cells_of((FOLDER / "lab.py").read_text("utf-8"))])


def attacked_source(first: str = "") -> bytes:
    """That lab as grader's notebook: solutions marked, hidden tests included; `first` begins its first cell."""
    book = attacked_lab()
    book["cells"][0]["source"] = first + book["cells"][0]["source"]
    for one in book["cells"]:
        if one["metadata"]["nbgrader"]["solution"]:
            one["source"] = f"### BEGIN SOLUTION\n{one['source']}\n### END SOLUTION"
    return json.dumps(book).encode()


def honest_notebook() -> Json:
    """Return an honest submission that solves everything."""
    book = attacked_lab()
    for one in book["cells"]:
        one["source"] = re.sub(
            r"### BEGIN HIDDEN.*?### END HIDDEN TESTS\n?", "", one["source"], flags=re.DOTALL
        )
    return book


def _half_right(first: str = "") -> Json:
    """Return an honest submission that solves two tasks and has not touched the others."""
    book = honest_notebook()
    book["cells"][0]["source"] = first + book["cells"][0]["source"]
    for one in book["cells"]:
        known = one["metadata"]["nbgrader"]
        if known["solution"] and known["grade_id"] not in HONEST:
            one["source"] = STUB
    return book


@functools.cache
def _judged() -> tuple[bytes, str]:
    """Return the judged lab: the grader's notebook, and one that answers `v` right."""
    from tests.support.small_lab import SmallLab

    with tempfile.TemporaryDirectory() as folder:
        work = SmallLab(Path(folder)).work(v="bar = 0.5")
    return work.source, work.notebook.decode()


def attack_notebook(book: Json, text: str) -> Json:
    """Return an honest notebook, changed as a percent file of an attack says."""
    cells = []
    changes = cells_of(text)
    for one in book["cells"]:
        name = one["metadata"].get("nbgrader", {}).get("grade_id", "")
        mine = [change for change in changes if change[1][:1] in ([name], [name.removesuffix("-answer")])]
        is_test = one["metadata"].get("nbgrader", {}).get("grade", False)
        cells += [_cell("cell", [], body) for kind, _, body in mine if kind == "before"]
        for kind, _, body in mine:
            if kind in ("answer", "test", "given") and is_test == (kind == "test"):
                one["source"] = body
        if not any(kind == "drop" for kind, _, _ in mine):
            cells.append(one)
        cells += [_cell("cell", [], body) for kind, _, body in mine if kind == "after"]
    return {**book, "cells": cells}


def load_attack(folder: Path) -> Attack:
    """Read one attack's folder."""
    known = tomllib.loads((folder / "attack.toml").read_text("utf-8"))
    lab = known.get("lab", "plain")
    first = MOCKS if lab == "mocked" else ""
    is_judged = lab == "judged"
    taught, honest = (
        (_judged()[0], json.loads(_judged()[1]))
        if is_judged
        else (attacked_source(first), _half_right(first))
    )
    book: Json | bytes = attack_notebook(honest, (folder / "notebook.py").read_text("utf-8"))
    if (folder / "build.py").exists():
        book = runpy.run_path(str(folder / "build.py"))["build"](copy.deepcopy(book))
    data = book if isinstance(book, bytes) else json.dumps(book).encode()
    files = {path.name: path.read_bytes() for path in sorted((folder / "files").glob("*"))}
    answers = folder / "answers.json"
    good = json.dumps({"schema": 1, "language": "en", "answers": {"q": {"choice": "a"}}}).encode()
    return Attack(
        name=folder.name, tries=known["tries"], kind=known["kind"], way=known["way"], notebook=data, files=files,
        source=taught, due=DUE[lab] | known.get("due", {}), keeps=tuple(known.get("keeps", DUE[lab])),
        answers=None if not is_judged else answers.read_bytes() if answers.exists() else good,
        targets=tuple(known.get("targets", ())), leaks=known.get("leaks", ""), stock=known.get("stock", ""),
        control=known.get("control", ""), unproven=known.get("unproven", ""),
        seconds=float(known.get("seconds", 40)), limits=known.get("limits", {}),
    )  # fmt: skip


def load_attacks(names: list[str] | None = None) -> list[Attack]:
    """Return all attacks, in order, or those whose name begins with one of `names`."""
    found = [load_attack(path.parent) for path in sorted(FOLDER.glob("*/attack.toml"))]
    return [one for one in found if not names or one.name.startswith(tuple(names))]


def printed_text(notebook: Json) -> str:
    """Return what its code cells wrote to standard output."""
    texts = []
    for cell in notebook.get("cells", []):
        for output in cell.get("outputs", []):
            if output.get("output_type") == "stream" and output.get("name") == "stdout":
                texts.append("".join(output["text"]))
    return "\n".join(texts)


def page_problem(data: bytes) -> str:
    """Return what is wrong with a notebook that an engine hands back, or nothing."""

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is no JSON")

    if len(data) > 60_000_000:
        return f"{len(data)} bytes"
    try:
        json.loads(data, parse_constant=refuse)
        import nbformat

        nbformat.validate(nbformat.reads(data.decode(), as_version=4))
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
    return ""


def seen_of(graded: Graded) -> Seen:
    """Return what our engine's result shows."""
    scores = {task.grade_id: task.score for task in graded.tasks}
    flags = {task.grade_id: task.flags for task in graded.tasks}
    page = "" if graded.problem else page_problem(graded.notebook)
    text = "" if graded.problem else printed_text(json.loads(graded.notebook))
    return Seen(scores, flags, text, page=page, problem=str(graded.problem or ""))


def _full(scores: dict[str, float | None] | None, due: dict[str, float], names: tuple[str, ...]) -> bool:
    return scores is not None and all(scores.get(name) == due[name] for name in names)


def attack_success(attack: Attack, seen: Seen) -> str:
    """Return how the attack succeeded, or an empty text."""
    if attack.way == "mark":
        won = [
            name
            for name in attack.targets or seen.scores
            if (seen.scores.get(name) or 0) > attack.due.get(name, 0) and not seen.flags.get(name)
        ]
        return f"unearned and unflagged: {', '.join(won)}" if won else ""
    if attack.way == "broke":
        found = re.search(r"^BROKE.*", seen.printed, re.MULTILINE)
        return found[0] if found else ""
    if attack.way == "leak":
        told = "".join(
            bytes.fromhex(one).decode("utf-8", "replace")
            for one in re.findall(r"LEAK ((?:[0-9a-f]{2})+)", seen.printed)
        )
        # Plain tests run next to the learner's code, so reading one counts unless the trainer is told.
        told_trainer = attack.leaks == "hidden" and any(seen.flags.values())
        return f"read {MARKS[attack.leaks]}" if MARKS[attack.leaks] in told and not told_trainer else ""
    if attack.way == "connected":
        return "spoke to a listener outside" if seen.connected else ""
    if attack.way == "trace":
        return ", ".join(seen.traces)
    if attack.way == "victim":
        plain = DUE["plain"]
        return "" if _full(seen.victim, plain, tuple(plain)) else f"another learner's notebook: {seen.victim}"
    if attack.way == "lost":
        slow = f"took {seen.seconds:.0f} s" if seen.seconds > attack.seconds else ""
        kept = _full(seen.scores, attack.due, attack.keeps)
        return slow or ("" if kept else f"honest tasks lost: {seen.problem or seen.scores}")
    if attack.way == "stuck":
        open_ = [name for name in attack.targets if seen.scores.get(name, 0) is None]
        return f"undecided for ever: {', '.join(open_)}" if open_ else ""
    return seen.page
