"""Servers on the machines of a Swarm, without one: what is asked of the engine, and when a server counts as lost."""

from __future__ import annotations

import asyncio
import math
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from traitlets.config import Config

from hub import swarm_machines
from hub.hub_process import server_networks, swarm_door
from hub.hub_process.container_safety import NOT_FOR_SERVICES, host_config, service_task
from hub.hub_process.jupyterhub_setup import several_machines
from hub.hub_process.server_lease import LEASE_SECONDS, lease_age
from hub.hub_process.swarm_door import door_rules, learner_subnets, rules_are_set
from hub.hub_process.swarm_spawner import (
    MOST_STARTS,
    SwarmLabSpawner,
    is_lost,
    starts_at_once,
    task_address,
)
from hub.isomo_settings import Limits, parse_settings
from hub.machine_memory import room_ahead
from hub.ops.swarm_checks import encryption_finding, machine_advice
from hub.ops.swarm_nodes import Node, find_node, require_manager
from hub.ops.verbs import node as node_verb
from hub.ops.verbs import status
from hub.verb_errors import IsomoError

SWARM = parse_settings({"spawner": "swarm"})
LIMITS = Limits()
HOME = {"/srv/homes/a": {"bind": "/home/learner", "mode": "rw"}}
OLD, NEW = (1, 41), (1, 47)


def test_a_service_has_every_limit_that_a_container_has():
    config = host_config(LIMITS)
    task = service_task(config, LIMITS, HOME, OLD)
    spec, resources = task["ContainerSpec"], task["Resources"]
    assert resources["Limits"] == {
        "MemoryBytes": LIMITS.memory,
        "NanoCPUs": LIMITS.cpu * 10**9,
        "Pids": config["pids_limit"],
    }
    assert resources["Reservations"]["MemoryBytes"] == config["mem_reservation"]
    assert spec["ReadOnly"] is config["read_only"] is True
    assert spec["CapabilityDrop"] == config["cap_drop"] == ["ALL"]
    assert spec["Ulimits"] == config["ulimits"]
    assert spec["DNSConfig"] == {"Nameservers": config["dns"], "Options": config["dns_opt"]}
    assert task["LogDriver"]["Options"] == config["log_config"]["config"]
    assert spec["Mounts"] == [
        {"Type": "bind", "Source": "/srv/homes/a", "Target": "/home/learner", "ReadOnly": False},
        {"Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": {"SizeBytes": 256 * 2**20, "Mode": 0o1777}},
    ]


def test_a_new_option_of_containers_cannot_be_forgotten_for_services():
    with pytest.raises(ValueError, match="devices"):
        service_task({**host_config(LIMITS), "devices": []}, LIMITS, HOME, OLD)


def test_options_that_no_service_takes_are_options_of_containers():
    assert set(NOT_FOR_SERVICES) <= set(host_config(LIMITS))


def test_a_newer_engine_is_told_that_nothing_gains_privileges():
    assert "Privileges" not in service_task(host_config(LIMITS), LIMITS, HOME, OLD)["ContainerSpec"]
    told = service_task(host_config(LIMITS), LIMITS, HOME, NEW)["ContainerSpec"]["Privileges"]
    assert told == {"NoNewPrivileges": True}


@pytest.mark.parametrize("api", [OLD, NEW])
def test_a_home_in_memory_is_its_owners_alone_with_old_and_new_engines(api):
    options = "rw,nosuid,nodev,noexec,size=512m,mode=0700,uid=1000,gid=1000"
    config = {**host_config(LIMITS), "tmpfs": {"/home/learner": options}}
    (mount,) = service_task(config, LIMITS, {}, api)["ContainerSpec"]["Mounts"]
    driver = mount["VolumeOptions"]["DriverConfig"]["Options"]
    assert (mount["Type"], mount["Target"], driver["type"]) == ("volume", "/home/learner", "tmpfs")
    assert driver["o"] == "nosuid,nodev,noexec,size=512m,mode=0700,uid=1000,gid=1000"
    assert mount["VolumeOptions"]["NoCopy"] is True  # Else what the image has there would be copied into it.


