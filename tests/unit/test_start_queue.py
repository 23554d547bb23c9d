"""The queue in which servers wait for their turn to start."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from hub.hub_process.container_spawner import LabSpawner, Personal
from hub.hub_process.start_queue import Place, StartQueue
from hub.shared_names import AHEAD
from labs.kit.spare_kernel import LATER

pytestmark = pytest.mark.anyio
CLASS = [f"learner{number}" for number in range(30)]


@pytest.fixture
def anyio_backend():
    return "asyncio"


class Rush:
    """Servers that are started by hand: each start lasts until it is let go, or fails."""

    def __init__(self, at_once):
        self.queue = StartQueue(at_once)
        self.starting: list[str] = []
        self.started: list[str] = []
        self.most = 0
        self.gates = {}

    async def start(self, owner, *, ahead=False):
        async with self.queue.turn(owner, ahead=ahead):
            self.starting.append(owner)
            self.most = max(self.most, len(self.starting))
            gate = self.gates[owner] = asyncio.Event()
            try:
                await gate.wait()
            finally:
                self.starting.remove(owner)
            self.started.append(owner)

    async def let_go(self):
        """Let the starts that run now end."""
        for owner in list(self.starting):
            self.gates[owner].set()
        await settled()


async def settled():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_class_of_thirty_starts_in_the_order_in_which_it_came_and_nobody_is_left():
    rush = Rush(3)
    tasks = [asyncio.create_task(rush.start(owner)) for owner in CLASS]
    await settled()
    while len(rush.started) < len(CLASS):
        await rush.let_go()
    await asyncio.gather(*tasks)
    assert rush.started == CLASS
    assert rush.most == 3


async def test_each_knows_the_place_and_the_time_until_the_turn():
    rush = Rush(2)
    rush.queue.seconds = 4.0
    tasks = [asyncio.create_task(rush.start(owner)) for owner in CLASS[:7]]
    await settled()
    assert rush.queue.place(CLASS[1]) is None
    assert rush.queue.place(CLASS[2]) == Place(1, 5, 4.0)
    assert rush.queue.place(CLASS[6]) == Place(5, 5, 12.0)
    await rush.let_go()
    assert rush.queue.place(CLASS[4]) == Place(1, 3, pytest.approx(rush.queue.seconds))
    for task in tasks:
        task.cancel()


async def test_a_start_that_fails_gives_its_turn_to_the_next():
    rush = Rush(1)
    first, second = (asyncio.create_task(rush.start(owner)) for owner in CLASS[:2])
    await settled()
    first.cancel()
    await settled()
    assert rush.starting == [CLASS[1]]
    second.cancel()


async def test_a_learner_who_goes_away_leaves_the_queue():
    rush = Rush(1)
    tasks = [asyncio.create_task(rush.start(owner)) for owner in CLASS[:3]]
    await settled()
    tasks[1].cancel()
    await settled()
    assert rush.queue.place(CLASS[2]) == Place(1, 1, rush.queue.seconds)
    await rush.let_go()
    assert rush.starting == [CLASS[2]]
    tasks[2].cancel()


async def test_who_waits_goes_before_servers_that_start_ahead():
    rush = Rush(1)
    tasks = [
        asyncio.create_task(rush.start("first")),
        asyncio.create_task(rush.start("early", ahead=True)),
        asyncio.create_task(rush.start("earlier", ahead=True)),
        asyncio.create_task(rush.start("here")),
    ]
    await settled()
    rush.queue.hurry("earlier")  # Its owner has come, before the one who is here.
    for _ in range(4):
        await rush.let_go()
    await asyncio.gather(*tasks)
    assert rush.started == ["first", "earlier", "here", "early"]


async def test_the_queue_knows_whether_people_wait_and_not_only_servers_that_start_ahead():
    rush = Rush(1)
    tasks = [asyncio.create_task(rush.start("first")), asyncio.create_task(rush.start("early", ahead=True))]
    await settled()
    assert not rush.queue.people_wait
    rush.queue.hurry("early")
    assert rush.queue.people_wait
    for _ in range(2):
        await rush.let_go()
    await asyncio.gather(*tasks)
    assert not rush.queue.people_wait


async def test_the_estimate_follows_what_starts_take_on_this_machine():
    rush = Rush(1)
    rush.queue.seconds = 100.0
    for owner in CLASS[:8]:
        task = asyncio.create_task(rush.start(owner))
        await settled()
        await rush.let_go()
        await task
    assert rush.queue.seconds < 20


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place(7, 23, 21.0), "You are number 7 of 23 who wait. Your turn comes in about 25 seconds."),
        (Place(29, 30, 130.0), "You are number 29 of 30 who wait. Your turn comes in about 3 minutes."),
    ],
)
def test_the_waiting_page_says_place_and_time(place, said):
    spawner = SimpleNamespace(sentence=lambda text: text)
    assert Personal.place_in_words(spawner, place).endswith(said)


async def test_a_server_that_starts_weighs_less_than_those_at_work_until_it_answers(monkeypatch):
    asked = []

    async def engine(_self, what, *_args, **how):
        asked.append((what, how))

    monkeypatch.setattr(LabSpawner, "docker", engine)
    await LabSpawner()._give_full_weight()
    assert asked == [("update_container", {"cpu_shares": 1024})]


def test_a_start_ahead_is_told_by_an_option_of_the_start():
    queue = SimpleNamespace(turn=lambda name, *, ahead: (name, ahead))
    for options, ahead in (({AHEAD: True}, True), ({}, False), (None, False)):
        kept = SimpleNamespace(user_options=options)
        spawner = SimpleNamespace(queue=queue, queue_name="amina.k/", user_options=options, orm_spawner=kept)
        assert Personal.turn(spawner) == ("amina.k/", ahead)
        assert not kept.user_options, "the next start is the owner's"


@pytest.mark.parametrize(("people_wait", "told"), [(True, "1"), (False, "")])
def test_a_server_that_starts_while_people_wait_is_told_to_start_its_spare_kernel_later(people_wait, told):
    settings = SimpleNamespace(
        learner_address="https://labs.example.org",
        campus_url="http://172.30.0.1:8001",
        start=SimpleNamespace(idle_kernel_minutes=20),
    )
    spawner = SimpleNamespace(
        directory=lambda: SimpleNamespace(courses=SimpleNamespace(courses_for=lambda _name: [])),
        username="amina.k", user=SimpleNamespace(base_url="/user/amina.k/"), settings=settings, marks="", role="learner",
        language="en", tools="learner", limits=SimpleNamespace(cpu=1.0), queue=SimpleNamespace(people_wait=people_wait),
    )  # fmt: skip
    assert Personal.personal_env(spawner)[LATER] == told
