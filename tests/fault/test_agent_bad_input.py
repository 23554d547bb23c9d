"""Bad input gets one clear sentence, in the learner's feedback and the trainer's list, and the batch goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graders.agent.agent_loop import Agent
from graders.agent.engine_launchers import engine_starter
from hub.store import Store, table_models
from hub.store.graded_results import Result
from tests.support.course_labs import EDITORS, saved_with
from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_stores import COURSE, LAB, LEARNERS, RIGHT, TRAINER, filled

NAME = f"{LAB}.ipynb"
GOOD: dict[str, Any] = json.loads(RIGHT)
SCRIPT = "<script>alert(1)</script>"


def changed(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The right answer, with one thing changed."""
    book = json.loads(RIGHT)
    change(book)
    return json.dumps(book).encode()


def with_scripts(book: dict[str, Any]) -> None:
    html = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": SCRIPT, "text/plain": SCRIPT},
    }
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [html]
    book["cells"].append({"cell_type": "markdown", "id": "s", "metadata": {}, "source": SCRIPT})


def without_metadata(book: dict[str, Any]) -> None:
    book.pop("metadata")
    book["cells"][0].pop("metadata")


def foreign_ids(book: dict[str, Any]) -> None:
    extra = json.loads(json.dumps(book["cells"][2]))
    extra["metadata"]["nbgrader"]["grade_id"] = "a task\nof another lab"
    book["cells"].append(extra)


def with_windows_line_ends(book: dict[str, Any]) -> None:
    for cell in book["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")


def of_minor(book: dict[str, Any], minor: int) -> None:
    """Format 4.5 asks for ids that are not there, an earlier one has some."""
    book["nbformat_minor"] = minor
    for number, cell in enumerate(book["cells"]):
        cell.pop("id", None)
        if number % 2 and minor < 5:
            cell["id"] = f"cell-{number}"


ONE_CELL = b'{"cell_type":"raw","metadata":{},"source":""}'
REFUSED = {
    "not-json": (b"my homework", "This file is not a notebook"),
    "empty": (b"", "This file is not a notebook"),
    "truncated": (RIGHT[: len(RIGHT) // 2], "This file is not a notebook"),
    "lists-without-end": (b"[" * 200_000, "This file is not a notebook"),
    "format-3": (changed(lambda book: book.update(nbformat=3)), "This notebook has format 3"),
    "format-5": (changed(lambda book: book.update(nbformat=5)), "This notebook has format 5"),
    "a-list": (b"[1, 2]", "This file is damaged"),
    "cells-are-no-cells": (changed(lambda book: book.update(cells=[1, None])), "This file is damaged"),
    "100-MB": (b" " * 100_000_000, "This notebook is over 20 MB"),
    "a-million-cells": (
        b'{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[' + b",".join([ONE_CELL] * 400_000) + b"]}",
        "This notebook has more than 5000 cells",
    ),
}
READ = {
    "outputs-with-scripts": changed(with_scripts),
    "another-kernel": changed(
        lambda book: book["metadata"].update(kernelspec={"name": "ir", "display_name": "R"})
    ),
    "no-metadata": changed(without_metadata),
    "foreign-grade-ids": changed(foreign_ids),
    "byte-order-mark": RIGHT.decode().encode("utf-8-sig"),
    "utf-16": RIGHT.decode().encode("utf-16"),
    "windows-line-ends": json.dumps(json.loads(changed(with_windows_line_ends)), indent=1)
    .replace("\n", "\r\n")
    .encode(),
    **{f"format-4.{minor}": changed(lambda book, minor=minor: of_minor(book, minor)) for minor in range(6)},
    **{editor: saved_with(editor, RIGHT) for editor in EDITORS},
}
ODD_FILES = {NAME: RIGHT, "a\nname": b"1", "../outside": b"2", "/etc/passwd": b"3", "x" * 600: b"4"}


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Store, dict[str, table_models.Attempt]]]:
    """Everything handed in past the campus' own checks, one after the other, and graded in one go."""
    store = filled(tmp_path_factory.mktemp("bad"), evaluate=True)
    bundles = {name: {NAME: content} for name, (content, _said) in REFUSED.items()}
    bundles |= {name: {NAME: content} for name, content in READ.items()}
    bundles |= {"odd-names": ODD_FILES, "no-notebook": {"notes.txt": b"sorry"}, "good": {NAME: RIGHT}}
    made = {
        name: store.attempts.submit(COURSE, LAB, LEARNERS[number % 2], files)[0]
        for number, (name, files) in enumerate(bundles.items())
    }
    agent = Agent(store.gradings, engine_starter(store.settings), "test", 2)
    agent.run(until=lambda: store.progress(COURSE, LAB).graded == len(made))
    yield store, made
    store.database.engine.dispose()


def result(graded: tuple[Store, dict[str, table_models.Attempt]], name: str) -> tuple[Result, str]:
    store, made = graded
    found = store.results.result_for(made[name].id)
    assert found is not None, store.results.troubles([made[name].id])
    page = store.results.feedback(made[name].id, returned_only=False)
    assert page is not None
    return found, page.decode()


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_says_so_to_its_learner_and_earns_nothing(graded, name: str) -> None:
    found, page = result(graded, name)
    said = found.grading.problem or ""
    assert said.startswith(REFUSED[name][1])
    assert said.endswith(".")
    assert said.replace("'", "&#39;") in page
    assert (found.score, found.outcomes) == (0.0, ["not-attempted"])


@pytest.mark.parametrize("name", [*READ, "odd-names", "good"])
def test_what_is_only_odd_is_graded_as_anything_else(graded, name: str) -> None:
    found, page = result(graded, name)
    assert (found.grading.problem, found.score) == (None, 2.0)
    assert SCRIPT not in page
    assert [each.grade_id for each in found.verdicts] == ["add_test"]


def test_work_without_its_notebook_says_so(graded) -> None:
    found, page = result(graded, "no-notebook")
    assert (found.grading.problem or "").startswith(f"{NAME} was not handed in.")
    assert "was not handed in" in page


def test_the_trainers_list_says_the_same(graded, tmp_path) -> None:
    """The newest attempts of both learners are shown; hand in two bad ones last."""
    store, _made = graded
    for number, name in enumerate(("truncated", "format-3")):
        store.attempts.submit(COURSE, LAB, LEARNERS[number], {NAME: REFUSED[name][0], "again": b""})
    agent = Agent(store.gradings, engine_starter(store.settings), "test", 1)
    agent.run(
        until=lambda: not store.gradings.is_waiting() and store.progress(COURSE, LAB).could_not_check == 0
    )
    campus = Campus(tmp_path, store)
    page = campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}/labs/{LAB}").text
    assert "This file is not a notebook" in page
    assert "This notebook has format 3" in page
