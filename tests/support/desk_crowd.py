"""Several learners of one installation at once: each has her own bad line and server, and kills meet all of them."""

from __future__ import annotations

import contextlib
import random
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Error, sync_playwright

from tests.conftest import CHROMIUM_ARGS, browser_path
from tests.support.desk_sequences import CHOSEN, RECORD, Typist, chosen, record
from tests.support.desk_town import PAGE_KEPT, WORDS, DeskTown

RUNNER = "crowd"
CROWD = tuple(f"learner.{n}" for n in range(6))
TYPED = (*("type",) * 6, *("code",) * 3, *("choose",) * 2)
STEPS = (*TYPED, "cut", "hang", "lose", "slow", "close", "close", "kept page", "back", "back", "back")
SHARED = ("hub", "campus", "proxy-learner", "proxy-campus")
PATIENCE = 240.0
"""Seconds until a lab is open again, while processes of the installation die and start."""
LULL = 10.0
"""Seconds between what came back and the next kill at least: a hub that is always starting shows nothing but that."""
MOST_FAILED = 6


class LostError(AssertionError):
    """Something that a learner typed is not in her home, or the desk shows a conflict with herself."""


class Storm:
    """Kills hub, campus and proxies for everybody, after so many steps of all learners as the dice say."""

    def __init__(self, town: DeskTown) -> None:
        self.town = town
        self.begin(0)
        self.kills: list[str] = []
        self.ended = threading.Event()
        self.error = ""
        self._steps = 0
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Storm:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._thread.join()

    def step(self) -> None:
        """Tell that a learner did a step."""
        self._steps += 1

    def begin(self, seed: int) -> None:
        """Begin a group of seeds: what happens in it follows from its first one."""
        self.dice, self._turn = random.Random(seed), seed // len(CROWD)

    def _next(self) -> list[str]:
        """Return what dies next: each kind in its turn, and in one case of four another one with it."""
        self._turn += 1
        first = SHARED[self._turn % len(SHARED)]
        others = [one for one in SHARED if one != first]
        return [first, *self.dice.sample(others, k=self.dice.choice((0, 0, 0, 1)))]

    def _run(self) -> None:
        try:
            while self._after(self.dice.randint(6, 20)):
                down = self._next()
                for which in down:
                    self.town.kill(which)
                    self.kills.append(which)
                self._after(self.dice.randint(1, 15), seconds=6)
                for which in sorted(down, reverse=True):  # The hub needs its proxy, and the campus both.
                    self.town.bring_back(which)
                self._after(1_000, seconds=LULL)
        except Exception:
            self.error = traceback.format_exc()[-4000:]
            self.ended.set()

    def _after(self, steps: int, seconds: float = 3600) -> bool:
        """Wait for so many steps, or seconds at most; return whether the storm goes on."""
        target, end = self._steps + steps, time.monotonic() + seconds
        while self._steps < target and time.monotonic() < end and not self.ended.is_set():
            time.sleep(0.05)
        return not self.ended.is_set()


class Seeds:
    """The seeds that are left; each six begin the storm's dice again."""

    def __init__(self, seeds: list[int], storm: Storm) -> None:
        self._left, self._storm = iter(enumerate(seeds)), storm
        self._lock = threading.Lock()
        self.failed: list[str] = []

    def __iter__(self) -> Iterator[int]:
        while not self._storm.ended.is_set() and len(self.failed) < MOST_FAILED:
            with self._lock:
                at, seed = next(self._left, (0, -1))
                if seed < 0:
                    return
                if at % len(CROWD) == 0:
                    self._storm.begin(seed)
            yield seed


def steps_of(dice: random.Random) -> list[str]:
    """Return what happens to one learner: twelve steps, and in every other sequence her server is killed."""
    steps = [dice.choice(STEPS) for _ in range(12)]
    if dice.random() < 0.5:
        steps.insert(dice.randrange(len(steps)), "server")
    return steps


