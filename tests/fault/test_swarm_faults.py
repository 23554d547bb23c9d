"""Three machines: learners' servers on any of them, and machines that are lost or cut off while people work."""

from __future__ import annotations

import operator
import time
from functools import partial

import pytest

from hub.hub_process.container_safety import host_config
from hub.isomo_settings import parse_settings
from hub.node_programs import ensure_node
from hub.ops import swarm_nodes as machines
from hub.ops.verbs import node as node_verb
from hub.secret_keys import Secrets
from hub.shared_names import opaque_name
from hub.swarm_machines import ROLE
from tests.support import small_labs
from tests.support.hub_run import Hub, open_server
from tests.support.learner_kernel import Kernel
from tests.support.swarm_nodes import Node, Nodes, swarm_nodes

pytestmark = [pytest.mark.engine, pytest.mark.full]

PEOPLE = ("amina.k", "bosco.n")
SETTINGS = {
    "evaluate": False,
    "project": "try-swarm",
    "spawner": "swarm",
    "network": {"name": "try-swarm", "bridge": "tryswarm0", "subnet": "10.234.0.0/16"},
    "learner": {"memory": "512 MiB", "processes": 96},
    "swarm": {"encrypted": False},  # The kernel of the test machine may lack ESP.
}


class Site:
    """A hub on the first machine, learners' servers on the two others."""

    def __init__(self, nodes: Nodes, hub: Hub) -> None:
        self.nodes, self.hub = nodes, hub
        self.client = nodes.nodes[0].client()
        self.browsers = {name: hub.signed_in(name) for name in PEOPLE}

    def service(self, name: str) -> str:
        return f"try-swarm-{opaque_name(Secrets.load(self.hub.settings).names_key, name)}"

    def task(self, name: str) -> dict[str, object]:
        (task,) = self.client.services.get(self.service(name)).tasks()
        return task

    def node_of(self, name: str) -> Node:
        ids = {node.client().info()["Swarm"]["NodeID"]: node for node in self.nodes.nodes if node.answers()}
        return ids[self.task(name)["NodeID"]]

    def open(self, name: str) -> Kernel:
        assert open_server(self.browsers[name], name)[-1].status_code == 200
        return Kernel(self.hub, self.browsers[name], name)

    def has_server(self, name: str) -> bool:
        """Whether the hub counts the learner's server as running, starting or stopping."""
        return "" in (self.browsers[name].get("/hub/api/user").json().get("servers") or {})

    def processes_of(self, name: str) -> int:
        """Count the learner's server processes on all machines, reached or not."""
        return sum(
            self.service(name) in each
            for node in self.nodes.nodes
            if node.answers()
            for each in (container.name for container in node.client().containers.list(ignore_removed=True))
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory, docker_client):
    image = small_labs.lab_image(docker_client)
    ensure_node()  # The machines have no way to a registry.
    with swarm_nodes(image) as nodes:
        first = nodes.nodes[0]
        client = first.client()
        manager = client.nodes.list(filters={"role": "manager"})[0]
        manager.update({**manager.attrs["Spec"], "Labels": {ROLE: "services"}})
        with first.entered():
            made = Hub(
                tmp_path_factory.mktemp("hub"),
                settings_more=SETTINGS,
                image=image,
                env_more={"DOCKER_HOST": first.engine},
            )
            for name in PEOPLE:
                made.town.add(name)
            with small_labs.network(client, made):
                machines.ensure_door_ways(client, made.settings, image)
                try:
                    yield Site(nodes, made.start())
                finally:
                    made.stop_all()
                    machines.remove_all(client, made.settings)


def test_learners_are_on_different_machines_with_the_safety_of_one_machine_and_apart(site):
    kernels = {name: site.open(name) for name in PEOPLE}
    assert site.node_of("amina.k").name != site.node_of("bosco.n").name
    status = dict(
        line.split(":", 1)
        for line in kernels["amina.k"].run("print(open('/proc/self/status').read())").splitlines()
        if ":" in line
    )
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, kind
    assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == ("1", "2")
    address = site.task("bosco.n")["NetworksAttachments"][0]["Addresses"][0].partition("/")[0]
    gateway = site.hub.settings.gateway
    targets = {
        "neighbour": (address, 8888),
        "machine": (gateway, 22),
        "hub": ("door", site.hub.settings.ports.hub),
    }
    reached = kernels["amina.k"].run(REACH.format(targets=targets))
    assert reached.strip() == "['hub']"
    for kernel in kernels.values():
        kernel.close()


REACH = """
import socket
found = []
for name, place in {targets!r}.items():
    try:
        socket.create_connection(place, timeout=3).close()
        found.append(name)
    except OSError:
        pass
print(found)
"""


