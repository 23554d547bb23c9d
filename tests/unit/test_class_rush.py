"""The visitors of `./isomo bench class` behave as browsers do on a waiting page."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import jupyterhub
import pytest

from bench.class_rush import EVENTS, open_when_ready, ours_opens
from tests.support.hub_run import ROOT

PENDING, PROGRESS = "/hub/spawn-pending/amina.k", "/hub/api/users/amina.k/server/progress?_xsrf=a"
STEPS = ({"progress": 5, "message": "You are number 1 of 2 who wait."}, {"progress": 100, "ready": True})


class Hub:
    """Answers as a hub does while a server starts; `steps` are its events."""

    def __init__(self, *steps: dict[str, object]) -> None:
        self.asked: list[str] = []
        self._steps = steps

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        self.asked.append(path)
        if path == PROGRESS:
            return httpx.Response(200, text="".join(f"data: {json.dumps(step)}\n\n" for step in self._steps))
        if path == PENDING and PROGRESS not in self.asked:
            return httpx.Response(
                200, text=f"<script>const events = new EventSource({json.dumps(PROGRESS)});"
            )
        ways = {
            PENDING: "/user/amina.k/isomo/open/c/lab",
            "/user/amina.k/isomo/open/c/lab": "/user/amina.k/desk/lab",
        }
        if path.startswith("/services/campus/open/"):
            return httpx.Response(303, headers={"location": PENDING})
        if path in ways:
            return httpx.Response(302, headers={"location": ways[path]})
        return httpx.Response(200, text="the desk")

    @property
    def client(self) -> httpx.Client:
        return httpx.Client(base_url="http://isomo.example", transport=httpx.MockTransport(self))


def test_a_visitor_loads_the_waiting_page_twice_and_goes_on_to_the_lab() -> None:
    hub = Hub(*STEPS)
    ours_opens(hub.client, "amina.k")
    assert [path for path in hub.asked if path in (PENDING, PROGRESS)] == [PENDING, PROGRESS, PENDING]
    assert hub.asked[-1] == "/user/amina.k/desk/lab"
    assert not any(path.startswith("/user/amina.k/lab") for path in hub.asked), (
        "nobody opens JupyterLab on the way"
    )


def test_a_start_that_failed_is_told() -> None:
    with pytest.raises(RuntimeError, match="no room"):
        open_when_ready(Hub({"failed": True, "message": "no room"}).client, PENDING)


def test_the_waiting_pages_of_both_sides_have_the_events_that_are_looked_for() -> None:
    stock = Path(jupyterhub.__file__).parents[4] / "share" / "jupyterhub" / "templates" / "spawn_pending.html"
    ours = ROOT / "hub" / "hub_process" / "templates" / "spawn_pending.html"
    assert EVENTS.search(stock.read_text())
    assert EVENTS.search(ours.read_text().replace("{{ progress_url | tojson }}", json.dumps(PROGRESS)))