@pytest.mark.parametrize(
    ("state", "age", "lost"),
    [
        ("ready", 0, False),
        ("ready", math.inf, False),
        ("down", 0, False),
        ("down", LEASE_SECONDS + 1, True),
        (None, 0, False),
        (None, math.inf, True),
    ],
)
def test_a_server_is_lost_only_if_its_node_is_away_and_it_no_longer_touches_its_home(state, age, lost):
    node = {"Status": {"State": state}} if state else None
    assert is_lost(node, age) is lost


def test_a_lease_ages_from_the_last_touch(tmp_path):
    lease = tmp_path / "alive"
    assert lease_age(lease, 100) == math.inf
    assert lease_age(None, 100) == math.inf
    lease.touch()
    os.utime(lease, (70, 70))
    assert lease_age(lease, 100) == 30


def test_the_address_of_a_server_is_the_one_in_its_learners_network():
    def attachment(kind: str, address: str) -> dict[str, object]:
        return {"Network": {"Spec": {"Labels": {"isomo.kind": kind}}}, "Addresses": [address]}

    task = {"NetworksAttachments": [attachment("other", "10.0.0.9/24"), attachment("lab", "10.1.0.4/28")]}
    assert task_address(task) == "10.1.0.4"
    assert task_address({}) == ""


def test_the_door_forwards_to_hub_and_campus_and_from_this_machine_and_drops_the_rest():
    rules = door_rules(SWARM).splitlines()
    assert ":FORWARD DROP [0:0]" in rules
    assert ":INPUT DROP [0:0]" in rules
    forwarded = [rule for rule in rules if rule.startswith("-A FORWARD") and "conntrack" not in rule]
    assert forwarded == [
        "-A FORWARD -s 10.213.0.1/32 -p tcp -j ACCEPT",
        "-A FORWARD -d 10.213.0.1/32 -p tcp -m tcp --dport 8081 -j ACCEPT",
        "-A FORWARD -d 10.213.0.1/32 -p tcp -m tcp --dport 8082 -j ACCEPT",
    ]


def test_a_rule_more_or_less_at_the_door_is_noticed():
    saved = door_rules(SWARM)
    assert rules_are_set("# by iptables-save\n" + saved.replace("[0:0]", "[12:3400]"), SWARM)
    assert not rules_are_set(saved + "-A FORWARD -j ACCEPT\n", SWARM)
    assert not rules_are_set(saved.replace("FORWARD DROP", "FORWARD ACCEPT"), SWARM)


def test_routes_lead_to_learners_networks_and_not_to_this_machines_own():
    networks = {
        "isomo": {"IPAddress": "10.213.0.2", "IPPrefixLen": 16},
        "isomo-abc": {"IPAddress": "10.231.0.18", "IPPrefixLen": 28},
        "isomo-new": {"IPAddress": "", "IPPrefixLen": 0},
    }
    assert learner_subnets({"NetworkSettings": {"Networks": networks}}, SWARM) == ["10.231.0.16/28"]


class Ways:
    """A machine's routes and its door, which `ip`, `nsenter` and the engine show and change."""

    def __init__(self, monkeypatch, routes: list[str], networks: list[str]) -> None:
        self.routes, self.networks = routes, networks
        self.api = SimpleNamespace(inspect_container=lambda _name: self.door())
        self.meanwhile = self.refused = lambda: None
        monkeypatch.setattr(swarm_door, "_run", self.run)

    def door(self) -> dict[str, object]:
        inner = {SWARM.network.name: {"IPAddress": "10.213.0.2", "IPPrefixLen": 16}}
        places = {each: {"IPAddress": each, "IPPrefixLen": 28} for each in self.networks}
        found = {"State": {"Pid": 1}, "NetworkSettings": {"Networks": inner | places}}
        self.meanwhile()
        return found

    def run(self, command: list[str], _text: str | None = None) -> str:
        match command:
            case ["nsenter", *_]:
                return door_rules(SWARM)
            case ["ip", "route", "replace", route, *_]:
                self.routes.append(route)
            case ["ip", "route", "delete", route, *_]:
                self.refused()
                if route not in self.routes:
                    raise swarm_door.DoorError("No such process")
                self.routes.remove(route)
        return "".join(f"{each} via 10.213.0.2\n" for each in self.routes)


