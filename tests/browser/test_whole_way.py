"""The whole way on a real lab: a trainer releases, two learners work in containers of their own, both get feedback.

Nothing is pretended: JupyterHub, both proxies, the campus, the agent with its grader container, Chromium.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from labs.authoring.lab_build import build_lab
from labs.authoring.lab_spec import find_lab
from tests.support.desk_page import DeskPage
from tests.support.hub_run import Hub
from tests.support.notebook_page import PATIENCE
from tests.support.small_labs import image, lab_image, network

pytestmark = [pytest.mark.browser, pytest.mark.engine]

SETTINGS = {
    "evaluate": False,
    "project": "try-way",
    "network": {"name": "try-way", "bridge": "tryway0", "subnet": "10.229.0.0/16"},
}
LAB = "where-to-set-the-bar"
TITLE = "4 · Where to set the bar"
PHONE = 400
GOOD = {"staff": 3, "cost": 20, "first": "find", "because": "harm", "signs": "head", "below": "turn"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, docker_client: Any) -> Iterator[Hub]:
    made = Hub(
        tmp_path_factory.mktemp("way"),
        settings_more=SETTINGS,
        image=lab_image(docker_client),
        env_more={"ISOMO_GRADER_IMAGE": image(docker_client, "grader")},
    )
    for name in ("amina.k", "bosco.n"):
        made.town.add(name)
    made.town.add("claudine.u", role="trainer")
    build_lab(find_lab(LAB), made.settings.state / "labs")
    with network(docker_client, made):
        try:
            made.start()
            made.start_campus()
            made.run("agent", [sys.executable, "-m", "graders.agent"])
            made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
            yield made
        finally:
            made.stop_all()


@pytest.fixture(scope="module")
def times() -> Iterator[dict[str, float]]:
    """Seconds by step, written to the file that ISOMO_WAY_TIMES names."""
    taken: dict[str, float] = {}
    yield taken
    if os.environ.get("ISOMO_WAY_TIMES"):
        Path(os.environ["ISOMO_WAY_TIMES"]).write_text(json.dumps(taken, indent=1))


@contextmanager
def step(times: dict[str, float], name: str, person: Person) -> Iterator[None]:
    """One step of the way; where it fails there is a picture of what was to be seen."""
    began = time.monotonic()
    try:
        yield
    except BaseException:
        person.look("failed")
        raise
    times[name] = round(time.monotonic() - began, 1)


class Person:
    """Somebody at a browser, signed in by a one-time link."""

    def __init__(self, hub: Hub, browser: Any, name: str, width: int = 1280) -> None:
        self.hub = hub
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        self.page = context.new_page()
        self.page.goto(hub.town.link(name))
        self.page.click("#welcome_submit")
        self.page.wait_for_url("**/services/campus/")

    def home(self) -> str:
        """The text of one's home page."""
        self.page.goto(f"{self.hub.settings.address}/services/campus/")
        return str(self.page.inner_text("main"))

    def look(self, name: str) -> None:
        """Keep a picture, where ISOMO_PICTURES names a folder."""
        if os.environ.get("ISOMO_PICTURES"):
            self.page.screenshot(path=f"{os.environ['ISOMO_PICTURES']}/{name}.png")


def test_a_trainer_releases_two_learners_hand_in_and_each_gets_their_own_back(
    hub: Hub, browser: Any, times: dict[str, float]
) -> None:
    trainer = Person(hub, browser, "claudine.u")
    with step(times, "trainer releases", trainer):
        trainer.page.click("text=Everyone")
        trainer.page.click(f"article:has-text('{TITLE}') button:has-text('Release')")
        trainer.page.locator("main", has_text="0 of 2 handed in").wait_for()
    amina, bosco = Person(hub, browser, "amina.k"), Person(hub, browser, "bosco.n", width=PHONE)
    assert "Nothing handed in yet." in amina.home()
    amina.look("1-home")
    with step(times, "amina opens the lab", amina):
        amina.page.click("text=Open the lab")
        hers = DeskPage(amina.page)
    with step(times, "amina works and hands in", amina):
        receipt = work(amina, hers, good=True)
    with step(times, "bosco opens the lab", bosco):
        bosco.home()
        bosco.page.click("text=Open the lab")
        his = DeskPage(bosco.page)
    with step(times, "bosco works and hands in", bosco):
        other = work(bosco, his, good=False)
    assert receipt != other
    with step(times, "both are graded", trainer):
        # The page was open all the time, and follows by itself.
        for name in ("amina.k", "bosco.n"):
            trainer.page.locator("tr", has_text=name).locator(".badge.graded").wait_for()
    trainer.look("5-submissions")
    with step(times, "feedback returns", trainer):
        trainer.page.click("summary:has-text('Return feedback to all')")
        trainer.page.click("text=Return it now")
        trainer.page.wait_for_load_state()
        assert "Read your feedback" in bosco.home()
    mine = amina.home()
    amina.look("6-returned")
    assert receipt in mine
    assert other not in mine
    amina.page.click("text=Read your feedback")
    notes = amina.page.frame_locator("iframe")
    notes.locator("body", has_text="bar = 0.06").wait_for()
    assert "HIDDEN TESTS" not in notes.locator("body").inner_text()
    amina.look("7-feedback")
    answer = bosco.page.request.get(amina.page.url)
    assert answer.status in (403, 404), "nobody reads another one's feedback"


def work(person: Person, desk: DeskPage, *, good: bool) -> str:
    """Wrong first, then right (or not), then hand in; returns the receipt's number."""
    desk.says(desk.run('lab.check("t4"'), "Not attempted yet.")
    person.look(f"2-begun-{good}")
    desk.run("bar = None", write="bar = 0.5")
    check = desk.run('lab.check("t4"')
    desk.says(check, "Not yet")
    person.look(f"3-not-yet-{good}")
    if good:
        desk.run("bar = None", write="bar = 0.06")
        desk.says(desk.run('lab.check("t4"'), "Yes. With the bar at 0.06")
    handed_in = desk.hand_in()
    desk.says(handed_in, "Handed in.")
    person.look(f"4-receipt-{good}")
    found = re.search(r"R-[0-9]{4}-[0-9]{2}-[0-9]{2}-[A-Z0-9]+", handed_in.inner_text())
    assert found
    return found[0]
