"""Networks of a Swarm's servers, without a Swarm: each is open on a machine, given to one server, once, and removed."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from hub import container_engine
from hub.hub_process import network_openers, server_networks, spare_networks, swarm_door, swarm_spawner
from hub.hub_process.container_spawner import SpawnFailedError
from hub.hub_process.jupyterhub_setup import add_keeper
from hub.hub_process.server_networks import (
    RUN_LABEL,
    hub_run,
    learner_services,
    leave_network,
    sweep_services,
)
from hub.hub_process.spare_networks import SpareNetwork, SpareNetworks, prepare_networks
from hub.hub_process.swarm_spawner import SwarmLabSpawner
from hub.isomo_settings import parse_settings
from hub.swarm_machines import PLACES

SWARM = parse_settings({"spawner": "swarm"})
OLD = "2026-01-01T00:00:00.123456789Z"


class Engine:
    """The networks of a Swarm, its services, and the door."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}
        self.inside: set[str] = set()
        self.given: dict[str, list[str]] = {}
        self.held: set[str] = set()
        self.numbers = itertools.count(1)
        self.networks = SimpleNamespace(create=self.create, get=self.get, list=self.list)
        self.services = SimpleNamespace(list=self.list_services)
        self.openers: dict[str, dict[str, Any]] = {}
        self.takes = "running"
        self.api = SimpleNamespace(
            inspect_container=lambda _name: {
                "Image": "sha256:lab",
                "NetworkSettings": {"Networks": {each: {"NetworkID": each} for each in self.inside}},
            },
            connect_container_to_network=lambda _door, network, aliases: self.inside.add(network),
            create_service=self.create_opener,
            remove_service=self.remove_opener,
            tasks=lambda filters: [{"NodeID": "machine2", "Status": {"State": self.takes}}],
        )

    def create_opener(self, task: dict[str, Any], name: str, **_words: Any) -> None:
        self.openers[name] = task

    def remove_opener(self, name: str) -> None:
        if self.openers.pop(name, None) is None:
            raise container_engine.NotFound("gone")

    def create(self, name: str, **words: Any) -> Any:
        number = f"id{next(self.numbers)}"
        self.made[number] = {"Name": name, "Labels": words["labels"], "Created": OLD}
        return self.get(number)

    def get(self, network: str) -> Any:
        if network not in self.made:
            raise container_engine.NotFound("gone")
        return SimpleNamespace(
            id=network,
            attrs=self.made[network],
            disconnect=lambda _door, force: self.inside.discard(network),
            remove=lambda: self.remove(network),
        )

    def remove(self, network: str) -> None:
        given = [task["Networks"][0]["Target"] for task in self.openers.values()]
        if network in {*self.held, *given}:
            raise container_engine.APIError("in use by task")
        del self.made[network]

    def list(self, **_words: Any) -> Any:
        return [self.get(each) for each in list(self.made)]

    def list_services(self, **_words: Any) -> Any:
        return [
            SimpleNamespace(name=name, attrs=service(networks), remove=lambda name=name: self.given.pop(name))
            for name, networks in list(self.given.items())
        ]


def service(networks: list[str]) -> dict[str, Any]:
    given = {"Networks": [{"Target": each} for each in networks]}
    return {"CreatedAt": OLD, "Spec": {"TaskTemplate": given}}


@pytest.fixture
def engine(monkeypatch) -> Engine:
    monkeypatch.setattr(server_networks, "ensure_ways", lambda _client, _settings: [])
    return Engine()


def test_a_network_that_waits_has_the_door_in_it_and_is_given_away_once(engine):
    spares = SpareNetworks(SWARM, ready=20)
    spares.one_round(engine)
    assert engine.inside == set(engine.made)
    with ThreadPoolExecutor(8) as pool:
        taken = [each.network for each in pool.map(lambda _number: spares.take(), range(30)) if each]
    assert Counter(taken) == Counter(list(engine.made))
    assert spares.take() is None


def test_a_network_that_was_given_away_never_waits_again(engine):
    spares = SpareNetworks(SWARM, ready=1)
    spares.one_round(engine)
    first = spares.take().network
    spares.remove(first)
    spares.one_round(engine)
    assert (spares.take(), spares.take()) == (SpareNetwork("id2", "machine2"), None)
    assert first not in engine.made
    assert first not in engine.inside


def test_a_network_whose_task_still_goes_is_removed_later(engine):
    spares = SpareNetworks(SWARM, ready=0)
    network = server_networks.make_network(engine, SWARM)
    engine.held.add(network)
    spares.remove(network)
    spares.one_round(engine)
    assert network in engine.made
    engine.held.clear()
    spares.one_round(engine)
    assert engine.made == {}