def test_a_way_that_another_start_opens_at_the_same_moment_stays_open(monkeypatch):
    ways = Ways(monkeypatch, [], ["10.231.0.18"])
    ways.meanwhile = lambda: ways.routes.append("10.231.0.32/28")  # After the engine was asked.
    assert swarm_door.ensure_ways(ways, SWARM) == ["10.231.0.16/28"]  # type: ignore[arg-type]
    assert sorted(ways.routes) == ["10.231.0.16/28", "10.231.0.32/28"]


def test_an_old_way_that_another_process_closes_first_fails_no_start(monkeypatch):
    ways = Ways(monkeypatch, ["10.231.0.48/28"], [])
    ways.refused = ways.routes.clear  # type: ignore[assignment]
    assert swarm_door.ensure_ways(ways, SWARM) == []  # type: ignore[arg-type]
    assert ways.routes == []


def test_an_old_way_that_cannot_be_closed_is_told(monkeypatch):
    ways = Ways(monkeypatch, ["10.231.0.48/28"], [])

    def denied() -> None:
        raise swarm_door.DoorError("Operation not permitted")

    ways.refused = denied  # type: ignore[assignment]
    with pytest.raises(swarm_door.DoorError, match="not permitted"):
        swarm_door.ensure_ways(ways, SWARM)  # type: ignore[arg-type]


def test_connections_to_a_lost_server_are_ended_and_to_nobody_else(monkeypatch):
    ran = []
    monkeypatch.setattr(swarm_door, "_run", ran.append)
    swarm_door.end_connections("10.231.0.20")
    assert ran == [["ss", "--kill", "--tcp", "--numeric", "dst", "10.231.0.20"]]
    with pytest.raises(ValueError, match="does not appear to be"):
        swarm_door.end_connections("")  # Without an address, all connections would be meant.


@pytest.mark.parametrize("error", [None, swarm_door.DoorError("no ss"), ValueError("no address")])
def test_people_who_wait_for_a_lost_server_are_told_and_it_counts_as_lost_anyway(monkeypatch, error):
    ended = []

    def end(address: str) -> None:
        ended.append(address)
        if error:
            raise error

    async def task(_spawner: SwarmLabSpawner) -> dict[str, object]:
        labels = {"Spec": {"Labels": {"isomo.kind": "lab"}}}
        attachment = {"Network": labels, "Addresses": ["10.231.0.20/28"]}
        return {"Status": {"State": "running"}, "NodeID": "1", "NetworksAttachments": [attachment]}

    async def away(_spawner: SwarmLabSpawner, _task: object) -> None:
        return None

    monkeypatch.setattr(swarm_door, "end_connections", end)
    monkeypatch.setattr(SwarmLabSpawner, "get_task", task)
    monkeypatch.setattr(SwarmLabSpawner, "_node", away)
    spawner = SwarmLabSpawner(settings=SWARM, directory=dict, names_key=b"k" * 32, object_name="isomo-abc")
    spawner.user = SimpleNamespace(name="amina.k")
    assert asyncio.run(spawner.poll()) == "node lost"
    assert ended == ["10.231.0.20"]


def node(name: str, number: str) -> Node:
    return Node(number, name, "ready", "active", False, "learners", 8 * 10**9, ())


def test_a_machine_is_found_by_name_and_by_id():
    nodes = [node("a", "1"), node("b", "2")]
    assert find_node(nodes, "a") == find_node(nodes, "1") == nodes[0]


@pytest.mark.parametrize(
    ("name", "sentence", "tip"),
    [
        ("c", "There is no machine c in this Swarm.", "There are: a, b, b"),
        ("b", "2 machines are called b.", "Name one by its id: 2, 3"),
    ],
)
def test_a_machine_that_cannot_be_found_is_told_with_those_that_can(name, sentence, tip):
    with pytest.raises(IsomoError) as refused:
        find_node([node("a", "1"), node("b", "2"), node("b", "3")], name)
    assert (refused.value.message, refused.value.tip) == (sentence, tip)


