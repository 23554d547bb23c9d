"""Three machines: data teams' servers, a shared application and a formgrader on them, and servers ahead of a class."""

from __future__ import annotations

import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest

from hub.hub_process.project_servers import application_server
from hub.hub_process.server_keeper import running_servers
from hub.node_programs import ensure_node
from hub.ops import swarm_nodes as machines
from hub.ops.verbs import node as node_verb
from hub.project_places import team_folder
from hub.secret_keys import Secrets
from hub.shared_names import APPLICATIONS, formgrader_server, opaque_name
from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.frozen_versions import APPROVED
from labs.prototype_kit.application.request_guard import FORM_KEY
from labs.prototype_kit.version_sharing import make_version
from tests.support import small_labs
from tests.support.hub_people import COURSE
from tests.support.hub_run import Hub, follow
from tests.support.package_index import NAME as PACKAGE
from tests.support.package_index import package_index
from tests.support.pretended_campus import ROOT, form_key
from tests.support.project_hub import NAME, SERVER, open_folder, run
from tests.support.small_prototype import CASE, OUR_PAGE, trained_project
from tests.support.small_stores import LAB, hand_in, release
from tests.support.swarm_nodes import Node, Nodes, swarm_nodes
from tests.support.swarm_site import keep_for_services, swarm_settings

pytestmark = [pytest.mark.engine, pytest.mark.full]

TEAM, LEARNERS, TRAINER = ("deborah", "dan"), ("amina.k", "bosco.n"), "trainer.t"
PROJECT = "try-swarm-bench"
BEGINNING = f"/user/{APPLICATIONS}/{NAME}/"


class Site:
    """A hub with campus on the first machine, and a project whose version is approved; servers on the two others."""

    def __init__(self, nodes: Nodes, hub: Hub) -> None:
        self.nodes, self.hub = nodes, hub
        self.client = nodes.nodes[0].client()
        self.browsers = {name: hub.signed_in(name) for name in (*TEAM, *LEARNERS, TRAINER, "aline", "colin")}

    def service(self, owner: str, server: str) -> str:
        key = Secrets.load(self.hub.settings).names_key
        extra = f"-{opaque_name(key, f'{owner}/{server}')}" if server else ""
        return f"{PROJECT}-{opaque_name(key, owner)}{extra}"

    def node_of(self, owner: str, server: str) -> Node:
        """Return the machine that runs a server; fails unless there is exactly one."""
        name = self.service(owner, server)
        running = (node for node in self.nodes.nodes if node.answers())
        (found,) = [node for node in running if self.containers(node, name)]
        return found

    def containers(self, node: Node, name: str) -> list[object]:
        found = node.client().containers.list(ignore_removed=True)
        return [each for each in found if each.name.startswith(f"{name}.")]

    def container(self, owner: str, server: str) -> object:
        (found,) = self.containers(self.node_of(owner, server), self.service(owner, server))
        return found

    def servers(self) -> dict[str, list[str]]:
        return running_servers(self.hub.settings.hub_api_url, Secrets.load(self.hub.settings).campus_token)

    def application(self) -> httpx.Response:
        """Open the application from its project's page, as a colleague does; wait while it starts."""
        browser, found = self.browsers["colin"], []

        def opened() -> bool:
            found[:] = follow(browser, f"{self.hub.settings.address}{ROOT}/projects/{NAME}/open")
            return str(found[-1].url.path).startswith(BEGINNING)

        self.hub.wait_until(opened, "the application", 180)
        return found[-1]

    def ask(self, page: httpx.Response) -> httpx.Response:
        """Send a case by the form of this page, and return the answer."""
        key = re.search(rf'name="{FORM_KEY}" value="(\w+)"', page.text)
        assert key, page.text
        sent = CASE | {FORM_KEY: key[1]}
        return self.browsers["colin"].post(str(page.url), data=sent, headers=OUR_PAGE, timeout=180)

    def decide(self) -> httpx.Response:
        """Have the application decide a case, and return its page."""
        page = self.application()
        sent = self.ask(page)
        assert sent.status_code == 303, sent.text
        return follow(self.browsers["colin"], str(page.url.join(sent.headers["location"])))[-1]

    def decide_until_it_fails(self, page: httpx.Response) -> list[httpx.Response]:
        """Have cases decided until the application is gone; return all answers, the last one is the proxy's."""
        answers = [self.ask(page)]
        while answers[-1].status_code == 303:
            answers.append(self.ask(page))
        return answers


