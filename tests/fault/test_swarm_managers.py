"""Three managers: the machine that runs the hub is lost, and handed over, while people work."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hub.hub_process import hub_turn
from hub.node_programs import ensure_node
from hub.ops.verbs import node as node_verb
from tests.support import small_labs
from tests.support.grading_agent import postgres_of_ones_own
from tests.support.hub_run import Hub, open_server
from tests.support.learner_kernel import Kernel
from tests.support.swarm_nodes import PREFIX, Node, Nodes, swarm_nodes
from tests.support.swarm_site import hub_at, keep_for_services, moved, prepared, swarm_settings, task_of

pytestmark = [pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(1200)]

SETTINGS = swarm_settings("try-turn", 235)


class Site:
    """Hubs on two managers; learners' servers on the third machine."""

    def __init__(self, nodes: Nodes, hubs: list[Hub]) -> None:
        self.nodes, self.hubs = nodes.nodes, hubs

    def holder(self) -> str:
        return next((each.machine for each in self.candidates() if each.holds), "")

    def candidates(self) -> list[hub_turn.Candidate]:
        return hub_turn.hub_candidates(self.hubs[0].settings)

    def wait_for_holder(self, node: Node, hub: Hub) -> None:
        """Wait until the hub of `node` runs and answers; the caller is on that machine."""
        hub.wait_until(lambda: self.holder() == node.name, f"the turn of {node.name}", 180)
        hub.wait_for(f"{hub.settings.address}/hub/health", 180)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, docker_client: Any) -> Iterator[Site]:
    image = small_labs.lab_image(docker_client)
    ensure_node()  # The machines have no way to a registry.
    with contextlib.ExitStack() as stack:
        nodes = stack.enter_context(swarm_nodes(image, managers=3))
        database = stack.enter_context(postgres_of_ones_own(f"{PREFIX}.254"))
        one, two, _three = nodes.nodes
        keep_for_services(one.client(), one, two)
        with one.entered():
            first = Hub(
                tmp_path_factory.mktemp("one"),
                settings_more={**SETTINGS, "database": database.url},
                image=image,
                env_more={"DOCKER_HOST": one.engine},
            )
            first.town.add("amina.k")
            first.town.add("bosco.n")
        second = hub_at(two, first, tmp_path_factory.mktemp("two"))
        stack.enter_context(prepared(one, first, image))
        stack.enter_context(prepared(two, second, image))
        with one.entered():
            first.start()
        with two.entered():
            start_waiting(second)
        yield Site(nodes, [first, second])


def start_waiting(hub: Hub) -> None:
    """Start a hub that has to wait, and see that it does."""
    for which in ("campus", "learner"):
        hub.start_proxy(which)
    hub.run("hub", [sys.executable, "-m", "jupyterhub", "-f", str(hub.folder / "config.py")])
    hub.wait_until(lambda: "turn-waits" in hub.log("hub"), "a hub that waits", 120)


def test_the_hub_goes_on_at_another_manager_when_its_machine_is_killed_and_learners_keep_their_servers(site):
    (one, two, _three), (first, second) = site.nodes, site.hubs
    with one.entered():
        browser = first.signed_in("amina.k")
        assert open_server(browser, "amina.k")[-1].status_code == 200
        kernel = Kernel(first, browser, "amina.k")
        # In the container's own memory: it is gone if the server starts again.
        kernel.run("open('/tmp/kept.txt', 'w').write('typed')")
        task = task_of(one.client(), first, "amina.k")["ID"]
        assert site.holder() == one.name
    killed = time.monotonic()
    one.kill()
    with two.entered():
        site.wait_for_holder(two, second)
        print(f"hub answered on another manager after {time.monotonic() - killed:.0f} s")
        assert task_of(two.client(), second, "amina.k")["ID"] == task
        again = moved(browser, second)
        assert again.get("/hub/api/user").json()["servers"][""]["ready"]
        assert read(second, again, "amina.k") == "typed"
        # New people come in as well.
        other = second.signed_in("bosco.n")
        assert open_server(other, "bosco.n")[-1].status_code == 200
        assert read(second, other, "bosco.n", "print(2 + 2)") == "4"


def test_a_manager_that_comes_back_waits_and_gets_the_hub_back_by_hand(site, tmp_path, capsys):
    (one, two, _three), (first, second) = site.nodes, site.hubs
    one.switch_on()
    back = hub_at(one, first, tmp_path)
    with two.entered():
        browser = second.signed_in("amina.k")
        assert open_server(browser, "amina.k")[-1].status_code == 200
        Kernel(second, browser, "amina.k").run("open('/tmp/again.txt', 'w').write('kept')")
        task = task_of(two.client(), second, "amina.k")["ID"]
    with prepared(one, back, back.image):
        with one.entered():
            start_waiting(back)
            expected = [(two.name, True), (one.name, False)]
            back.wait_until(
                lambda: [(each.machine, each.holds) for each in site.candidates()] == expected,
                "the hub in the queue",
            )
            assert node_verb.hand_over(back.settings) == 0
            assert f"{one.name} runs the hub now" in capsys.readouterr().out
            site.wait_for_holder(one, back)
            again = moved(browser, back)
            assert task_of(one.client(), back, "amina.k")["ID"] == task
            assert read(back, again, "amina.k", "print(open('/tmp/again.txt').read())") == "kept"
        # The hub that lost its turn ended by itself.
        second.processes["hub"].wait(60)


def read(
    hub: Hub, browser: httpx.Client, name: str, code: str = "print(open('/tmp/kept.txt').read())"
) -> str:
    """Return what `code` prints in a kernel of a server that runs already."""
    hub.wait_until(
        lambda: browser.get(f"{hub.settings.learner_address}/user/{name}/api/status").status_code == 200,
        "the way to the server",
        120,
    )
    kernel = Kernel(hub, browser, name)
    try:
        return kernel.run(code).strip()
    finally:
        kernel.close()
