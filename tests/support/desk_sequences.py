"""Seeded sequences of faults at the desk: what a learner types in them, and a record from which no seed is lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from playwright.sync_api import Error

from hub.ops.desk_build import CACHE
from tests.support.desk_town import WORDS

RECORD = CACHE / "desk-sequences.jsonl"
"""One line when a sequence begins and one when it ends."""
CHOSEN = "ISOMO_SEEDS"
"""Environment variable: `1008`, or `1000-1019`, runs these sequences only."""
MOST_FAILED = 3
CODE = ".cell.task .code [contenteditable], .cell.task .code textarea"
CHOICES = '[id="task-r1"] input[type=radio]'
SLOW = {"latency": 300, "downloadThroughput": 1_000, "uploadThroughput": 1_000}
"""Milliseconds, and bytes a second: 8 kbit/s."""
WAITS = (0, 0, 50, 500)


class Typist:
    """A learner who types while her line is cut, hangs and loses answers, and what she has typed so far."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.words, self._code, self.chosen = "", "bar = ", ""
        self._slow: Any = None

    @property
    def code(self) -> str:
        """The text of the cell, as it has to arrive."""
        return self._code if self._code != "bar = " else "bar = None"

    def go_on(self, seed: int, words: str, code: str) -> None:
        """Go on with another seed in a lab in which something is written already."""
        self.dice = random.Random(seed)
        self.words, self.chosen = words, ""
        self._code = "bar = " if code == "bar = None" else code

    def do(self, page: Any, step: str) -> bool:
        """Do a step on an open page; return False if it is none of these."""
        if step == "type":
            more = "".join(self.dice.choice("abcdefgh ") for _ in range(3))
            page.locator(WORDS).focus()
            page.keyboard.press("Control+End")
            page.keyboard.insert_text(more)
            self.words += more
        elif step == "code":
            self._code += self.dice.choice("0123456789")
            page.locator(CODE).first.focus()
            page.keyboard.press("Control+A")
            page.keyboard.insert_text(self._code)
        elif step == "choose":
            box = page.locator(CHOICES).nth(self.dice.randrange(2))
            box.check()
            self.chosen = box.get_attribute("value")
        elif step == "slow":
            self._slow = page.context.new_cdp_session(page)
            self._slow.send("Network.enable")
            self._slow.send("Network.emulateNetworkConditions", {"offline": False, **SLOW})
        elif step == "cut":
            page.context.set_offline(True)
        elif step == "hang":
            page.route("**/save", lambda route: None)
        elif step == "lose":
            page.route("**/save", lose_answer)
        else:
            return False
        return True

    def line_is_back(self, page: Any) -> None:
        """End what was done to the line, its slowness too."""
        line_is_back(page)
        if self._slow:
            with contextlib.suppress(Error):  # Its page may be closed.
                self._slow.detach()
        self._slow = None

    def pause(self, page: Any) -> None:
        """Wait as long as the dice say."""
        page.wait_for_timeout(self.dice.choice(WAITS))


def lose_answer(route: Any) -> None:
    """Let a change reach the server and lose its answer; a server that was killed takes nothing."""
    for step in (route.fetch, route.abort):
        with contextlib.suppress(Error):
            step()


def line_is_back(page: Any) -> None:
    """End what was done to the line."""
    page.unroute_all(behavior="ignoreErrors")
    page.context.set_offline(False)


def chosen(seeds: Iterable[int]) -> list[int]:
    """Return the seeds to run: those that the environment names, else all."""
    named = os.environ.get(CHOSEN, "")
    if not named:
        return list(seeds)
    first, _, last = named.partition("-")
    return list(range(int(first), int(last or first) + 1))


def run_sequences(runner: str, seeds: Iterable[int], run_one: Callable[[int], None]) -> None:
    """Run a sequence for each seed. Raises AssertionError that names the seeds of those that failed.

    A seed is on the disk before its sequence begins: it is known however the run ends.
    """
    failed: list[str] = []
    for seed in chosen(seeds):
        record(runner, seed, "began")
        began = time.monotonic()
        try:
            run_one(seed)
        except Exception:
            failed.append(f"{runner}, seed {seed}: {traceback.format_exc(limit=-2)}")
            record(runner, seed, "failed", error=traceback.format_exc()[-4000:])
        else:
            record(runner, seed, "kept", seconds=round(time.monotonic() - began, 1))
        if len(failed) == MOST_FAILED:
            break
    assert not failed, "\n".join([*failed, f"Run one again with {CHOSEN}=SEED. All are in {RECORD}."])


def record(runner: str, seed: int, outcome: str, **more: Any) -> None:
    """Write a line to the record, on the disk before anything else happens."""
    RECORD.parent.mkdir(exist_ok=True)
    line = json.dumps({"at": round(time.time()), "runner": runner, "seed": seed, "outcome": outcome, **more})
    with RECORD.open("a") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())
