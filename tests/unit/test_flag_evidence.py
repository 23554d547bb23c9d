"""When something that was noticed becomes a flag: if the mark changes without it, or nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.contract.shown_messages import error_output
from graders.contract.work_contract import Flag
from graders.engine import flag_evidence
from graders.engine.notebook_steps import Kind, Result, Step

STEPS = [Step("0", "import ctypes\nx = 1", Kind.LEARNER), Step("1", "assert f(1) == 2", Kind.TEST, 2.0)]


def run(*, fails: bool = False, noticed: tuple[str, ...] = (), **more: Any) -> Result:
    return Result(
        outputs={"1": [error_output("AssertionError", "")] if fails else []}, noticed={"1": noticed}, **more
    )


def flags(result: Result, guarded: Result | None) -> tuple[Flag, ...]:
    flag_evidence.settle_flags(result, guarded, STEPS)
    return result.flags.get("1", ())


NOTICED = ("imports ctypes",)
REFUSED = [("imports ctypes", "0", 1, "0")]


def test_a_mark_that_stays_the_same_is_not_flagged() -> None:
    assert flags(run(noticed=NOTICED), run(refusals=REFUSED)) == ()


def test_a_mark_that_falls_is_flagged_with_the_line_and_what_is_left_of_it() -> None:
    found = flags(run(noticed=NOTICED), run(fails=True, refusals=REFUSED))
    assert found == (Flag("mark-differs", "imports ctypes", 1, 1, "import ctypes", 0.0),)


def test_work_that_earned_nothing_is_not_flagged() -> None:
    assert flags(run(fails=True, noticed=NOTICED), run(fails=True, refusals=REFUSED)) == ()


def test_a_look_at_a_running_test_is_flagged_whatever_it_earned() -> None:
    looked = [("calls sys._getframe", "0", 2, "1")]
    found = flags(run(fails=True, noticed=("calls sys._getframe",)), run(fails=True, refusals=looked))
    assert [(flag.key, flag.cell, flag.line) for flag in found] == [("looked-at-test", 1, 2)]


@pytest.mark.parametrize("guarded", [None, run(fails=True)])
def test_a_difference_that_nothing_explains_cannot_be_told(guarded: Result | None) -> None:
    result = run(noticed=NOTICED, places={"imports ctypes": ("0", 1)})
    assert flags(result, guarded) == (Flag("cannot-tell", "imports ctypes", 1, 1, "import ctypes"),)


@pytest.mark.parametrize("alive", ["thread", "task", "timer", "event:pre_run_cell"])
def test_what_was_alive_at_a_test_explains_what_a_copy_does_not_earn(alive: str) -> None:
    assert [(one.key, one.what) for one in flags(run(noticed=(alive,)), run(fails=True))] == [
        ("mark-differs", alive)
    ]


def test_what_was_seen_directly_needs_no_second_run() -> None:
    result = run(noticed=("forged-output", "missing:total"))
    assert not flag_evidence.is_suspected(result, STEPS)
    assert flags(result, None) == (Flag("forged-output"), Flag("given-missing", "total"))


@pytest.mark.parametrize(("fails", "again"), [(True, False), (False, True)])
def test_a_notebook_with_a_loop_runs_again_only_for_a_mark_that_could_be_doubted(
    *, fails: bool, again: bool
) -> None:
    result = run(fails=fails, noticed=NOTICED, stops={"0": message_facts.stopped_after(30)})
    assert flag_evidence.is_suspected(result, STEPS) is again


def test_a_notebook_that_ended_for_another_reason_runs_again() -> None:
    result = run(fails=True, noticed=NOTICED, stops={"0": Message("ended-itself")})
    assert flag_evidence.is_suspected(result, STEPS)


@pytest.mark.parametrize("seconds", [1.0, 30.0])
def test_every_message_of_a_limit_of_time_is_known_as_one(seconds: float) -> None:
    said = [
        message_facts.stopped_after(seconds),
        message_facts.out_of_time_after_stop(seconds),
        message_facts.out_of_wall_time(seconds),
        message_facts.out_of_processor_time(seconds),
    ]
    assert {one.key for one in said} == flag_evidence.LATE


def test_few_pieces_of_evidence_are_shown_for_one_test() -> None:
    many = [(f"imports m{n}", "0", 1, "0") for n in range(50)]
    assert len(flags(run(noticed=NOTICED), run(fails=True, refusals=many))) == flag_evidence.MOST_FLAGS


@pytest.mark.parametrize(
    "flag",
    [
        Flag("mark-differs", "imports x", 1, 2, "import x", 0.0),
        Flag("forged-output"),
        Flag("cannot-tell", "y"),
    ],
)
def test_a_flag_comes_back_from_its_plain_form(flag: Flag) -> None:
    assert Flag.from_data(flag.as_data()) == flag


def test_a_flag_of_an_older_result_is_its_kind() -> None:
    assert Flag.from_data("forged-output") == Flag("forged-output")
