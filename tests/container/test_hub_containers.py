"""From inside a learner's container, started by the real hub: what it can reach, write, see and use up.

Everything runs in a kernel of the learner's own server, where a learner's code runs.
"""

from __future__ import annotations

import json
import socket
import stat
import subprocess
import threading
import time

import pytest

from hub.secret_keys import Secrets
from hub.shared_names import opaque_name
from tests.support.hub_run import Hub, form_token, open_server
from tests.support.learner_kernel import Kernel
from tests.support.small_labs import lab_image, network

pytestmark = pytest.mark.engine

SETTINGS = {
    "evaluate": False,
    "project": "try-hub",
    "network": {"name": "try-hub", "bridge": "tryhub0", "subnet": "10.231.0.0/16"},
    "learner": {"memory": "512 MiB", "processes": 96},
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory, docker_client):
    made = Hub(tmp_path_factory.mktemp("hub"), settings_more=SETTINGS, image=lab_image(docker_client))
    for name in ("amina.k", "bosco.n"):
        made.town.add(name)
    with network(docker_client, made):
        try:
            yield made.start()
        finally:
            made.stop_all()


@pytest.fixture(scope="module")
def browsers(hub):
    """Two learners' browsers, with their servers open."""
    opened = {}
    for name in ("amina.k", "bosco.n"):
        opened[name] = hub.signed_in(name)
        assert open_server(opened[name], name)[-1].status_code == 200
    return opened


@pytest.fixture(scope="module")
def kernels(hub, browsers):
    """A kernel in each learner's server."""
    opened = {name: Kernel(hub, browser, name) for name, browser in browsers.items()}
    yield opened
    for each in opened.values():
        each.close()


@pytest.fixture
def inside(kernels):
    """Runs code as amina; it must print one JSON value, which is returned."""
    return lambda code: json.loads(kernels["amina.k"].run(code))


@pytest.fixture(scope="module")
def containers(hub, browsers, docker_client):
    """Each learner's container, by user name."""
    key = Secrets.load(hub.settings).names_key
    return {name: docker_client.containers.get(f"try-hub-{opaque_name(key, name)}") for name in browsers}


def test_a_learner_is_an_ordinary_user_without_any_capability_and_can_gain_none(inside):
    status = inside(
        "import json\nprint(json.dumps(dict(line.split(':', 1) for line in open('/proc/self/status'))))"
    )
    assert status["Uid"].split() == ["1000"] * 4
    assert status["Gid"].split() == ["1000"] * 4
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, kind
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2"


WRITABLE = """
import json, os, tempfile
found = []
for folder, folders, _ in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("proc", "sys")]
    try:
        handle, name = tempfile.mkstemp(dir=folder)
    except OSError:
        continue
    os.close(handle)
    os.unlink(name)
    found.append(folder)
print(json.dumps(found))
"""


def test_only_the_home_and_memory_can_be_written(inside):
    roots = {"/home/learner", "/tmp", "/dev/shm", "/dev/mqueue"}
    for folder in inside(WRITABLE):
        assert any(folder == root or folder.startswith(root + "/") for root in roots), folder


def test_the_only_thing_of_the_host_that_can_be_written_is_the_own_home(hub, containers):
    for name, container in containers.items():
        own = hub.settings.state / "homes" / opaque_name(Secrets.load(hub.settings).names_key, name)
        binds = [mount for mount in container.attrs["Mounts"] if mount["Type"] == "bind"]
        assert [(bind["Source"], bind["Destination"]) for bind in binds] == [(str(own), "/home/learner")]
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        assert own.stat().st_uid == 1000


def test_what_one_learner_writes_no_other_can_see(kernels, inside):
    inside("print(open('/home/learner/mine.txt', 'w').write('mine'))")
    listing = kernels["bosco.n"].run("import os; print(os.listdir('/home'), os.listdir('/home/learner'))")
    assert "mine.txt" not in listing
    assert listing.startswith("['learner']")


CONNECT = """
import json, socket
from concurrent.futures import ThreadPoolExecutor
def opens(target):
    try:
        socket.create_connection(target, 3).close()
        return True
    except OSError:
        return False
with ThreadPoolExecutor(16) as pool:
    print(json.dumps(list(pool.map(opens, {targets!r}))))
"""


def _opens(inside, *targets):
    return inside(CONNECT.format(targets=list(targets)))


def test_there_is_no_way_to_the_internet(inside):
    assert _opens(inside, ("1.1.1.1", 443), ("9.9.9.9", 53), ("example.org", 80)) == [False] * 3


def test_there_is_no_way_to_another_container(inside, containers):
    neighbour = containers["bosco.n"]
    address = neighbour.attrs["NetworkSettings"]["Networks"]["try-hub"]["IPAddress"]
    assert _opens(inside, (address, 8888)) == [False]
    assert _opens(inside, (neighbour.name, 8888)) == [False]


NAMES = """
import json, socket
from concurrent.futures import ThreadPoolExecutor
def ask(name):
    try:
        return str((socket.gethostbyaddr if name[0] == "1" else socket.gethostbyname)(name))
    except OSError:
        return None
with ThreadPoolExecutor(8) as pool:
    print(json.dumps(list(pool.map(
        ask, ["bosco.n", "try-hub-bosco.n", "bosco", "try-hub-bosco", {address!r}]
    ))))
"""


