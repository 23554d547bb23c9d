"""The plan for a nation: its laws hold for any numbers, and its page says what the simulation says."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import bench_command, nation_page, opening
from bench.nation_day import END, LOST_AT, Day, day_of
from bench.nation_figures import ASSUMED, MEASURED, PRICED, Figures, Habits, Machine, Prices, figure_rows
from bench.nation_plan import (
    NO_LIMIT,
    World,
    carries_everybody,
    lost_of,
    outcome_of,
    plan_for,
    smallest_enough,
)

SMALL = Machine(cores=4, memory_mib=6 * 1024)
"""A server with room for 21 learners at work, so that a few classes fill several."""
WORLD = World(machine=SMALL)
PAGE = nation_page.PAGE.read_text("utf-8")


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    learners=st.integers(1, 300),
    machines=st.integers(1, 12),
    lost=st.integers(0, 12),
    hub_seconds=st.floats(0.1, 60),
    ahead=st.sampled_from([0, 10]),
    seed=st.integers(0, 1000),
)
def test_all_who_come_are_served_or_wait_or_gave_up_and_no_memory_is_used_twice(
    learners: int, machines: int, lost: int, hub_seconds: float, ahead: int, seed: int
) -> None:
    load = day_of(learners, Habits(ahead_minutes=ahead), seed)
    figures = Figures(hub_cpu_s=hub_seconds)
    day = Day(load, machines, lost=lost, seed=seed, figures=figures, machine=SMALL)
    seen = day.run()
    assert seen.arrivals == load.sessions
    assert seen.arrivals == seen.served + seen.waiting + seen.failed
    assert seen.memory <= 1
    assert min(day.working.min(), day.present.min(), day.resting.min()) >= 0
    assert not day.working[: day.lost].any()


@settings(max_examples=10, deadline=None, derandomize=True)
@given(learners=st.integers(1, 400), seed=st.integers(0, 1000))
def test_with_enough_servers_nobody_fails_or_waits(learners: int, seed: int) -> None:
    world = replace(WORLD, seed=seed)
    load = day_of(learners, world.habits, seed)
    seen = outcome_of(load, 2 * load.sessions + 2, NO_LIMIT, world)
    assert (seen.failed, seen.waiting, seen.wait_p95) == (0, 0, 0)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(fewer=st.integers(1, 200), more=st.integers(0, 150), seed=st.integers(0, 1000))
def test_more_learners_never_need_less(fewer: int, more: int, seed: int) -> None:
    world = replace(WORLD, seed=seed)
    one, other = plan_for(fewer, world), plan_for(fewer + more, world)
    assert one.machines <= other.machines
    assert one.installations <= other.installations
    assert one.graders <= other.graders
    assert one.storage_tb <= other.storage_tb
    assert one.euros <= other.euros


@pytest.mark.parametrize("learners", [1, 29, 31, 200])
def test_a_larger_country_contains_the_smaller_one(learners: int) -> None:
    def sessions(count: int) -> list[tuple[int, ...]]:
        load = day_of(count, Habits(), 3)
        return sorted(zip(load.asks.tolist(), load.comes.tolist(), load.stays.tolist(), strict=True))

    larger = sessions(learners + 40)
    for session in sessions(learners):
        larger.remove(session)


def test_the_plan_is_the_smallest_that_is_enough_although_a_server_fails() -> None:
    plan = plan_for(300, WORLD)
    load = day_of(300, WORLD.habits, WORLD.seed)
    assert carries_everybody(outcome_of(load, plan.machines, NO_LIMIT, WORLD))
    assert not carries_everybody(outcome_of(load, plan.machines - 1, NO_LIMIT, WORLD))
    assert plan.spare == lost_of(plan.machines, WORLD.habits) >= 1


def test_learners_of_a_lost_server_are_interrupted_and_served_again() -> None:
    load = day_of(300, Habits(busiest_day=1), 1)
    before = Day(load, 40, machine=SMALL)
    for minute in range(7 * 60, LOST_AT):
        before.step(minute)
    there = int(before.working[:5].sum())
    seen = Day(load, 40, lost=5, machine=SMALL).run()
    assert there > 0
    assert 0 < seen.interrupted <= there
    assert seen.failed == 0
    assert len(seen.waits) == seen.served + seen.interrupted


def test_who_waits_longer_than_people_wait_has_failed() -> None:
    """Nothing starts without a server, so all give up but those who came at the very end."""
    load = day_of(60, Habits(busiest_day=1), 1)
    seen = Day(load, 1, lost=1, machine=replace(SMALL, memory_mib=1024)).run()
    late = int((load.comes > END - Habits().patience - 1).sum())
    assert (seen.served, seen.waiting, seen.failed) == (0, late, load.sessions - late)


def test_a_slow_hub_breaks_before_memory_and_more_installations_are_the_remedy() -> None:
    slow = replace(WORLD, figures=Figures(hub_cpu_s=20))
    plan = plan_for(300, slow)
    assert plan.breaks_first == "hub"
    assert plan.installations > plan_for(300, WORLD).installations == 1


def test_the_cost_is_that_of_all_servers_storage_and_traffic() -> None:
    free = Prices(machine=0, storage_gb=0, traffic_tb=0)
    plan = plan_for(90, replace(WORLD, prices=replace(free, machine=100)))
    assert plan.euros == 100 * (plan.machines + plan.installations + plan.graders)
    storage = plan_for(90, replace(WORLD, prices=replace(free, storage_gb=1))).euros
    assert storage == pytest.approx(90 * (200_000_000 + 30 * 150_000) / 1e9, abs=0.01)
    traffic = plan_for(90, replace(WORLD, prices=replace(free, traffic_tb=1000))).euros
    visits = 90 * (2 * 0.85 + 0.3) * 52 / 12
    assert traffic == pytest.approx((visits * 15_628 + 90 * 208_404) / 1e9, abs=0.01)


def test_the_cost_of_an_opening_is_told_for_each_learner_and_process() -> None:
    found = opening.opening_report({"hub": 1.0, "campus": 2.0}, {"hub": 2.0, "campus": 2.5}, [3.0, 5.0], 2)
    assert found == {"server_cpu_s": 4.0, "hub_cpu_s": 0.5, "campus_cpu_s": 0.25, "learners": 2}


def test_the_same_words_give_the_same_plan() -> None:
    assert plan_for(120, WORLD) == plan_for(120, WORLD)
    assert plan_for(120, WORLD) != plan_for(120, replace(WORLD, seed=1))


def test_a_class_on_another_day_asks_for_nothing() -> None:
    quiet = day_of(90, Habits(busiest_day=0, homework=0), 1)
    assert quiet.sessions == 0
    assert Day(quiet, 1).run().arrivals == 0


def test_servers_start_before_a_class_also_for_those_who_stay_away() -> None:
    planned = day_of(90, Habits(busiest_day=1, homework=0), 1)
    surprise = day_of(90, Habits(busiest_day=1, homework=0, ahead_minutes=0), 1)
    assert planned.sessions == 180
    assert int((planned.stays > 0).sum()) == surprise.sessions
    assert bool(np.all(surprise.asks == surprise.comes))
    came = planned.stays > 0
    assert bool(np.all(planned.asks[came] < planned.comes[came]))


def test_the_smallest_number_is_found_wherever_it_is() -> None:
    assert [
        smallest_enough(lambda number, limit=limit: number >= limit, start=1) for limit in range(1, 40)
    ] == list(range(1, 40))


def test_every_figure_is_explained_and_every_measured_one_names_a_bench() -> None:
    assert set(MEASURED) == {name for name, _value in figure_rows(Figures())}
    assert set(ASSUMED) == {name for name, _value in figure_rows(Habits())}
    assert set(PRICED) == {name for name, _value in figure_rows(Prices())}
    assert {bench.removeprefix("bench ") for _text, bench in MEASURED.values()} <= set(bench_command.BENCHES)
    assert Figures().campus_cpu_s < Figures().hub_cpu_s, (
        "the simulation takes the hub for the limit, not the campus"
    )


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("measured", nation_page.measured_table),
        ("assumed", nation_page.assumed_table),
        ("priced", nation_page.priced_table),
    ],
)
def test_the_page_shows_the_figures_that_the_simulation_uses(name: str, made: object) -> None:
    """If this fails, type ./isomo bench plan --page."""
    assert callable(made)
    assert nation_page.table_in(PAGE, name) == made()


def column(table: str, number: int) -> list[str]:
    return [line.split("|")[number].strip() for line in table.splitlines()]


def test_the_page_shows_the_plan_for_a_thousand_learners() -> None:
    """If this fails, type ./isomo bench plan --page."""
    shown = nation_page.table_in(PAGE, "plans")
    made = nation_page.plans_table([plan_for(nation_page.SIZES[0])])
    assert column(shown, 1) == column(made, 1)
    assert column(shown, 2) == column(made, 2)


@pytest.mark.full
@pytest.mark.parametrize(("place", "size"), [(3, 10_000), (4, 100_000)])
def test_the_page_shows_the_plans_for_more_learners(place: int, size: int) -> None:
    made = nation_page.plans_table([plan_for(size)])
    assert column(nation_page.table_in(PAGE, "plans"), place) == column(made, 2)


def test_the_bench_answers_with_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_command.command(["plan", "--learners", "60", "--memory-gib", "8", "--cores", "4"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["bench"] == "plan"
    assert found["learners"] == 60
    assert found["euros_each"] == round(found["euros"] / 60, 3)


def test_words_that_make_no_plan_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench_command.command(["plan", "--learners", "0"])
    assert "1 or more" in capsys.readouterr().err