def test_a_network_that_the_door_cannot_enter_is_given_to_nobody_and_removed(engine, monkeypatch):
    def closed(*_words: Any) -> None:
        raise swarm_door.DoorError("no way")

    spares = SpareNetworks(SWARM, ready=1)
    monkeypatch.setattr(server_networks, "ensure_ways", closed)
    with pytest.raises(swarm_door.DoorError):
        spares.one_round(engine)
    assert spares.take() is None
    monkeypatch.setattr(server_networks, "ensure_ways", lambda _client, _settings: [])
    spares.one_round(engine)
    assert list(engine.made) == [spares.take().network] == ["id2"]


def test_an_opener_has_no_rights_no_share_and_no_learner(engine):
    SpareNetworks(SWARM, ready=1).one_round(engine)
    ((name, task),) = engine.openers.items()
    spec = task["ContainerSpec"]
    assert (spec["ReadOnly"], spec["CapabilityDrop"], spec["User"]) == (True, ["ALL"], "65534:65534")
    assert "Mounts" not in spec
    assert "Reservations" not in task["Resources"]
    assert task["Placement"]["Constraints"] == PLACES
    assert name == "isomo-opens-id1"
    assert learner_services(engine, SWARM) == []


def test_the_opener_goes_as_soon_as_the_server_runs_and_the_network_stays(engine):
    spares = SpareNetworks(SWARM, ready=1)
    spares.one_round(engine)
    spares.end_opener(spares.take().network)
    spares.one_round(engine)
    assert set(engine.made) == {"id1", "id2"}
    assert set(engine.openers) == {"isomo-opens-id2"}


def test_a_network_that_waited_for_long_is_made_again_where_the_swarm_now_places_it(engine, monkeypatch):
    spares = SpareNetworks(SWARM, ready=2)
    spares.one_round(engine)
    spares.one_round(engine)
    assert set(engine.made) == {"id1", "id2"}
    monkeypatch.setattr(spare_networks, "FRESH_SECONDS", -1.0)
    spares.one_round(engine)
    monkeypatch.undo()
    monkeypatch.setattr(server_networks, "ensure_ways", lambda _client, _settings: [])
    spares.one_round(engine)
    assert set(engine.made) == {"id2", "id3"} == {spares.take().network, spares.take().network}
    assert set(engine.openers) == {"isomo-opens-id2", "isomo-opens-id3"}


@pytest.mark.parametrize("state", ["rejected", "pending"])
def test_a_network_that_no_machine_opened_is_given_away_all_the_same(engine, monkeypatch, state):
    monkeypatch.setattr(network_openers.open_network, "__defaults__", (0.2,))
    engine.takes = state
    spares = SpareNetworks(SWARM, ready=1)
    spares.one_round(engine)
    assert spares.take() == SpareNetwork("id1", "")
    assert engine.openers == {}


def test_a_network_that_is_gone_already_counts_as_removed(engine):
    assert leave_network(engine, SWARM, "id9")


