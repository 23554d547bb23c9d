"""The busiest day of a week, minute by minute: who comes, who gets a server, what machines and the hub carry."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.nation_figures import SLOTS, Figures, Habits, Machine

Minutes = NDArray[np.int64]
BEGIN, END = 7 * 60, 20 * 60
"""The day is looked at from seven to eight in the evening."""
LOST_AT = SLOTS[0][0] + 10
"""Minute at which machines fail: ten minutes into the fullest hour, when most learners have just come."""


@dataclass(frozen=True)
class Load:
    """Servers that a day asks for, in that order: minute of asking, minute of the person's coming, minutes of staying.

    A class' servers are asked for before it begins, also for those who then stay away: these stay for no minute.
    """

    asks: Minutes
    comes: Minutes
    stays: Minutes

    @property
    def sessions(self) -> int:
        """Return how many servers are asked for."""
        return len(self.asks)


def day_of(learners: int, habits: Habits, seed: int) -> Load:
    """Return the servers that so many learners ask for; those of fewer learners are among them."""
    parts = []
    for number in range(-(-learners // habits.class_size)):
        rng = np.random.default_rng([seed, number])  # Each class has its own chance.
        size = min(habits.class_size, learners - number * habits.class_size)
        parts += [*_classes(habits, rng, size), _homework(habits, rng, size)]
    asks, comes, stays = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.argsort(asks, kind="stable")
    return Load(asks[order], comes[order], stays[order])


Part = tuple[Minutes, Minutes, Minutes]


def _classes(habits: Habits, rng: np.random.Generator, size: int) -> list[Part]:
    """Return the classes that this group has on the busiest day."""
    starts, weights = zip(*SLOTS, strict=True)
    found = []
    for _number in range(habits.classes_a_week):
        today = rng.random() < habits.busiest_day
        begin = int(rng.choice(starts, p=weights))
        there = rng.random(habits.class_size)[:size] < habits.present
        late = np.minimum(rng.exponential(habits.late_minutes, habits.class_size), 30).astype(np.int64)[:size]
        ahead = (rng.random(habits.class_size)[:size] * habits.ahead_minutes).astype(np.int64)
        if not today:
            continue
        comes = begin + late
        if not habits.ahead_minutes:
            found.append((comes[there], comes[there], habits.class_minutes - late[there]))
            continue
        asks = begin - habits.ahead_minutes + ahead
        found.append((asks, np.where(there, comes, asks), np.where(there, habits.class_minutes - late, 0)))
    return found


def _homework(habits: Habits, rng: np.random.Generator, size: int) -> Part:
    there = rng.random(habits.class_size)[:size] < habits.homework
    comes = BEGIN + (rng.beta(2, 2, habits.class_size)[:size] * (END - BEGIN - 120)).astype(np.int64)
    stays = np.clip(rng.exponential(habits.homework_minutes, habits.class_size), 5, 120).astype(np.int64)[
        :size
    ]
    return comes[there], comes[there], stays[there]


COMING, WAITS, SERVED, FAILED = range(4)


@dataclass
class Outcome:
    """A day's end: each server that was asked for is in one of `served`, `waiting` and `failed`."""

    arrivals: int = 0
    served: int = 0
    waiting: int = 0
    failed: int = 0
    interrupted: int = 0
    waits: list[int] = field(default_factory=list)
    servers: int = 0
    starts: int = 0
    memory: float = 0.0
    processor: float = 0.0
    hub: float = 0.0

    @property
    def wait_p95(self) -> int:
        """Return minutes within which 95 of 100 had their server; 0 is within the minute in which they came."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)] if ordered else 0


class Day:
    """The state of the day. `step` moves it by one minute."""

    def __init__(
        self,
        load: Load,
        machines: int,
        *,
        hubs: int = 1,
        lost: int = 0,
        seed: int = 0,
        figures: Figures | None = None,
        habits: Habits | None = None,
        machine: Machine | None = None,
    ) -> None:
        self.load, self.machines, self.hubs, self.lost = load, machines, hubs, min(lost, machines)
        self.figures, self.habits = figures or Figures(), habits or Habits()
        self.machine = machine or Machine()
        self.rng = np.random.default_rng([seed, machines])
        self.working = np.zeros(machines, np.int64)
        self.present = np.zeros(machines, np.int64)
        self.resting = np.zeros(machines, np.int64)
        self.up = np.ones(machines, bool)
        self.place = np.full(load.sessions, -1)
        self.state = np.full(load.sessions, COMING)
        self.wanted = load.comes.copy()
        self.left = load.stays.copy()
        self.queue: list[int] = []
        self.next = 0
        self.events: dict[int, list[tuple[str, int, int]]] = {}
        self.epoch = np.zeros(load.sessions, np.int64)
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Return the outcome of the whole day."""
        for minute in range(BEGIN, END):
            self.step(minute)
        done = self.outcome
        done.arrivals, done.waiting = self.next, len(self.queue)
        done.served, done.failed = (int((self.state == kind).sum()) for kind in (SERVED, FAILED))
        return done

    def step(self, minute: int) -> None:
        """Let people go, machines fail, people come, give up, and get servers."""
        for kind, session, epoch in self.events.pop(minute, []):
            if epoch == self.epoch[session]:
                self._happens(kind, int(self.place[session]))
        if minute == LOST_AT:
            self._lose_machines(minute)
        while self.next < self.load.sessions and self.load.asks[self.next] <= minute:
            self._waits(self.next)
            self.next += 1
        given_up = [each for each in self.queue if minute - self.wanted[each] >= self.habits.patience]
        self.state[given_up] = FAILED
        self.queue = [each for each in self.queue if self.state[each] == WAITS]
        self._start(minute)

    def _waits(self, session: int) -> None:
        self.state[session] = WAITS
        self.queue.append(session)

    def _happens(self, kind: str, place: int) -> None:
        if kind == "leaves":
            self.present[place] -= 1
        elif kind == "rests":
            self.working[place] -= 1
            self.resting[place] += 1
        else:
            self.resting[place] -= 1

    def _lose_machines(self, minute: int) -> None:
        """Take machines away for the rest of the day; whoever works there asks again at once, before all others."""
        self.up[: self.lost] = False
        gone = np.flatnonzero((self.place >= 0) & (self.place < self.lost))
        others, self.queue = self.queue, []
        for session in gone:
            end = int(self.wanted[session] + self.left[session])
            self.place[session] = -1
            self.epoch[session] += 1
            if end > minute:
                self.wanted[session] = max(minute, int(self.wanted[session]))
                self.left[session] = end - self.wanted[session]
                self._waits(int(session))
        for counted in (self.working, self.present, self.resting):
            counted[: self.lost] = 0
        self.outcome.interrupted += len(self.queue)
        self.queue += others

    def _start(self, minute: int) -> None:
        """Give servers to those who wait longest, as many as memory, processor and hub allow."""
        if not self.queue:
            return
        figures, cores = self.figures, 60.0 * self.machine.cores * int(self.up.sum())
        used = self.working * figures.working_mib + self.resting * figures.resting_mib
        room = np.where(self.up, (self.machine.learners_mib - used) // figures.working_mib, 0)
        free = np.maximum(0, room).astype(np.int64)
        busy = 60.0 * self.habits.working_cpu * int(self.present.sum())
        by_processor = max(0, int((cores - busy) / figures.server_cpu_s))
        by_hub = int(60.0 * self.hubs / figures.hub_cpu_s)
        count = min(len(self.queue), by_processor, by_hub, int(free.sum()))
        if count:
            spread = self.rng.multivariate_hypergeometric(free, count, method="marginals")
            chosen = np.repeat(np.arange(self.machines), spread)
            for session, place in zip(self.queue[:count], chosen, strict=True):
                self._place(minute, session, int(place))
            self.queue = self.queue[count:]
        self._remember(count, cores, busy)

    def _place(self, minute: int, session: int, place: int) -> None:
        self.place[session], self.state[session] = place, SERVED
        self.outcome.waits.append(max(0, int(minute - self.wanted[session])))
        self.wanted[session] = max(minute, int(self.wanted[session]))
        self.working[place] += 1
        self.present[place] += 1
        leaves = int(self.wanted[session] + self.left[session])
        epoch = int(self.epoch[session])
        later = {"leaves": 0, "rests": self.habits.kernel_minutes, "stops": self.habits.idle_minutes}
        for kind, after in later.items():
            self.events.setdefault(max(minute + 1, leaves + after), []).append((kind, session, epoch))

    def _remember(self, count: int, cores: float, busy: float) -> None:
        seen, figures = self.outcome, self.figures
        used = self.working.sum() * figures.working_mib + self.resting.sum() * figures.resting_mib
        whole = self.machine.learners_mib * int(self.up.sum())
        seen.servers = max(seen.servers, int(self.working.sum() + self.resting.sum()))
        seen.starts = max(seen.starts, count)
        seen.memory = max(seen.memory, float(used / whole) if whole else 0.0)
        spent = busy + count * figures.server_cpu_s
        seen.processor = max(seen.processor, spent / cores if cores else 0.0)
        seen.hub = max(seen.hub, count * figures.hub_cpu_s / (60.0 * self.hubs))