def test_names_on_the_network_tell_nobody_who_is_there(inside, containers):
    address = containers["bosco.n"].attrs["NetworkSettings"]["Networks"]["try-hub"]["IPAddress"]
    *guesses, reverse = inside(NAMES.format(address=address))
    assert guesses == [None] * 4
    assert "bosco" not in (reverse or "")
    assert "bosco" not in containers["bosco.n"].name


@pytest.fixture
def services():
    """Services of the host that listen on every interface; returns their ports."""
    listeners = [socket.create_server(("0.0.0.0", 0)) for _ in range(2)]
    listeners.append(socket.create_server(("0.0.0.0", 2376)))
    threads = [threading.Thread(target=_serve, args=(listener,), daemon=True) for listener in listeners]
    for thread in threads:
        thread.start()
    yield [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()


def _serve(listener):
    while True:
        try:
            listener.accept()[0].close()
        except OSError:
            return


def _host_addresses(hub):
    """The host as a container may see it: the gateway, docker0 and the host's own addresses."""
    listed = json.loads(subprocess.check_output(["ip", "-j", "-4", "addr"]))
    own = [address["local"] for link in listed for address in link["addr_info"]]
    return [hub.settings.gateway, *(address for address in own if not address.startswith("127."))]


def test_of_the_host_only_hub_and_campus_can_be_reached(hub, inside, services):
    hosts = dict.fromkeys(_host_addresses(hub))
    others = [(host, port) for host in hosts for port in (*services, 22, hub.settings.ports.proxy_api)]
    answers = _opens(inside, *others)
    assert not any(answers), [target for target, open_ in zip(others, answers, strict=True) if open_]
    assert _opens(inside, (hub.settings.gateway, hub.settings.ports.hub)) == [True]


def test_the_campus_port_is_open_when_something_answers_there(hub, inside):
    listener = socket.create_server((hub.settings.gateway, hub.settings.ports.campus))
    thread = threading.Thread(target=_serve, args=(listener,), daemon=True)
    thread.start()
    try:
        assert _opens(inside, (hub.settings.gateway, hub.settings.ports.campus)) == [True]
    finally:
        listener.close()


PROCESSES = """
import json, subprocess
running = []
try:
    for _ in range(400):
        running.append(subprocess.Popen(["sleep", "60"]))
    print(json.dumps("no limit"))
except OSError as error:
    print(json.dumps(len(running)))
finally:
    for process in running:
        process.kill()
        process.wait()
"""


def test_the_number_of_processes_is_limited(inside):
    count = inside(PROCESSES)
    assert count != "no limit"
    assert count < 96


def test_memory_is_limited_without_swap_and_the_limit_is_hard(hub, inside, containers):
    config = containers["amina.k"].attrs["HostConfig"]
    assert config["Memory"] == config["MemorySwap"] == 512 * 2**20
    assert config["MemoryReservation"] == 256 * 2**20
    eat = (
        "import json, subprocess, sys\n"
        "eaten = subprocess.run([sys.executable, '-c', 'x = bytearray(700 * 2**20)']).returncode\n"
        "print(json.dumps(eaten))"
    )
    assert inside(eat) == -9


def test_the_engine_is_out_of_reach(inside):
    assert (
        inside(
            "import glob, json; print(json.dumps(glob.glob('/var/run/docker*') + glob.glob('/run/docker*')))"
        )
        == []
    )


def test_the_server_knows_only_what_its_owner_may_know(hub, inside):
    env = inside("import json, os; print(json.dumps(dict(os.environ)))")
    assert (
        env["ISOMO_CAMPUS_URL"]
        == f"http://{hub.settings.gateway}:{hub.settings.ports.campus}/services/campus"
    )
    assert env["JUPYTERHUB_API_URL"] == hub.settings.hub_api_url
    assert env["ISOMO_ROLE"] == "learner"
    secrets = Secrets.load(hub.settings)
    for secret in (secrets.campus_token, secrets.proxy_auth_token, secrets.names_key.hex()):
        assert secret not in json.dumps(env)


def test_a_home_outlives_its_container(hub, browsers, containers, inside):
    inside("print(open('/home/learner/kept.txt', 'w').write('kept'))")
    before = containers["amina.k"].id
    browser = browsers["amina.k"]
    _stop_server(browser, "amina.k")
    open_server(browser, "amina.k")
    fresh = Kernel(hub, browser, "amina.k")
    assert fresh.run("print(open('/home/learner/kept.txt').read())") == "kept\n"
    fresh.close()
    again = containers["amina.k"].client.containers.get(containers["amina.k"].name)
    assert again.id != before


def _stop_server(browser, name):
    xsrf = form_token(browser.get("/hub/password").text)
    headers = {"X-XSRFToken": xsrf, "Accept": "application/json", "Sec-Fetch-Mode": "cors"}
    assert browser.delete(f"/hub/api/users/{name}/server", headers=headers).status_code in (202, 204)
    for _ in range(100):
        if "is not running" in browser.get("/hub/home").text:
            return
        time.sleep(0.3)
    raise AssertionError(browser.get("/hub/home").text)


def test_no_command_line_on_the_host_shows_a_token(hub):
    shown = subprocess.check_output(["ps", "-eo", "args"], text=True)
    secrets = Secrets.load(hub.settings)
    for secret in (secrets.campus_token, secrets.proxy_auth_token):
        assert secret not in shown
