"""The whole way of `test_whole_way` on three machines: same steps, and the two learners are on different ones."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from hub.node_programs import ensure_node
from labs.authoring.lab_build import build_lab
from labs.authoring.lab_spec import find_lab
from tests.browser import test_whole_way as one_machine
from tests.support.hub_run import Hub
from tests.support.small_labs import image, lab_image
from tests.support.swarm_nodes import Nodes, give_image, swarm_nodes
from tests.support.swarm_site import keep_for_services, prepared, spread, swarm_settings

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(1200)]

times = one_machine.times


@pytest.fixture(scope="module")
def nodes(docker_client: Any) -> Iterator[Nodes]:
    lab, grader = lab_image(docker_client), image(docker_client, "grader")
    ensure_node()  # The machines have no way to a registry.
    with swarm_nodes(lab) as made:
        give_image(grader, made.nodes[:1])
        keep_for_services(made.nodes[0].client(), made.nodes[0])
        yield made


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, docker_client: Any, nodes: Nodes) -> Iterator[Hub]:
    first, lab = nodes.nodes[0], lab_image(docker_client)
    with first.entered():  # The browser, which starts later, is on this machine too.
        made = Hub(
            tmp_path_factory.mktemp("way"),
            settings_more=swarm_settings("try-far", 239),
            image=lab,
            env_more={"ISOMO_GRADER_IMAGE": image(docker_client, "grader"), "DOCKER_HOST": first.engine},
        )
        for name in ("amina.k", "bosco.n"):
            made.town.add(name)
        made.town.add("claudine.u", role="trainer")
        build_lab(find_lab(one_machine.LAB), made.settings.state / "labs")
        with prepared(first, made, lab):
            made.start()
            made.start_campus()
            made.run("agent", [sys.executable, "-m", "graders.agent"])
            made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
            yield made


def test_the_whole_way_is_the_same_on_three_machines_with_learners_on_different_ones(
    hub: Hub, nodes: Nodes, browser: Any, times: dict[str, float]
) -> None:
    one_machine.test_a_trainer_releases_two_learners_hand_in_and_each_gets_their_own_back(hub, browser, times)
    placed = spread(nodes, nodes.nodes[0].client(), hub)
    assert placed[nodes.nodes[0].name] == 0
    assert sorted(placed.values()) == [0, 1, 1]
