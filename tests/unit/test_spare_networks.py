"""Networks of a Swarm's servers, without a Swarm: each is given to one server, once, and removed afterwards."""

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
from hub.hub_process import server_networks, spare_networks, swarm_door
from hub.hub_process.jupyterhub_setup import add_keeper
from hub.hub_process.server_networks import RUN_LABEL, hub_run, leave_network, sweep_services
from hub.hub_process.spare_networks import SpareNetworks, prepare_networks
from hub.hub_process.swarm_spawner import SwarmLabSpawner
from hub.isomo_settings import parse_settings

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
        self.api = SimpleNamespace(
            inspect_container=lambda _name: {
                "NetworkSettings": {"Networks": {each: {"NetworkID": each} for each in self.inside}}
            },
            connect_container_to_network=lambda _door, network, aliases: self.inside.add(network),
        )

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
        if network in self.held:
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
        taken = [each for each in pool.map(lambda _number: spares.take(), range(30)) if each]
    assert Counter(taken) == Counter(list(engine.made))
    assert spares.take() is None


def test_a_network_that_was_given_away_never_waits_again(engine):
    spares = SpareNetworks(SWARM, ready=1)
    spares.one_round(engine)
    first = spares.take()
    spares.remove(first)
    spares.one_round(engine)
    assert (spares.take(), spares.take()) == ("id2", None)
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
    assert list(engine.made) == [spares.take()] == ["id2"]


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


class Spawner(SwarmLabSpawner):
    """A spawner whose engine knows some networks."""

    def __init__(self, engine: Engine, waiting: list[str]) -> None:
        self.engine, self.waiting, self.removed = engine, waiting, []
        self.object_name, self.extra_create_kwargs = "isomo-abc", {"labels": {}}

    image = "lab"

    @property
    def spares(self) -> Any:
        return SimpleNamespace(
            take=lambda: self.waiting.pop() if self.waiting else None, remove=self.removed.append
        )

    async def _template(self, network: str, image: str) -> dict[str, Any]:
        return {"network": network}

    async def _in_thread(self, function: Any, *words: Any) -> Any:
        return function(self.engine, SWARM, *words)

    async def docker(self, method: str, *words: Any, **_more: Any) -> Any:
        if method == "inspect_image":
            return {"Id": "sha256:lab"}
        self.engine.get(words[0]["network"])
        return words[0]["network"]


@pytest.mark.parametrize(
    ("waiting", "given", "removed"), [(["id1"], "id1", []), (["lost"], "id2", ["lost"]), ([], "id2", [])]
)
def test_a_server_gets_a_network_that_waits_or_a_new_one(engine, waiting, given, removed):
    engine.create("isomo-net-1", labels={})
    spawner = Spawner(engine, waiting)

    async def create() -> str:
        made = await spawner._make_in_network()
        await spawner._way
        return made

    assert asyncio.run(create()) == given
    assert spawner.removed == removed
    assert given in engine.inside