class Learner:
    """One learner with a browser, who does one sequence after the other in the same lab."""

    def __init__(self, town: DeskTown, browser: Any, name: str, storm: Storm) -> None:
        self.town, self.browser, self.name, self.storm = town, browser, name, storm
        self.work = town.work_of(name)
        self.typist = Typist(0)
        self.page: Any = None
        self.now = ""
        """What she is doing: for the record of a failure."""
        self.opened = self.typed = 0

    def begin(self) -> None:
        """Sign in, and open the lab with what is in the learner's home."""
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(Error):
                self.now = "signing in"
                self.sign_in()
                self.now = "opening for the first time"
                self.open()
                self.page.wait_for_function("navigator.serviceWorker.controller !== null", timeout=15_000)
                self.page.wait_for_timeout(2_000)
                if self.page.evaluate(PAGE_KEPT):
                    break
            if time.monotonic() > end:
                raise TimeoutError(self.now)
            time.sleep(1)
        self.typist.go_on(0, self.work.words(), self.work.source())

    def sign_in(self) -> None:
        """Take a fresh browser and a new link."""
        if self.page:
            with contextlib.suppress(Error):
                self.page.context.close()
        self.page = self.town.signed_in(self.browser, self.name)

    def open(self) -> None:
        """Open the lab through the campus, in a page of its own."""
        self.town.open_again(self.page, PATIENCE)
        self.opened += 1

    def fresh(self) -> None:
        """Close the page and open another."""
        context = self.page.context
        self.page.close()
        self.page = context.new_page()

    def go_through(self, seed: int) -> dict[str, Any]:
        """Do a seed's sequence. Raises LostError if anything typed is missing at its end."""
        self.typist.go_on(seed, self.typist.words, self.typist.code)
        steps, began, seen = steps_of(self.typist.dice), time.monotonic(), len(self.storm.kills)
        met: list[str] = []
        self.opened = self.typed = 0
        for at, step in enumerate(steps):
            self.now = f"{step}@{at}"
            self.do(step)
            self.storm.step()
            met += [f"{kill}@{at}" for kill in self.storm.kills[seen:]]
            seen = len(self.storm.kills)
            self.typist.pause(self.page)
        self.now = "the line comes back"
        self.typist.line_is_back(self.page)
        self.now = "last opening"
        self.fresh()
        self.open()
        self.now = "comparing"
        self.nothing_is_lost()
        return {
            "seconds": round(time.monotonic() - began, 1),
            "steps": steps,
            "met": met,
            "opened": self.opened,
            "typed": self.typed,
        }

    def do(self, step: str) -> None:
        """Do one step."""
        if step == "server":
            self.town.kill("server", self.name)
        elif self.typist.do(self.page, step):
            self.typed += {"type": 3, "code": 1, "choose": 1}.get(step, 0)
        elif step == "kept page":
            address = self.page.url
            self.fresh()
            self.page.context.set_offline(True)
            self.page.goto(address)
            self.page.evaluate("location.hash = '#all'")
            self.page.locator(WORDS).wait_for()
        else:
            self.typist.line_is_back(self.page)
            if step == "close":
                self.fresh()
                self.open()

    def nothing_is_lost(self) -> None:
        """Wait until the learner's home holds everything. Raises LostError if it does not come."""
        typist, end = self.typist, time.monotonic() + 90
        while True:
            found = (self.work.words(), self.work.source())
            picked = list(self.work.answers().get("r1", {}).values())
            if found == (typist.words, typist.code) and (not typist.chosen or typist.chosen in picked):
                break
            if time.monotonic() > end:
                said = self.page.locator(".saved").get_attribute("data-status")
                expected = (typist.words, typist.code, typist.chosen)
                raise LostError(f"{expected} was typed; {(*found, picked)} arrived; the bar says {said}")
            self.page.wait_for_timeout(200)
        if self.page.locator(".conflict:visible").count():
            raise LostError("a conflict with oneself")

    def live(self, seeds: Seeds) -> None:
        """Do sequences until none is left. A failure of the runner is told apart from a loss, and begins again."""
        self.begin()
        for seed in seeds:
            record(RUNNER, seed, "began", learner=self.name)
            try:
                done = self.go_through(seed)
            except Exception as error:
                during = self.now
                outcome = "lost" if isinstance(error, LostError) else "runner"
                told = traceback.format_exc()[-3000:]
                record(
                    RUNNER, seed, outcome, learner=self.name, during=during, error=told, page=self.seen(seed)
                )
                seeds.failed.append(f"seed {seed}, {outcome}: {told}")
                self.begin()
            else:
                record(RUNNER, seed, "kept", learner=self.name, **done)

    def seen(self, seed: int) -> str:
        """Return the page's address and words as a learner sees them, and keep a picture next to the record."""
        with contextlib.suppress(Error):
            self.page.screenshot(path=RECORD.parent / f"desk-sequence-{seed}.png", timeout=5_000)
            return f"{self.page.url} {self.page.locator('body').inner_text(timeout=2_000)[:1500]}"
        return ""


def live(town: DeskTown, name: str, storm: Storm, seeds: Seeds) -> None:
    """Be one learner, in a thread with a browser of its own."""
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=browser_path(), args=CHROMIUM_ARGS)
            Learner(town, browser, name, storm).live(seeds)
            browser.close()
    except Exception:
        seeds.failed.append(f"{name}: {traceback.format_exc()[-4000:]}")


def run_crowd(town: DeskTown, seeds: list[int]) -> None:
    """Let all learners work until each seed's sequence was done. Raises AssertionError that names those that failed."""
    with Storm(town) as storm:
        left = Seeds(chosen(seeds), storm)
        threads = [threading.Thread(target=live, args=(town, name, storm, left)) for name in CROWD]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not storm.error, storm.error
    assert not left.failed, "\n".join(
        [*left.failed, f"Run six again with {CHOSEN}=FIRST-LAST. All are in {RECORD}."]
    )