def test_node_on_one_machine_says_how_to_have_several(monkeypatch):
    monkeypatch.setattr(node_verb.this_installation, "current_settings", lambda: parse_settings({}))
    with pytest.raises(IsomoError) as refused:
        node_verb.command(["list"])
    assert refused.value.message == "Learners' servers run on this machine only."
    assert 'spawner = "swarm"' in refused.value.tip


@pytest.mark.parametrize(
    ("encrypted", "able", "grade"),
    [
        (True, True, "good"),
        (True, None, "good"),
        (True, False, "bad"),
        (False, True, "look"),
        (False, False, "look"),
    ],
)
def test_doctor_says_if_machines_talk_without_encryption(encrypted, able, grade):
    seen = encryption_finding(parse_settings({"swarm": {"encrypted": encrypted}}), able)
    assert seen.grade == grade
    assert bool(seen.do) is (grade != "good")


@pytest.mark.parametrize(
    ("problem", "word"),
    [
        ("No such image: sha256:abc", "image"),
        ("invalid mount config: bind source path does not exist: /srv", "shared"),
        ("task: non-zero exit (1)", "shared"),
        ("starting container failed", "log"),
    ],
)
def test_doctor_says_what_to_do_about_a_machine_that_cannot_start_servers(problem, word):
    assert word in machine_advice(problem)


def test_status_counts_the_servers_of_all_machines(monkeypatch):
    client = SimpleNamespace(services=SimpleNamespace(list=lambda filters: [filters["label"]] * 3))
    monkeypatch.setattr(status.docker_daemon, "connect_engine", lambda timeout: client)
    monkeypatch.setattr(status.docker_daemon, "engine_version", lambda _client: "20.10")
    assert status.engine_facts(SWARM)["learner_servers"] == 3


def test_draining_the_hubs_own_machine_is_refused_with_another_way():
    client = SimpleNamespace(info=lambda: {"Swarm": {"ControlAvailable": True, "NodeID": "1"}})
    with pytest.raises(IsomoError) as refused:
        node_verb.drain_node(client, SWARM, node("hub", "1"))
    assert refused.value.message == "hub is this machine; the way to all learners' servers leads through it."
    assert "isomo.role=services hub" in refused.value.tip


def test_a_machine_that_manages_no_swarm_says_how_to_make_one():
    with pytest.raises(IsomoError) as refused:
        require_manager(SimpleNamespace(info=lambda: {"Swarm": {"LocalNodeState": "inactive"}}))
    assert "docker swarm init" in refused.value.tip


def test_servers_of_a_swarm_find_the_hub_through_the_door():
    config = Config()
    several_machines(config, SWARM, None)
    assert config.JupyterHub.spawner_class is SwarmLabSpawner
    assert config.SwarmLabSpawner.hub_connect_url == "http://door:8081"
    untouched = Config()
    several_machines(untouched, parse_settings({}), None)
    assert untouched == Config()


def test_only_two_spawners_can_be_chosen():
    with pytest.raises(IsomoError, match='spawner is "kubernetes"'):
        parse_settings({"spawner": "kubernetes"})


def test_a_server_needs_no_folder_beyond_its_home():
    """A learner's folder is all that a service mounts of the shared file system."""
    mounts = service_task(host_config(LIMITS), LIMITS, HOME, OLD)["ContainerSpec"]["Mounts"]
    assert [Path(mount["Source"]) for mount in mounts if mount["Type"] == "bind"] == [Path("/srv/homes/a")]


def described(
    memory: int, cores: int, *, state="ready", availability="active", role="learners"
) -> dict[str, object]:
    return {
        "Status": {"State": state},
        "Spec": {"Availability": availability, "Labels": {"isomo.role": role}},
        "Description": {"Resources": {"MemoryBytes": memory, "NanoCPUs": cores * 10**9}},
    }


