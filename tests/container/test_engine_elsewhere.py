"""The sandbox holds wherever it runs: as an ordinary user, in the grader's container; where it cannot, it refuses."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import attack as side_by_side
from bench import bench_courses, hostile_notebooks
from bench.hostile_notebooks import Attack
from graders.contract.work_codec import message_from, work_to
from graders.contract.work_contract import Graded, Outcome, TaskResult, Work
from hub.isomo_settings import load_settings
from tests.support.small_notebooks import answer, book, cell, shown, test

KINDS = ("escape", "read secret")
NAMED = ("078-", "079-", "080-", "084-", "093-", "095-")


@pytest.fixture(scope="module")
def attacks() -> list[Attack]:
    return [
        one for one in hostile_notebooks.load_attacks() if one.kind in KINDS or one.name.startswith(NAMED)
    ]


def lines_for(attacks: list[Attack]) -> bytes:
    """What the engine's own command reads: the attacks, and an honest notebook after them."""
    works = [side_by_side.work_of(one) for one in attacks]
    lines = [work_to(one, name.name) for one, name in zip(works, attacks, strict=True)]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def graded(said: dict[str, Any]) -> Graded:
    found = said["graded"]
    tasks = tuple(
        TaskResult(
            one["grade_id"],
            Outcome(one["outcome"]),
            one["score"],
            one["max_score"],
            message_from(one["message"]),
            tuple(one["flags"]),
        )
        for one in found["tasks"]
    )
    return Graded(
        tasks, base64.b64decode(found["notebook"]), found["engine"], problem=message_from(found["problem"])
    )


def assert_none_succeeds(attacks: list[Attack], said: Iterator[dict[str, Any]]) -> None:
    first = next(said)
    assert first.get("ready"), first
    by_name = {one.name: one for one in attacks}
    for line in said:
        attack = by_name.pop(line["id"])
        assert "graded" in line, line
        assert not hostile_notebooks.attack_success(attack, hostile_notebooks.seen_of(graded(line))), (
            attack.name
        )
        if not by_name:
            return
    pytest.fail(f"no answer for {sorted(by_name)}")


def ordinary_user() -> list[str]:
    """Words before a command that make root an ordinary user, who may pass to this Python wherever it lies."""
    if os.geteuid() != 0:
        return []
    command = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev"]
    home = Path(sys.base_prefix).resolve()
    if home.is_relative_to("/root"):
        command += ["--perms", "0755", "--tmpfs", "/root"]
        for above in list(reversed(home.parents))[2:]:
            command += ["--perms", "0755", "--dir", str(above)]
        command += ["--ro-bind", str(home), str(home)]
    return [*command, "setpriv", "--reuid", "64997", "--regid", "64997", "--clear-groups"]


def test_as_an_ordinary_user_no_escape_succeeds(attacks: list[Attack]) -> None:
    command = [*ordinary_user(), sys.executable, "-m", "graders.engine"]
    done = subprocess.run(
        command,
        input=lines_for(attacks),
        env=bench_courses.nbgrader_environment(),
        cwd="/",
        capture_output=True,
        timeout=600,
        check=False,
    )
    answers = (json.loads(line) for line in done.stdout.splitlines())
    assert done.stdout, done.stderr[-2000:]
    assert_none_succeeds(attacks, answers)


def three_alike() -> bytes:
    """The same work three times; it prints when the lab's first cell ran."""
    given = cell("import time\nborn = time.monotonic_ns()", "beginning", locked=True)
    notebook = book(given, answer("a", "print(born)"), test("t", "assert born"))
    lines = [work_to(Work("c", "lab", "amina.k", notebook, notebook), number) for number in range(3)]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def assert_the_beginning_is_shared(said: Iterator[dict[str, Any]]) -> None:
    assert next(said).get("ready")
    found = [graded(next(said)) for _ in range(3)]
    assert [one.tasks[0].score for one in found] == [1, 1, 1]
    first, second, third = (shown(one)[1][0]["text"] for one in found)
    assert first != second == third


def test_as_an_ordinary_user_a_labs_first_cells_run_once_for_several() -> None:
    done = subprocess.run(
        [*ordinary_user(), sys.executable, "-m", "graders.engine"],
        input=three_alike(),
        env={**bench_courses.nbgrader_environment(), "ISOMO_GRADING_WORKERS": "1"},
        cwd="/",
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert_the_beginning_is_shared(json.loads(line) for line in done.stdout.splitlines())


@pytest.fixture(scope="module")
def grader(docker_client: Any) -> str:
    from hub.ops import image_builder, local_images

    settings = load_settings()
    wanted = local_images.image_names(settings)
    image_builder.ensure_images(docker_client, settings, wanted, ("grader",))
    return local_images.grader_image(settings)


@pytest.mark.engine
def test_in_the_graders_container_no_escape_succeeds(attacks: list[Attack], grader: str) -> None:
    from graders.agent import engine_launchers

    box = engine_launchers.Container(load_settings(), grader, 1, "attack")
    try:
        for line in lines_for(attacks).splitlines(keepends=True):
            box.send(line)
        assert_none_succeeds(attacks, (json.loads(line) for line in box.lines()))
    finally:
        box.close()


@pytest.mark.engine
def test_in_the_graders_container_a_labs_first_cells_run_once_for_several(grader: str) -> None:
    from graders.agent import engine_launchers

    box = engine_launchers.Container(load_settings(), grader, 1, "shared")
    try:
        for line in three_alike().splitlines(keepends=True):
            box.send(line)
        assert_the_beginning_is_shared(json.loads(line) for line in box.lines())
    finally:
        box.close()


@pytest.mark.engine
def test_where_the_kernel_forbids_namespaces_the_engine_says_so_and_grades_nothing(grader: str) -> None:
    harmless = (
        json.dumps(work_to(side_by_side.work_of(hostile_notebooks.load_attacks(["001-"])[0]), 1)).encode()
        + b"\n"
    )
    command = ["docker", "run", "--rm", "-i", "--network", "none", "--cap-drop", "ALL"]
    command += ["--security-opt", "no-new-privileges", grader, "python3", "-m", "graders.engine"]
    done = subprocess.run(command, input=harmless, capture_output=True, timeout=300, check=False)
    (only,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert only["refused"].startswith(
        "This machine does not allow the grading sandbox, so nothing was graded"
    )