def share_version(hub: Hub, trained: object) -> None:
    """Put a version into the team's folder, approved already in the application's."""
    make_version(trained)
    folder = team_folder(hub.settings.state, NAME) / NAME
    shutil.copytree(trained / "service", folder / "service")
    (project,) = hub.town.store.projects.all()
    server = application_server(project)
    state = server.make_folder(hub.settings)
    store = CaseStore(state)
    store.event("aline", APPROVED, 1, "read and tried")
    store.close()
    for path in state.iterdir():
        shutil.chown(path, server.user, server.group)


def town(hub: Hub) -> None:
    """Put a project with its people and a class into the store."""
    for name in TEAM:
        hub.town.add(name, role="data-team")
    for name in ("aline", "colin", *LEARNERS):
        hub.town.add(name)
    hub.town.add(TRAINER, role="trainer")
    projects = hub.town.store.projects
    projects.add(NAME, "Letters desk", "triage", "deborah")
    for name, part in (("dan", "team"), ("aline", "approver"), ("colin", "user")):
        projects.join(NAME, name, part, "deborah")


@pytest.fixture(scope="module")
def site(tmp_path_factory, docker_client):
    image = small_labs.image(docker_client, "bench")  # Has all that the lab image has.
    trained = trained_project(tmp_path_factory.mktemp("trained"))
    ensure_node()  # The machines have no way to a registry.
    with swarm_nodes(image) as nodes, nodes.nodes[0].entered(), package_index() as index:
        first = nodes.nodes[0]
        client = first.client()
        keep_for_services(client, first)
        more = {"prototypes": True, "packages": {"mirrors": [f"{index.address}/simple"]}}
        made = Hub(
            tmp_path_factory.mktemp("hub"),
            f"c.LabSpawner.bench_image = {image!r}",
            settings_more=swarm_settings(PROJECT, 235) | more,
            image=image,
            env_more={"DOCKER_HOST": first.engine},
        )
        town(made)
        share_version(made, trained)
        with small_labs.network(client, made):
            machines.ensure_door_ways(client, made.settings, image)
            try:
                made.start()
                made.start_campus()
                made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
                yield Site(nodes, made)
            finally:
                made.stop_all()
                machines.remove_all(client, made.settings)


def test_an_application_answers_a_colleague_from_a_worker_and_again_after_its_machine_is_drained(site):
    assert "What weighed most" in site.decide().text
    before = site.node_of(APPLICATIONS, NAME)
    assert before.name != site.nodes.nodes[0].name
    container = site.container(APPLICATIONS, NAME)
    assert (run(container, "id -u"), run(container, "ls /home/learner")) == ("100001", "service")
    reach = "python3 -c \"import socket; socket.create_connection(('1.1.1.1', 443), 3)\" 2>&1 | tail -1"
    assert "Error" in run(container, reach)
    found = machines.find_node(machines.list_nodes(site.client, site.hub.settings), before.name)
    assert node_verb.drain_node(site.client, site.hub.settings, found) == 0
    try:
        page = site.decide()
        assert page.url.path.endswith("/cases/2"), "the first case was lost"
        assert site.node_of(APPLICATIONS, NAME).name != before.name
    finally:
        machines.set_availability(site.client, found, "active")


def test_an_application_whose_machine_is_killed_goes_on_elsewhere_with_every_case_that_it_answered(site):
    page = site.application()
    lost = site.node_of(APPLICATIONS, NAME)
    with ThreadPoolExecutor(1) as pool:
        colleague = pool.submit(site.decide_until_it_fails, page)
        time.sleep(2)
        lost.kill()
        *answered, last = colleague.result()
    assert last.status_code == 503
    assert "Your work is kept" in last.text
    assert answered
    try:
        after = site.decide()
        assert "What weighed most" in after.text
        assert site.node_of(APPLICATIONS, NAME).name != lost.name
        cases = [str(page.url.join(each.headers["location"])) for each in answered]
        numbers = [int(url.rpartition("/")[2]) for url in cases]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert int(after.url.path.rpartition("/")[2]) > numbers[-1]
        for url in cases:
            assert "What weighed most" in follow(site.browsers["colin"], url)[-1].text
    finally:
        lost.switch_on()
        site.hub.wait_until(partial(is_ready, site, lost), "the machine that was killed", 120)
    assert site.node_of(APPLICATIONS, NAME).name != lost.name  # Its own did not begin again.