@pytest.fixture
def three_machines(monkeypatch):
    """A Swarm of two machines that take servers; the others are away, emptied, or kept for the hub."""
    found = [
        described(10 * 2**30, 4),
        described(20 * 2**30, 8),
        described(64 * 2**30, 32, state="down"),
        described(64 * 2**30, 32, availability="drain"),
        described(64 * 2**30, 32, role="services"),
    ]
    nodes = SimpleNamespace(list=lambda: [SimpleNamespace(attrs=each) for each in found])
    client = SimpleNamespace(nodes=nodes, close=lambda: None)
    monkeypatch.setattr(swarm_machines.container_engine, "from_env", lambda **_words: client)
    monkeypatch.setattr(swarm_machines._Known, "asked", -math.inf)
    return found


@pytest.mark.usefixtures("three_machines")
def test_servers_start_ahead_on_all_machines_that_take_servers_and_not_as_if_there_were_only_this_one():
    each = [room_ahead(SWARM, 0, total=memory * 2**30) for memory in (10, 20)]
    assert room_ahead(SWARM, 0) == sum(each)
    assert room_ahead(SWARM, 5, share=0.5) == sum(each) // 2 - 5


@pytest.mark.usefixtures("three_machines")
def test_as_many_servers_start_at_once_as_the_machines_have_cores():
    assert starts_at_once(swarm_machines.learners_machines(SWARM)) == 13
    assert starts_at_once([swarm_machines.Machine(2**40, 512)]) == MOST_STARTS


def test_an_engine_that_does_not_answer_leaves_what_was_known_of_the_machines(monkeypatch):
    def away(**_words):
        raise OSError

    monkeypatch.setattr(swarm_machines.container_engine, "from_env", away)
    one = swarm_machines.Machine(1, 1)
    for before, expected in (([one], [one]), ([], [swarm_machines.this_machine()])):
        monkeypatch.setattr(swarm_machines._Known, "asked", -math.inf)
        monkeypatch.setattr(swarm_machines._Known, "machines", before)
        assert swarm_machines.learners_machines(SWARM) == expected


class Left:
    """What a killed hub left on a Swarm: services by name, with the minute they were made in."""

    def __init__(self, services: dict[str, str]) -> None:
        self.left = dict(services)
        self.services = SimpleNamespace(
            list=lambda filters: [self._service(name) for name in list(self.left)]
        )
        self.networks = SimpleNamespace(list=lambda **_words: [])

    def _service(self, name: str) -> SimpleNamespace:
        made = {"CreatedAt": self.left[name], "Spec": {"TaskTemplate": {}}}
        return SimpleNamespace(name=name, attrs=made, remove=lambda: self.left.pop(name))


def test_services_that_no_server_knows_are_removed_unless_they_are_young():
    old = "2026-01-01T00:00:00.123456789Z"
    young = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.123456789Z"
    client = Left({"isomo-known": old, "isomo-known-team": old, "isomo-lost": old, "isomo-young": young})
    assert server_networks.sweep_services(client, SWARM, {"known"}, 120) == ["isomo-lost"]  # type: ignore[arg-type]
    assert set(client.left) == {"isomo-known", "isomo-known-team", "isomo-young"}


@pytest.mark.parametrize("status", ["exited", "created"])
def test_a_door_that_does_not_run_is_made_again_and_never_started_into_its_old_networks(status):
    done = []
    door = SimpleNamespace(
        status=status,
        attrs={"Image": "sha256:lab"},
        remove=lambda force: done.append("removed"),
        start=lambda: pytest.fail("it would be in networks that another machine's door is in"),
    )
    containers = SimpleNamespace(
        get=lambda _name: door,
        run=lambda image, *_words, **more: done.append((image, more.get("restart_policy"))),
    )
    assert swarm_door.renew_door(SimpleNamespace(containers=containers), SWARM)  # type: ignore[arg-type]
    assert done == ["removed", ("sha256:lab", None)]
    door.status = "running"
    assert not swarm_door.renew_door(SimpleNamespace(containers=containers), SWARM)  # type: ignore[arg-type]