def test_the_keeper_removes_unused_networks_of_earlier_runs_only(engine):
    ours = server_networks.make_network(engine, SWARM)
    unused = engine.create("isomo-net-1", labels={RUN_LABEL: "earlier"}).id
    before_there_were_runs = engine.create("isomo-abc", labels={}).id
    used = engine.create("isomo-net-2", labels={RUN_LABEL: "earlier"}).id
    young = engine.create("isomo-net-3", labels={RUN_LABEL: "earlier"}).id
    engine.made[young]["Created"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.123456789Z"
    engine.given = {"isomo-known": [used]}
    assert sweep_services(engine, SWARM, {"known"}, 120) == []
    assert set(engine.made) == {ours, used, young}
    assert not {unused, before_there_were_runs} & set(engine.made)


def test_the_keeper_is_told_for_which_run_of_the_hub_it_works(monkeypatch):
    config = SimpleNamespace(JupyterHub=SimpleNamespace(services=[]))
    add_keeper(config, SWARM, None)  # type: ignore[arg-type]
    (keeper,) = config.JupyterHub.services
    told = keeper["environment"]["ISOMO_HUB_RUN"]
    assert told == hub_run()
    hub_run.cache_clear()
    try:
        assert hub_run() != told
        hub_run.cache_clear()
        monkeypatch.setenv("ISOMO_HUB_RUN", told)
        assert hub_run() == told
    finally:
        hub_run.cache_clear()


def test_a_door_of_another_machine_enters_the_networks_of_servers_and_no_spare_ones(engine):
    server_networks.make_network(engine, SWARM)
    used = server_networks.make_network(engine, SWARM)
    engine.given = {"isomo-known": [used]}
    server_networks.join_all(engine, SWARM)
    assert engine.inside == {used}


def test_one_machine_makes_no_networks(monkeypatch):
    monkeypatch.setattr(spare_networks, "spare_networks", lambda _settings: pytest.fail("a network"))
    prepare_networks(parse_settings({}))
    prepare_networks(parse_settings({"spawner": "swarm", "evaluate": True}))


MACHINES = {
    "ready": ("ready", "active"),
    "emptied": ("ready", "drain"),
    "down": ("down", "active"),
}
"""State and availability of the machines of the tests below."""


class Spawner(SwarmLabSpawner):
    """A spawner whose engine knows some networks and machines."""

    def __init__(self, engine: Engine, waiting: list[SpareNetwork]) -> None:
        self.engine, self.waiting, self.removed = engine, waiting, []
        self.object_name, self.extra_create_kwargs = "isomo-abc", {"labels": {}}

    image = "lab"
    username = "amina"

    @property
    def spares(self) -> Any:
        return SimpleNamespace(
            take=lambda: self.waiting.pop(0) if self.waiting else None, remove=self.removed.append
        )

    async def _template(self, place: SpareNetwork, image: str) -> dict[str, Any]:
        return {"place": place}

    async def _in_thread(self, function: Any, *words: Any) -> Any:
        return function(self.engine, SWARM, *words)

    async def docker(self, method: str, *words: Any, **_more: Any) -> Any:
        if method == "inspect_image":
            return {"Id": "sha256:lab"}
        if method == "inspect_node":
            if words[0] not in MACHINES:
                raise container_engine.NotFound("no such machine")
            state, availability = MACHINES[words[0]]
            return {"Status": {"State": state}, "Spec": {"Availability": availability}}
        if method == "inspect_network":
            return self.engine.get(words[0])
        if words[0]["place"].network not in self.engine.made:
            # As an engine says it: 500, and not 404.
            raise container_engine.APIError("network not found")
        return words[0]["place"]


def made_by(spawner: Spawner) -> SpareNetwork:
    async def create() -> SpareNetwork:
        made = await spawner._make_in_network()
        await spawner._way
        return made

    return asyncio.run(create())


LOST = SpareNetwork("lost", "ready")


@pytest.mark.parametrize(
    ("waiting", "given", "removed"),
    [
        ([SpareNetwork("id1", "ready")], SpareNetwork("id1", "ready"), []),
        ([SpareNetwork("id1", "")], SpareNetwork("id1", ""), []),
        ([SpareNetwork("id1", "emptied")], SpareNetwork("id1", ""), []),
        ([SpareNetwork("id1", "down")], SpareNetwork("id1", ""), []),
        ([SpareNetwork("id1", "sold")], SpareNetwork("id1", ""), []),
        ([LOST, SpareNetwork("id1", "ready")], SpareNetwork("id1", "ready"), ["lost"]),
        ([LOST], SpareNetwork("id2", ""), ["lost"]),
        ([], SpareNetwork("id2", ""), []),
    ],
)
def test_a_server_gets_a_network_that_is_open_where_it_may_run_or_else_a_new_one(
    engine, waiting, given, removed
):
    engine.create("isomo-net-1", labels={})
    spawner = Spawner(engine, waiting)
    assert made_by(spawner) == given
    assert spawner.removed == removed
    assert given.network in engine.inside


class WaitingSpawner(Spawner):
    """A spawner whose service finds no room on its machine, until any machine may take it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, [])
        self._place = SpareNetwork("id1", "ready")
        self.constraints = [*PLACES, "node.id==ready"]
        self.updated = 0

    async def get_object(self) -> Any:
        task = {"Placement": {"Constraints": self.constraints}, "Networks": [{"Target": "id1"}]}
        return {"ID": "s1", "Version": {"Index": 7}, "Spec": {"TaskTemplate": task}}

    async def _newest_task(self) -> dict[str, Any]:
        state = "pending" if self.constraints != PLACES else "running"
        return {"NodeID": "other", "Status": {"State": state}}

    async def docker(self, method: str, *words: Any, **more: Any) -> Any:
        assert (method, words, more["version"]) == ("update_service", ("s1",), 7)
        assert more["task_template"]["Networks"] == [{"Target": "id1"}]
        self.constraints = more["task_template"]["Placement"]["Constraints"]
        self.updated += 1


def test_a_server_goes_elsewhere_if_its_networks_machine_has_no_room(engine, monkeypatch):
    monkeypatch.setattr(swarm_spawner, "CHOSEN_SECONDS", 0.0)
    spawner = WaitingSpawner(engine)
    asyncio.run(spawner._wait_for_task())
    assert spawner.updated == 1
    assert spawner._place == SpareNetwork("id1", "")


def test_a_server_that_any_machine_may_take_waits_as_it_is(engine, monkeypatch):
    monkeypatch.setattr(swarm_spawner, "CHOSEN_SECONDS", 0.0)
    monkeypatch.setattr(swarm_spawner, "PATIENCE", 0.3)
    spawner = WaitingSpawner(engine)
    spawner._place = SpareNetwork("id1", "")
    monkeypatch.setattr(WaitingSpawner, "remove_object", lambda _self: asyncio.sleep(0))
    monkeypatch.setattr(WaitingSpawner, "sentence", lambda _self, text: text)
    with pytest.raises(SpawnFailedError, match="No machine could take"):
        asyncio.run(spawner._wait_for_task())
    assert spawner.updated == 0