def is_ready(site: Site, node: Node) -> bool:
    found = machines.list_nodes(site.client, site.hub.settings)
    return machines.find_node(found, node.name).state == "ready"


def test_an_application_that_is_switched_off_has_no_service_and_says_so(site):
    site.application()
    browser = site.browsers["aline"]
    page = follow(browser, f"{site.hub.settings.address}{ROOT}/projects/{NAME}")[-1]

    def switch(what: str) -> int:
        form = {"key": form_key(page.text), "what": what, "why": "The forms changed."}
        headers = {"Origin": site.hub.settings.address}
        return int(browser.post(f"{ROOT}/projects/{NAME}/switch", data=form, headers=headers).status_code)

    assert switch("off") == 303
    gone = site.service(APPLICATIONS, NAME)
    site.hub.wait_until(
        lambda: gone not in {each.name for each in site.client.services.list()}, "the application's end", 60
    )
    assert switch("on") == 303
    assert "What weighed most" in site.decide().text


def test_two_members_work_in_one_folder_and_get_packages_through_the_door(site):
    for name in TEAM:
        _browser, answer = open_folder(site.hub, name)
        assert answer.headers.get("location") == f"/user/{name}/{SERVER}/lab", answer.text
    members = {name: site.container(name, SERVER) for name in TEAM}
    assert run(members["deborah"], "umask 0007; echo from deborah > shared/note; cat shared/note")
    assert run(members["dan"], "cat shared/note") == "from deborah"
    asked = (
        "f=$(grep -l PIP_INDEX_URL /proc/[0-9]*/environ 2>/dev/null | head -1); "
        "export $(tr '\\0' '\\n' <$f | grep -E '^(PIP|ISOMO_TEAM)_'); "
    )
    said = run(members["dan"], asked + f"python3 -m pip install {PACKAGE} 2>&1")
    assert "Successfully installed" in said, said


def test_servers_of_a_class_that_begins_soon_start_ahead_on_different_machines(site):
    classes = site.hub.town.store
    number = classes.classes.add_class(COURSE, "Class B")
    classes.enrolments.put_in_class(COURSE, LEARNERS, number)
    classes.class_times.set_time(COURSE, number, datetime.now(UTC))
    site.hub.wait_until(lambda: set(LEARNERS) <= set(site.servers()), "the keeper's round", 120)

    def started() -> bool:
        return all(
            any(site.containers(node, site.service(name, "")) for node in site.nodes.nodes)
            for name in LEARNERS
        )

    site.hub.wait_until(started, "servers that nobody clicked for", 120)
    assert {site.node_of(name, "").name for name in LEARNERS} <= {node.name for node in site.nodes.nodes[1:]}
    for name in LEARNERS:
        page = follow(site.browsers[name], f"{site.hub.settings.learner_address}/user/{name}/lab")[-1]
        assert page.status_code == 200, page.text


def test_a_trainers_formgrader_runs_on_a_worker_and_shows_what_was_handed_in(site):
    store = site.hub.town.store
    release(store)
    hand_in(store, LEARNERS[0])
    browser, server = site.browsers[TRAINER], formgrader_server(COURSE)
    page = f"/user/{TRAINER}/{server}/formgrader"

    def opened() -> bool:
        browser.get(f"/hub/spawn/{TRAINER}/{server}?next={page}")
        answer = browser.get(f"/hub/spawn-pending/{TRAINER}/{server}?next={page}")
        return answer.headers.get("location") == page

    site.hub.wait_until(opened, "the trainer's formgrader", 180)
    assert follow(browser, f"{site.hub.settings.learner_address}{page}")[-1].status_code == 200
    assert site.node_of(TRAINER, server).name != site.nodes.nodes[0].name
    address = f"{site.hub.settings.learner_address}{page}/api/submissions/{LAB}"
    assert [each["student"] for each in browser.get(address).json()] == [LEARNERS[0]]
    container = site.container(TRAINER, server)
    assert [each for each in container.attrs["Mounts"] if each["Type"] == "bind"] == []
    assert container.attrs["HostConfig"]["CapDrop"] == ["ALL"]
