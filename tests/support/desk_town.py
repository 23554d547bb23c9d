"""A learner, her browser and a whole installation of real processes, each of which may be killed at any moment."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.ops.desk_build import ensure_desk
from hub.secret_keys import Secrets
from hub.shared_names import opaque_name
from labs.authoring.lab_build import build_lab
from labs.authoring.lab_spec import find_lab
from labs.datasets.learners_data import ready_data
from labs.kit.run_cells import text_of
from tests.support.hub_people import COURSE
from tests.support.hub_run import Hub
from tests.support.notebook_page import PATIENCE

LEARNER, TRAINER = "amina.k", "claudine.u"
LAB, NEXT_LAB = "where-to-set-the-bar", "hide-the-person"
CELL = "t4-answer"
WORDS = '[id="task-j-why"] textarea'
PAGE_KEPT = "async () => Boolean(await caches.match(location.href.split('#')[0]))"
QUICK_POLL = "c.Spawner.poll_interval = 1\nc.Spawner.http_timeout = 30\n"
"""A hub notices a server that died at its next look, which is half a minute away by default.

If it was killed while it started a plain process, it waits so long at the wrong port before it starts another."""


@dataclass(frozen=True)
class WorkOnDisk:
    """The lab in a learner's home."""

    folder: Path

    def answers(self) -> dict[str, Any]:
        """Return what was answered, by task."""
        try:
            found = json.loads((self.folder / "answers.json").read_text())
        except (OSError, ValueError):
            return {}
        return dict(found["answers"])

    def words(self) -> str:
        """Return the written task's words."""
        return str(self.answers().get("j-why", {}).get("words", ""))

    def source(self) -> str:
        """Return the text of the cell that a learner writes."""
        cells = json.loads((self.folder / f"{LAB}.ipynb").read_text())["cells"]
        return next(text_of(cell) for cell in cells if cell["id"] == CELL)

    def put(self, task: str, words: str, code: str) -> None:
        """Write words and code, as another device would."""
        path = self.folder / "answers.json"
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(path.read_text())
            found["answers"].pop(task, None)
            if words:
                found["answers"][task] = {"words": words}
            path.write_text(json.dumps(found))
        notebook = self.folder / f"{LAB}.ipynb"
        made = json.loads(notebook.read_text())
        for cell in made["cells"]:
            if cell["id"] == CELL:
                cell["source"] = code
        notebook.write_text(json.dumps(made))


class DeskTown:
    """An installation without containers in which two labs are released."""

    def __init__(self, folder: Path) -> None:
        ready_data()
        self.desk = ensure_desk()
        self.hub = Hub(folder, more=QUICK_POLL, env_more={"ISOMO_DESK": str(self.desk)})
        self.hub.town.add(LEARNER)
        self.hub.town.add(TRAINER, role="trainer")
        for lab in (LAB, NEXT_LAB):
            build_lab(find_lab(lab), self.hub.settings.state / "labs")

    @property
    def campus(self) -> str:
        """The campus' address as a browser knows it."""
        return f"{self.hub.settings.address}/services/campus"

    @property
    def store(self) -> Any:
        """The installation's store."""
        return self.hub.town.store

    def start(self, browser: Any) -> None:
        """Start everything and release both labs as a trainer does."""
        self.hub.start()
        self.start_campus()
        page = self.signed_in(browser, TRAINER)
        for lab in (LAB, NEXT_LAB):
            self.release(page, lab)
        page.context.close()

    def release(self, page: Any, lab: str) -> None:
        """Release one lab by its button."""
        title = {LAB: "Where to set the bar", NEXT_LAB: "Hide the person"}[lab]
        page.goto(f"{self.campus}/courses/{COURSE}")
        page.locator("article", has_text=title).locator("button", has_text="Release").click()
        page.locator("main", has_text="handed in").first.wait_for()

    def return_feedback(self) -> None:
        """Return the feedback of every attempt, as the trainer does by a button."""
        attempts = [each.id for each in self.store.attempts.list(COURSE)]
        assert self.store.results.return_to(attempts, TRAINER)

    def start_campus(self) -> None:
        """Start the campus and wait until it answers."""
        self.hub.start_campus()
        self.hub.wait_for(f"{self.hub.settings.campus_url}/api/openapi.json")

    def signed_in(self, browser: Any, name: str = LEARNER) -> Any:
        """Return a page of a fresh browser in which somebody is signed in."""
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(self.hub.town.link(name))
        page.click("#welcome_submit")
        page.wait_for_url("**/services/campus/**")
        return page

    def open_lab(self, page: Any, lab: str = LAB, part: str = "all") -> None:
        """Open a lab from the campus, starting the learner's server if it does not run."""
        page.goto(f"{self.campus}/open/{COURSE}/{lab}")
        page.wait_for_url("**/desk/**", timeout=PATIENCE)
        page.wait_for_selector(".bar h1", timeout=PATIENCE)
        page.evaluate("(part) => { location.hash = part }", f"#{part}")

    def open_again(self, page: Any, seconds: float = 120) -> None:
        """Open the lab as a learner does whose server died: again, until it is there and saves."""
        end = time.monotonic() + seconds
        while True:
            try:
                page.goto(f"{self.campus}/open/{COURSE}/{LAB}", timeout=20_000)
                page.wait_for_url("**/desk/**", timeout=15_000)
                page.wait_for_selector(".bar h1", timeout=5_000)
                page.locator(".saved[data-status=saved]").wait_for(timeout=8_000)
                break
            except Exception:
                assert time.monotonic() < end, page.url
                page.wait_for_timeout(1_000)
        page.evaluate("location.hash = '#all'")
        page.locator(WORDS).wait_for(timeout=PATIENCE)

    def work_of(self, name: str = LEARNER) -> WorkOnDisk:
        """Return what a learner's home holds of the lab."""
        home = opaque_name(Secrets.load(self.hub.settings).names_key, name)
        return WorkOnDisk(self.hub.settings.state / "homes" / home / "labs" / LAB)

    def words(self) -> str:
        """Return the written task's words on the disk."""
        return self.work_of().words()

    def source(self) -> str:
        """Return the cell's text on the disk."""
        return self.work_of().source()

    def begin_again(self) -> None:
        """Forget what was answered and written, as the lab was released."""
        self.work_of().put("j-why", "", "bar = None")

    def kill(self, which: str, name: str = LEARNER) -> None:
        """Kill a process without a warning: `server` (with its kernels), or hub, campus, proxy-learner."""
        if which != "server":
            self.hub.stop(which, signal.SIGKILL)
            return
        for pid, env in self.hub.servers().items():
            if env.get("JUPYTERHUB_USER") == name:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def bring_back(self, which: str) -> None:
        """Start what was killed, as the supervisor does; a server starts when its lab is opened."""
        if which == "campus":
            self.start_campus()
        elif which == "hub":
            self.hub.start_hub()
        elif which.startswith("proxy-"):
            self.hub.start_proxy(which.removeprefix("proxy-"))


@contextlib.contextmanager
def desk_town(folder: Path, browser: Any) -> Iterator[DeskTown]:
    """An installation that runs, and is stopped at the end."""
    made = DeskTown(folder)
    try:
        made.start(browser)
        yield made
    finally:
        made.hub.stop_all()
