"""Make the pictures of the front page: a lab at the learner's desk, and its submissions as the trainer sees them.

In a checkout, after `./isomo test unit` has made the environment:

    PYTHONPATH=. .isomo/env-test/bin/python docs/pictures/make_pictures.py

Both pages are the real ones, served by what the browser tests use. People, work and results are made up.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from hub.campus.built_labs import Built, find_built
from hub.campus.request_context import COOKIE
from hub.isomo_settings import Settings
from hub.node_programs import ensure_node
from hub.ops.desk_build import ensure_desk
from hub.ops.verbs import demo
from hub.store import GradedRecord, Store
from labs.authoring.lab_build import build_lab
from labs.authoring.lab_spec import find_lab as source_of
from tests.conftest import CHROMIUM_ARGS
from tests.support.desk_page import DeskPage
from tests.support.desk_served import SLUG
from tests.support.labs_served import TOKEN, campus_served, labs_served
from tests.support.pretended_campus import ROOT, Campus
from tests.support.served_campus import served
from tests.support.small_stores import settings_for

FOLDER = Path(__file__).resolve().parent
VIEW: ViewportSize = {"width": 1280, "height": 800}
MOST_BYTES = 150_000
COURSE = demo.COURSE[0]
# Who handed in, and how each graded task ended: one letter a task, in the order of the lab.
WORK = {
    "amina.k": "ppppp",
    "bosco.n": "pnpnp",
    "chantal.m": "ppnnp",
    "david.h": "pp---",
}
OUTCOMES = {"p": "passed", "n": "not-yet", "-": "not-attempted"}


def learner_page(browser: Browser, folder: Path) -> bytes:
    """Return a picture of the desk: a bar is set, run and checked."""
    env = {"ISOMO_DESK": str(ensure_desk())}
    with (
        campus_served() as (campus, _),
        labs_served([source_of(SLUG)], folder, env={**campus, **env}) as address,
    ):
        page = browser.new_page(viewport=VIEW, device_scale_factor=1, locale="en-GB")
        page.set_default_timeout(120_000)
        page.goto(f"{address}/desk/{SLUG}?token={TOKEN}")
        desk = DeskPage(page)
        desk.run("bar = None", write="bar = 0.06")
        desk.says(desk.run('lab.check("t4"'), "Yes. With the bar at 0.06")
        desk.saved()
        page.evaluate("location.hash = '#part-5'")
        page.locator("article.part").first.wait_for()
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.mouse.move(0, 0)
        taken = picture(page)
        page.close()
        return taken


def demonstration(settings: Settings, store: Store) -> Built:
    """Make the class of `./isomo demo`, release the lab in it, and return the lab."""
    build_lab(source_of(SLUG), settings.state / "labs")
    demo.make_class(settings, store)
    demo.release_first_lab(settings, store)
    return find_built(settings.state / "labs", SLUG)


def hand_in_and_grade(store: Store, lab: Built) -> None:
    """Let the learners of WORK hand in, and record results; one more learner still waits."""
    work = lab.release_files()[f"en/{SLUG}.ipynb"]
    graded = [task for task in lab.tasks if task.get("points") and task["kind"] != "text"]
    for name, letters in WORK.items():
        store.attempts.submit(COURSE, SLUG, name, {f"{SLUG}.ipynb": work})
        tasks = [verdict(task, OUTCOMES[letter]) for task, letter in zip(graded, letters, strict=False)]
        record = GradedRecord(tasks=tasks, notebook=work, feedback_html=b"", engine="picture")
        claimed = store.claim_ungraded("picture", 60)
        if claimed is None or not store.record_grading(claimed, record):
            raise RuntimeError(f"{name}'s work was handed in and does not wait to be graded")
    handed_in = [attempt.id for attempt in store.results.newest(COURSE, SLUG)]
    store.results.return_to(handed_in, "claudine.u")
    store.attempts.submit(COURSE, SLUG, "esther.i", {f"{SLUG}.ipynb": work})


def verdict(task: dict[str, Any], outcome: str) -> dict[str, Any]:
    """Return one task's result, as an engine reports it."""
    points = float(task["points"])
    score = points if outcome == "passed" else 0.0
    return {
        "grade_id": task["id"],
        "outcome": outcome,
        "score": score,
        "max_score": points,
        "message": "",
        "flags": [],
    }


def trainer_page(browser: Browser, folder: Path) -> bytes:
    """Return a picture of a lab's submissions."""
    store = Store.migrate(settings_for(folder))
    hand_in_and_grade(store, demonstration(store.settings, store))
    with served(folder, store) as (campus, address):
        page = signed_in(browser, campus, "claudine.u")
        page.goto(f"{address}/courses/{COURSE}/labs/{SLUG}")
        page.locator("#submissions table").wait_for()
        taken = picture(page)
        page.context.close()  # Its stream of events would outlive the campus.
        return taken


def signed_in(browser: Browser, campus: Campus, name: str) -> Any:
    """Return a page of a browser in which `name` is signed in to the campus."""
    context = browser.new_context(viewport=VIEW, device_scale_factor=1, locale="en-GB")
    cookie = campus.browser(name).cookies[COOKIE]
    context.add_cookies([{"name": COOKIE, "value": cookie, "domain": "127.0.0.1", "path": ROOT}])
    return context.new_page()


def picture(page: Any) -> bytes:
    """Return what the window shows of a page, as PNG."""
    return bytes(page.screenshot(type="png", animations="disabled"))


PICTURES: dict[str, Callable[[Browser, Path], bytes]] = {
    "learner": learner_page,
    "trainer": trainer_page,
}


def main() -> int:
    """Write each picture next to this script; returns 1 if one is too large for the front page."""
    ensure_node()
    with sync_playwright() as play:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        sizes = {}
        for name, made in PICTURES.items():
            with tempfile.TemporaryDirectory(prefix="isomo-picture-") as folder:
                content = made(browser, Path(folder))
            (FOLDER / f"{name}.png").write_bytes(content)
            sizes[name] = len(content)
        browser.close()
    sys.stdout.write("".join(f"{name}.png: {size:,} bytes\n" for name, size in sizes.items()))
    return int(any(size > MOST_BYTES for size in sizes.values()))


if __name__ == "__main__":
    sys.exit(main())
