"""`./isomo bench plan --learners N`: what so many learners need, what breaks first, and what it costs.

A simulation of the busiest day of a week, with the figures of `bench/nation_figures.py`. It is seeded: the same words
give the same plan.
"""

from __future__ import annotations

import argparse
import importlib
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bench.bench_command import print_progress
from bench.nation_day import Day, Load, Outcome, day_of
from bench.nation_figures import Figures, Habits, Machine, Prices

SEED = 17
LONGEST_WAIT = 1
"""Minutes within which 95 of 100 must have their server."""
WEEKS = 52 / 12
NO_LIMIT = 10**6
HUB_FILL = 0.7
"""Share of one core that the hub may spend on starts; the rest is for requests of pages and servers."""


@dataclass(frozen=True)
class World:
    """All that a plan is made of besides the number of learners."""

    figures: Figures = field(default_factory=Figures)
    habits: Habits = field(default_factory=Habits)
    machine: Machine = field(default_factory=Machine)
    prices: Prices = field(default_factory=Prices)
    seed: int = SEED


@dataclass(frozen=True)
class Plan:
    """What so many learners need."""

    learners: int
    machines: int
    spare: int
    installations: int
    graders: int
    servers: int
    starts_a_minute: int
    wait_p95_min: int
    line_mbit: float
    storage_tb: float
    memory: float
    processor: float
    hub: float
    breaks_first: str
    euros: float

    @property
    def euros_each(self) -> float:
        """Return the cost for each learner and month."""
        return self.euros / self.learners


def measure(argv: Sequence[str]) -> dict[str, Any]:
    """Return the plan for `--learners`; options change what is most often different elsewhere."""
    parser = argparse.ArgumentParser(prog="isomo bench plan", description=__doc__)
    parser.add_argument("--learners", type=int, default=1000, help="learners of the whole country (1000)")
    parser.add_argument("--cores", type=int, default=Machine.cores, help="cores of one server (16)")
    parser.add_argument("--memory-gib", type=float, default=32, help="memory of one server (32)")
    parser.add_argument(
        "--machine-month", type=float, default=Prices.machine, help="its price a month (26.28)"
    )
    parser.add_argument(
        "--ahead-minutes", type=int, default=10, help="0: no server starts before its class (10)"
    )
    parser.add_argument(
        "--page", action="store_true", help="write the tables of docs/plan-for-a-nation.md again"
    )
    args = parser.parse_args(argv)
    if args.page:
        # By name: the page is made of plans, so it knows this module and not the other way round.
        page = importlib.import_module("bench.nation_page")
        page.write_tables([plan_for(size) for size in page.SIZES])
        return {"page": str(page.PAGE), "sizes": page.SIZES}
    if args.learners < 1 or args.cores < 1 or args.memory_gib < 2:
        parser.error("--learners and --cores must be 1 or more, and --memory-gib 2 or more")
    world = World(
        machine=Machine(cores=args.cores, memory_mib=args.memory_gib * 1024),
        habits=replace(Habits(), ahead_minutes=args.ahead_minutes),
        prices=replace(Prices(), machine=args.machine_month),
    )
    plan = plan_for(args.learners, world)
    print_progress(
        f"{plan.machines} servers, {plan.installations} installations, {plan.breaks_first} breaks first"
    )
    return {**asdict(plan), "euros_each": round(plan.euros_each, 3)}


def plan_for(learners: int, world: World | None = None) -> Plan:
    """Return the smallest plan with which nobody fails although machines do."""
    world = world or World()
    load = day_of(learners, world.habits, world.seed)
    machines = smallest_enough(
        lambda count: carries_everybody(outcome_of(load, count, NO_LIMIT, world)), start=2
    )
    hubs = smallest_enough(lambda count: carries_everybody(_with_hubs(load, machines, count, world)), start=1)
    seen = _with_hubs(load, machines, hubs, world)
    return _described(learners, load, machines, hubs, seen, world)


def lost_of(machines: int, habits: Habits) -> int:
    """Return how many of these machines fail."""
    return max(1, math.ceil(machines * habits.lost))


def outcome_of(load: Load, machines: int, hubs: int, world: World) -> Outcome:
    """Return what happens on that day with so many machines and hubs."""
    day = Day(
        load,
        machines,
        hubs=hubs,
        lost=lost_of(machines, world.habits),
        seed=world.seed,
        figures=world.figures,
        habits=world.habits,
        machine=world.machine,
    )
    return day.run()


def _with_hubs(load: Load, machines: int, hubs: int, world: World) -> Outcome:
    """Return the day with hubs that spend a part of their core on starts."""
    slower = replace(world.figures, hub_cpu_s=world.figures.hub_cpu_s / HUB_FILL)
    return outcome_of(load, machines, hubs, replace(world, figures=slower))


def carries_everybody(outcome: Outcome) -> bool:
    """Return whether everybody got a server, and soon."""
    return not outcome.failed and not outcome.waiting and outcome.wait_p95 <= LONGEST_WAIT


def smallest_enough(enough: Callable[[int], bool], *, start: int) -> int:
    """Return the smallest number from `start` on that is enough, if all larger ones are.

    >>> smallest_enough(lambda number: number >= 37, start=2)
    37
    """
    high = start
    while not enough(high):
        high *= 2
    low = high // 2 if high > start else start - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _described(learners: int, load: Load, machines: int, hubs: int, seen: Outcome, world: World) -> Plan:
    figures, habits, prices = world.figures, world.habits, world.prices
    graders = math.ceil(grading_cores(load, world) / world.machine.cores)
    storage = learners * (habits.home_bytes + habits.labs * habits.attempt_bytes)
    visits = learners * (habits.classes_a_week * habits.present + habits.homework) * WEEKS
    traffic = (visits * figures.later_visit_bytes + learners * figures.first_visit_bytes) / 1e12
    filled = {"memory": seen.memory, "processor": seen.processor, "hub": seen.hub}
    # Machines can be added; a hub is one process, so a second one is a second installation.
    first = "hub" if hubs > 1 else max(filled, key=lambda name: filled[name])
    bought = machines + hubs + graders
    euros = bought * prices.machine + storage / 1e9 * prices.storage_gb + traffic * prices.traffic_tb
    return Plan(
        learners=learners,
        machines=machines,
        spare=lost_of(machines, habits),
        installations=hubs,
        graders=graders,
        servers=seen.servers,
        starts_a_minute=seen.starts,
        wait_p95_min=seen.wait_p95,
        line_mbit=round(_peak(load) * figures.first_visit_bytes * 8 / 60e6, 1),
        storage_tb=round(storage / 1e12, 2),
        memory=round(seen.memory, 2),
        processor=round(seen.processor, 2),
        hub=round(seen.hub, 2),
        breaks_first=first,
        euros=round(euros, 2),
    )


def _peak(load: Load) -> int:
    """Return how many people come in the fullest minute."""
    come = load.comes[load.stays > 0]
    return max((int((come == minute).sum()) for minute in set(come.tolist())), default=0)


def grading_cores(load: Load, world: World) -> float:
    """Return cores that grade what a whole slot hands in within five minutes of its end."""
    ends = load.comes + load.stays
    fullest = max((int((ends == minute).sum()) for minute in set(ends[load.stays > 0].tolist())), default=0)
    return fullest * world.habits.hands_in * world.figures.grading_cpu_s / 300
