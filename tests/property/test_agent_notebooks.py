"""Whatever is handed in, the trusted side reads it, makes a page of it, and goes on: thousands of mutated notebooks."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graders.agent import grading_jobs
from graders.contract.work_contract import EngineError, Graded, Outcome, TaskResult
from graders.engine import notebook_reading
from graders.engine.fork_engine import steps_of
from hub.store import GradingJob
from tests.support.small_stores import LAB, RIGHT, SOURCE

MAIN = f"{LAB}.ipynb"
TASK = TaskResult("add_test", Outcome.PASSED, 2.0, 2.0)
ODD: list[Any] = [
    *(None, True, -1, 1e308, 10**40, "", "\0", "\ud800", "<script>alert(1)</script>", "../../etc/passwd"),
    *([], {}, [None], {"a": {"b": []}}, "x" * 5000, "a\nb", ["line\n", 3], [[[]]], "### BEGIN HIDDEN TESTS"),
]
KEYS = (
    "nbformat",
    "cells",
    "metadata",
    "source",
    "cell_type",
    "outputs",
    "nbgrader",
    "grade_id",
    "id",
    "kernelspec",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
RICH = json.loads(RIGHT)
for _cell in RICH["cells"]:
    if _cell["cell_type"] == "code":
        _cell["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": "\x1b[31mred"},
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {"text/html": "<table><tr><td>1</td></tr></table>"},
            },
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {"image/png": "iVBORw0KGgo=", "text/plain": "p"},
            },
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
        ]


def job(notebook: bytes, **files: bytes) -> GradingJob:
    return GradingJob(
        attempt_id=1, run=1, receipt="R-1", course="c", lab=LAB, lab_version="1", learner="amina.k", number=1,
        source={MAIN: SOURCE}, submitted={MAIN: notebook, **files}, released=frozenset({MAIN}),
    )  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in plain data."""
    found = [path] if path else []
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in steps:
        found += places(inner, (*path, key))
    return found


def mutated(chance: random.Random) -> bytes:
    """A notebook with a few things in it changed, removed, doubled or turned round; or its bytes."""
    book = json.loads(json.dumps(RICH))
    for _ in range(chance.randint(1, 4)):
        where = chance.choice(places(book) or [("cells",)])
        holder = book
        for step in where[:-1]:
            holder = holder[step]
        how = chance.randrange(4)
        if how == 0:
            holder[where[-1]] = deepcopy(chance.choice(ODD))
        elif how == 1:
            del holder[where[-1]]
        elif how == 2 and isinstance(holder, list):
            holder.append(deepcopy(holder[where[-1]]))
        elif isinstance(holder, list):
            holder.reverse()
        else:
            holder[chance.choice(KEYS)] = deepcopy(holder[where[-1]])
    data = json.dumps(book).encode()
    if chance.random() < 0.2:
        cut = chance.randrange(len(data))
        return data[:cut] + chance.randbytes(chance.randrange(4)) + data[cut + chance.randrange(9) :]
    return data


class Page(HTMLParser):
    """What a reader reads, and what could run or fetch anything."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "form", "link", "base", "svg"):
            self.found.append(tag)
        self.found += [name for name, value in attrs if name.startswith("on")]
        self.found += [
            value or ""
            for name, value in attrs
            if name == "src" and not (value or "").startswith("data:image/")
        ]


def taken(notebook: bytes) -> None:
    """The trusted side's way of one submission, without the sandbox: nothing but an EngineError may come of it."""
    work = grading_jobs.work_of(job(notebook))
    try:
        source = notebook_reading.read_notebook(work.source)
        submission = notebook_reading.restore_cells(notebook_reading.read_notebook(work.notebook), source)
        steps_of(submission)
        graded = Graded((TASK,), json.dumps(submission.notebook).encode(), "fork-1")
    except notebook_reading.NotANotebookError as error:
        graded = Graded((TASK,), work.notebook, "fork-1", problem=error.message)
    except EngineError:
        return
    record = grading_jobs.record_of(job(notebook), work, graded)
    assert [task["grade_id"] for task in record.tasks] == ["add_test"]
    page = Page(record.feedback_html.decode())
    assert page.found == []
    assert "add(20" not in "".join(page.text), "a hidden test is shown"
    assert graded.problem is None or str(graded.problem).endswith(".")
    json.dumps(record.tasks, ensure_ascii=False).encode()


@given(st.integers(0, 2**32))
@example(794)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_notebooks_never_stop_the_trusted_side(seed: int) -> None:
    taken(mutated(random.Random(seed)))


@pytest.mark.full
@given(st.integers(0, 2**32))
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_ten_thousand_mutated_notebooks_never_stop_the_trusted_side(seed: int) -> None:
    taken(mutated(random.Random(seed)))


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_at_all_is_read_or_refused_in_a_sentence(value: Any) -> None:
    taken(json.dumps(value).encode())


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_at_all_are_refused_in_a_sentence(data: bytes) -> None:
    taken(data)


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_a_page_is_made_whatever_the_outputs_are(value: Any) -> None:
    """Also of what no engine of ours would send back."""
    book = json.loads(RIGHT)
    for cell in book["cells"]:
        cell["outputs"] = value
        cell["metadata"] = value
    data = json.dumps(book).encode()
    graded = Graded((TASK,), data, "fork-1")
    assert (
        Page(
            grading_jobs.record_of(job(data), grading_jobs.work_of(job(data)), graded).feedback_html.decode()
        ).found
        == []
    )


def test_lists_in_lists_without_end_are_refused_in_a_sentence() -> None:
    taken(b"[" * 100_000)
    taken(b'{"nbformat": 4, "metadata": ' + b'{"a":' * 100_000)


def test_a_million_cells_are_refused_in_a_sentence() -> None:
    cell = b'{"cell_type":"raw","source":""}'
    taken(
        b'{"nbformat":4,"metadata":{},"cells":['
        + b",".join([cell] * 1_000_000)[: 19_000_000 // 32 * 32]
        + cell
        + b"]}"
    )