def test_a_service_has_the_limits_that_a_container_has(site):
    site.open("amina.k").close()
    node = site.node_of("amina.k")
    (found,) = [
        each.attrs["HostConfig"]
        for each in node.client().containers.list(ignore_removed=True)
        if site.service("amina.k") in each.name
    ]
    limits = site.hub.settings.learner
    wanted = site.client.api.create_host_config(**host_config(limits), mem_limit=int(limits.memory))
    same = (
        "ReadonlyRootfs",
        "CapDrop",
        "Memory",
        "PidsLimit",
        "Dns",
        "DnsOptions",
        "Init",
    )
    assert {name: found[name] for name in same} == {name: wanted[name] for name in same}
    assert found["LogConfig"] == dict(wanted["LogConfig"])
    by_name = operator.itemgetter("Name")
    assert sorted(found["Ulimits"], key=by_name) == sorted(map(dict, wanted["Ulimits"]), key=by_name)
    assert found["NanoCpus"] == limits.cpu * 10**9
    # A Swarm keeps the reserved memory in its own books, for placement; the container is not told.
    reserved = site.task("amina.k")["Spec"]["Resources"]["Reservations"]["MemoryBytes"]
    assert reserved == wanted["MemoryReservation"]


def test_a_machine_that_is_cut_off_for_two_minutes_leads_to_no_second_server_and_no_lost_work(site):
    kernel = site.open("amina.k")
    kernel.run("open('/home/learner/kept.txt', 'w').write('typed')")
    node, task = site.node_of("amina.k"), site.task("amina.k")["ID"]
    node.cut()
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert site.has_server("amina.k")
        assert site.task("amina.k")["ID"] == task
        assert site.processes_of("amina.k") == 1
        time.sleep(5)
    node.join_again()
    site.hub.wait_until(lambda: not site.has_server("amina.k"), "the end of the old server", 90)
    again = site.open("amina.k")
    assert again.run("print(open('/home/learner/kept.txt').read())").strip() == "typed"
    assert site.processes_of("amina.k") == 1


def test_the_learner_of_a_machine_that_is_killed_is_back_on_another_one(site):
    kernel = site.open("bosco.n")
    kernel.run("open('/home/learner/kept.txt', 'w').write('typed')")
    node = site.node_of("bosco.n")
    node.kill()
    site.hub.wait_until(lambda: not site.has_server("bosco.n"), "the news of the lost machine", 120)
    again = site.open("bosco.n")
    assert site.node_of("bosco.n").name != node.name
    assert again.run("print(open('/home/learner/kept.txt').read())").strip() == "typed"
    node.switch_on()
    again.close()
    # A learner who had a server on the same machine is back too.
    browser = site.browsers["amina.k"]
    site.hub.wait_until(
        lambda: open_server(browser, "amina.k")[-1].status_code == 200, "the other learner", 120
    )


def test_a_restart_of_the_managers_engine_leaves_servers_and_what_kernels_hold_alone(site):
    site.open("amina.k").run(
        "open('/tmp/kept.txt', 'w').write('typed')"
    )  # Gone if the container starts again.
    task = site.task("amina.k")["ID"]
    site.nodes.nodes[0].restart()
    status = f"{site.hub.settings.learner_address}/user/amina.k/api/status"
    browser = site.browsers["amina.k"]
    site.hub.wait_until(lambda: browser.get(status).status_code == 200, "the way to the server", 120)
    assert site.open("amina.k").run("print(open('/tmp/kept.txt').read())").strip() == "typed"
    assert site.task("amina.k")["ID"] == task


def test_machines_are_upgraded_one_after_the_other_while_people_work(site):
    for name in PEOPLE:
        kernel = site.open(name)
        kernel.run("open('/home/learner/kept.txt', 'w').write('typed')")
        kernel.close()
    for node in site.nodes.nodes[1:]:
        names = [name for name in PEOPLE if site.node_of(name).name == node.name]
        found = machines.find_node(machines.list_nodes(site.client, site.hub.settings), node.name)
        assert node_verb.drain_node(site.client, site.hub.settings, found) == 0
        node.restart()  # What an upgrade of the engine, or of the whole machine, does.
        for name in names:
            kernel = site.open(name)
            assert site.node_of(name).name != node.name
            assert kernel.run("print(open('/home/learner/kept.txt').read())").strip() == "typed"
            kernel.close()
        machines.set_availability(site.client, found, "active")
        site.hub.wait_until(partial(ready, site.client, node.name), "the upgraded machine", 120)
    assert all(site.processes_of(name) == 1 for name in PEOPLE)


def ready(client, name: str) -> bool:
    return machines.find_node(machines.list_nodes(client, parse_settings(SETTINGS)), name).state == "ready"
