"""No hostile notebook succeeds with our engine; the same ones do with the stock engine, so they would be noticed."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench import attack as side_by_side
from bench import hostile_notebooks
from bench.hostile_notebooks import Attack, Seen
from graders.engine.fork_engine import ForkEngine

# These look around on the machine, or hurt whoever is graded at the same time: one at a time.
ALONE = ("connected", "trace", "victim")
TOGETHER = 3
ALL = hostile_notebooks.load_attacks()
# One attack for each way of succeeding that is quick to show on the stock engine.
SHOWN = ("001-", "003-", "029-", "060-", "061-", "065-", "066-", "084-", "093-")


def failures(engine: ForkEngine, attacks: list[Attack], together: int) -> dict[str, str]:
    """What succeeded, by name."""
    with ThreadPoolExecutor(together) as pool:
        seen = pool.map(lambda one: side_by_side.run_ours(engine, one), attacks)
        found = {
            one.name: hostile_notebooks.attack_success(one, what)
            for one, what in zip(attacks, seen, strict=True)
        }
    return {name: how for name, how in found.items() if how}


def test_no_hostile_notebook_succeeds(engine: ForkEngine) -> None:
    found = failures(engine, [one for one in ALL if one.way not in ALONE], TOGETHER)
    # Three at once on a busy machine may cost an honest cell its few seconds; alone, none is short of them.
    again = failures(engine, [one for one in ALL if one.name in found], 1) if found else {}
    assert again == {}


def test_no_hostile_notebook_reaches_out_stays_behind_or_harms_others(engine: ForkEngine) -> None:
    assert failures(engine, [one for one in ALL if one.way in ALONE], 1) == {}


def test_there_are_attacks_of_every_kind() -> None:
    assert len(ALL) >= 100
    assert {one.way for one in ALL} == set(hostile_notebooks.WAYS)
    assert sum("-judged-" in one.name for one in ALL) >= 10


def test_an_honest_notebook_is_no_attack(engine: ForkEngine) -> None:
    import json

    solved = json.dumps(hostile_notebooks.honest_notebook()).encode()
    one = Attack("honest", "nothing", "none", "mark", hostile_notebooks.attacked_source(), solved, {}, ())
    seen = side_by_side.run_ours(engine, one)
    assert set(seen.scores.values()) == {1.0, 2.0, 3.0}
    assert [flags for flags in seen.flags.values() if flags] == []


@pytest.fixture(scope="module")
def course() -> object:
    if not shutil.which("bwrap"):
        from tests.conftest import missing

        missing("Bubblewrap")
    with tempfile.TemporaryDirectory(prefix="isomo-stock-") as scratch:
        Path(scratch).chmod(0o755)
        yield side_by_side.make_course(Path(scratch) / "course", hostile_notebooks.attacked_source())


@pytest.mark.parametrize("name", SHOWN)
def test_success_is_recognised_where_there_is_some(course: Path, name: str) -> None:
    (one,) = hostile_notebooks.load_attacks([name])
    assert hostile_notebooks.attack_success(one, side_by_side.stock_one(course, one))


@pytest.mark.parametrize("name", [one.name for one in ALL if one.control])
def test_what_a_protection_of_stocks_own_stops_succeeds_without_it(course: Path, name: str) -> None:
    (one,) = hostile_notebooks.load_attacks([name])
    assert hostile_notebooks.attack_success(one, side_by_side.stock_one(course, one)) == ""
    assert hostile_notebooks.attack_success(one, side_by_side.stock_one(course, one, one.control))


def test_an_attack_that_nobody_saw_succeed_says_what_stops_it_and_is_counted_apart() -> None:
    assert {one.name for one in ALL if one.unproven} == {"087-no-json", "119-bonus-tests"}
    assert [one.name for one in ALL if one.unproven and (one.control or one.stock)] == []
    rows = [
        {"name": "a", "stock": "it won", "control_run": None, "unproven": None, "stock_not_run": None},
        {"name": "b", "stock": None, "control_run": "it won", "unproven": None, "stock_not_run": None},
        {"name": "c", "stock": None, "control_run": None, "unproven": "a reason", "stock_not_run": None},
        {"name": "d", "stock": None, "control_run": None, "unproven": None, "stock_not_run": "a reason"},
        {"name": "e", "stock": None, "control_run": None, "unproven": None, "stock_not_run": None},
    ]
    counted = side_by_side.unproven_attacks(rows, tried=True)
    assert counted == {"unproven": 1, "stock_not_run": 1, "unexplained": ["e"]}


SUCCESSES = {
    "mark": Seen({"t": 1.0}, {}),
    "broke": Seen({}, {}, printed="BROKE out"),
    "leak": Seen({}, {}, printed=f"LEAK {hostile_notebooks.MARKS['peer'].encode().hex()}"),
    "connected": Seen({}, {}, connected=True),
    "trace": Seen({}, {}, traces=("a file",)),
    "victim": Seen({}, {}, victim={"early_test": 1.0}),
    "lost": Seen({"early_test": 1.0, "last_test": 0.0}, {}),
    "page": Seen({}, {}, page="no JSON"),
    "stuck": Seen({"t": None}, {}),
}


@pytest.mark.parametrize("way", hostile_notebooks.WAYS)
def test_each_way_of_succeeding_is_told_from_failing(way: str) -> None:
    due = hostile_notebooks.DUE["plain"]
    one = Attack("x", "x", "x", way, b"", b"", due, tuple(due), leaks="peer", targets=("t",))
    assert hostile_notebooks.attack_success(one, SUCCESSES[way])
    harmless = Seen(
        {"early_test": 1.0, "last_test": 1.0, "t": 0.0}, {}, victim={"early_test": 1.0, "last_test": 1.0}
    )
    assert hostile_notebooks.attack_success(one, harmless) == ""


def test_a_flagged_mark_is_no_success_and_an_unflagged_one_is() -> None:
    one = Attack("x", "x", "x", "mark", b"", b"", {}, ())
    assert hostile_notebooks.attack_success(one, Seen({"t": 1.0}, {"t": ("uses exec",)})) == ""
    assert hostile_notebooks.attack_success(one, Seen({"t": 1.0}, {"t": ()}))
