"""The filter between hub and container engine: the hub's own calls pass, and a hub that was taken over gains nothing."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker.errors
import pytest
import requests.exceptions
from docker import DockerClient
from docker.types import ContainerConfig, HostConfig

from hub.hub_process.container_safety import HOME, host_config
from hub.isomo_settings import parse_settings
from hub.ops import container_filter
from hub.ops.allowed_container_calls import check_call
from hub.ops.container_body import Policy, RefusedError, create_body
from hub.project_places import TEAM_PLACE

IMAGE = "try-lab:0123456789ab"
CREATE = "/v1.41/containers/create?name=try-0a1b2c"
OURS = {"isomo.project": "try", "isomo.kind": "lab", "isomo.owner": "0a1b2c"}


@pytest.fixture
def policy(tmp_path) -> Policy:
    settings = parse_settings(
        {"project": "try", "state": str(tmp_path / "state"), "engine": {"folders": ["/srv/data"]}}
    )
    for folder in ("homes/0a1b2c", "projects/rain/team", "keys"):
        (settings.state / folder).mkdir(parents=True)
    return Policy(settings, frozenset({IMAGE}))


@pytest.fixture
def body(policy) -> dict[str, Any]:
    """What the spawner sends for a learner, made by the engine's own library."""
    limits = policy.settings.learner
    host = HostConfig(
        version="1.41",
        **host_config(limits),
        binds={str(policy.settings.state / "homes" / "0a1b2c"): {"bind": HOME, "mode": "rw"}},
        auto_remove=True,
        links={},
        mounts=[],
        mem_limit=int(limits.memory),
        cpu_period=100_000,
        cpu_quota=int(limits.cpu * 100_000),
        network_mode=policy.settings.network.name,
    )
    sent = ContainerConfig(
        "1.41",
        IMAGE,
        ["jupyterhub-singleuser"],
        hostname="lab",
        user="1000:1000",
        environment={"JUPYTERHUB_API_TOKEN": "t"},
        volumes=[HOME],
        ports=[("8888", "tcp")],
        working_dir=HOME,
        labels=OURS,
        host_config=host,
    )
    return json.loads(json.dumps(sent))


def sent(body: dict[str, Any], policy: Policy) -> dict[str, Any]:
    return create_body(json.dumps(body).encode(), policy)


def test_a_learners_container_passes_as_the_spawner_asks_for_it(body, policy):
    passed = sent(body, policy)
    asked = {key: value for key, value in body.items() if value is not None and value is not False}
    asked["HostConfig"] = {key: value for key, value in body["HostConfig"].items() if value is not None}
    assert passed == asked


def test_a_projects_folder_and_a_folder_of_the_office_pass(body, policy):
    team = policy.settings.state / "projects" / "rain" / "team"
    body["HostConfig"]["Binds"] = [f"{team}:{TEAM_PLACE}:rw", "/srv/data:/srv/data:ro"]
    body["User"] = "200004:300002"
    assert sent(body, policy)["HostConfig"]["Binds"] == body["HostConfig"]["Binds"]


# What a hub that was taken over would try: the part at fault, and the change.
HOSTILE: list[tuple[str, dict[str, Any]]] = [
    ("HostConfig.Privileged", {"Privileged": True}),
    ("HostConfig.Privileged", {"Privileged": "true"}),
    ("HostConfig.Privileged", {"Privileged": 0}),
    ("HostConfig.privileged", {"privileged": True}),
    ("HostConfig.PRIVILEGED", {"PRIVILEGED": True}),
    ("a key is there twice", {"bindſ": ["/:/host"]}),
    ("HostConfig.Binds", {"Binds": ["/:/host:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"/:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"/var/run/docker.sock:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": "/:/host"}),
    ("HostConfig.Binds", {"Binds": [["/:/host"]]}),
    ("HostConfig.Binds", {"Binds": [f"STATE/homes:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"STATE/keys:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"STATE/homes/../keys:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"STATE/homes/0a1b2c/../../keys:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"STATE/homes/./0a1b2c:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"STATE/homes/0a1b2c/deep:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"STATE/homes/away:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"STATE/homes/0a1b2c:{HOME}:rw,shared"]}),
    ("HostConfig.Binds", {"Binds": [f"STATE/homes/0a1b2c:{HOME}:rshared"]}),
    ("HostConfig.Binds", {"Binds": ["STATE/homes/0a1b2c:/etc:rw"]}),
    ("HostConfig.Binds", {"Binds": [f"named-volume:{HOME}:rw"]}),
    ("HostConfig.Binds", {"Binds": ["/srv/data/..:/srv/data:rw"]}),
    ("HostConfig.Mounts", {"Mounts": [{"Type": "bind", "Source": "/", "Target": "/host"}]}),
    (
        "HostConfig.Mounts",
        {"Mounts": [{"Type": "volume", "VolumeOptions": {"DriverConfig": {"Options": {"o": "bind"}}}}]},
    ),
    ("HostConfig.VolumeDriver", {"VolumeDriver": "local"}),
    ("HostConfig.VolumesFrom", {"VolumesFrom": ["other"]}),
    ("HostConfig.CapAdd", {"CapAdd": ["SYS_ADMIN"]}),
    ("HostConfig.CapDrop", {"CapDrop": []}),
    ("HostConfig.CapDrop", {"CapDrop": None}),
    ("HostConfig.Capabilities", {"Capabilities": ["ALL"]}),
    ("HostConfig.SecurityOpt", {"SecurityOpt": ["no-new-privileges", "seccomp=unconfined"]}),
    ("HostConfig.SecurityOpt", {"SecurityOpt": []}),
    ("HostConfig.MaskedPaths", {"MaskedPaths": []}),
    ("HostConfig.ReadonlyPaths", {"ReadonlyPaths": []}),
    ("HostConfig.ReadonlyRootfs", {"ReadonlyRootfs": False}),
    ("HostConfig.ReadonlyRootfs", {"ReadonlyRootfs": 1}),
    ("HostConfig.PidMode", {"PidMode": "host"}),
    ("HostConfig.IpcMode", {"IpcMode": "host"}),
    ("HostConfig.UTSMode", {"UTSMode": "host"}),
    ("HostConfig.UsernsMode", {"UsernsMode": "host"}),
    ("HostConfig.CgroupnsMode", {"CgroupnsMode": "host"}),
    ("HostConfig.CgroupParent", {"CgroupParent": "/"}),
    ("HostConfig.NetworkMode", {"NetworkMode": "host"}),
    ("HostConfig.NetworkMode", {"NetworkMode": "bridge"}),
    ("HostConfig.NetworkMode", {"NetworkMode": "container:other"}),
    ("HostConfig.Devices", {"Devices": [{"PathOnHost": "/dev/sda"}]}),
    ("HostConfig.DeviceCgroupRules", {"DeviceCgroupRules": ["a *:* rwm"]}),
    ("HostConfig.DeviceRequests", {"DeviceRequests": [{"Count": -1}]}),
    ("HostConfig.Sysctls", {"Sysctls": {"kernel.core_pattern": "|/x"}}),
    ("HostConfig.Runtime", {"Runtime": "other"}),
    ("HostConfig.GroupAdd", {"GroupAdd": ["docker"]}),
    ("HostConfig.OomKillDisable", {"OomKillDisable": True}),
    ("HostConfig.RestartPolicy", {"RestartPolicy": {"Name": "always"}}),
    ("HostConfig.PublishAllPorts", {"PublishAllPorts": True}),
    ("HostConfig.PortBindings", {"PortBindings": {"8888/tcp": [{"HostPort": "80"}]}}),
    ("HostConfig.ExtraHosts", {"ExtraHosts": ["hub:10.0.0.1"]}),
    ("HostConfig.Links", {"Links": ["other:other"]}),
    ("HostConfig.ContainerIDFile", {"ContainerIDFile": "/etc/cron.d/x"}),
    ("HostConfig.LogConfig", {"LogConfig": {"Type": "syslog", "Config": {"syslog-address": "tcp://away"}}}),
    ("HostConfig.Tmpfs", {"Tmpfs": {"/etc": "rw,nosuid,nodev,noexec,size=1m"}}),
    ("HostConfig.Tmpfs", {"Tmpfs": {"/tmp": "rw,exec,suid,dev,size=1m"}}),
    ("HostConfig.Tmpfs", {"Tmpfs": {"/tmp": "rw,nosuid,nodev,noexec"}}),
    ("HostConfig.Memory", {"Memory": 0}),
    ("HostConfig.Memory", {"Memory": 2**50}),
    ("HostConfig.Memory", {"Memory": 1.5e9}),
    ("HostConfig.MemorySwap", {"MemorySwap": -1}),
    ("HostConfig.CpuQuota", {"CpuQuota": 100_000_000}),
    ("HostConfig.PidsLimit", {"PidsLimit": -1}),
    ("HostConfig.Ulimits", {"Ulimits": [{"Name": "nofile", "Soft": 10**9, "Hard": 10**9}]}),
    ("HostConfig.Ulimits", {"Ulimits": [{"Name": ["core"]}, {"Name": "fsize"}]}),
    ("HostConfig.Dns", {"Dns": ["9.9.9.9"]}),
]
HOSTILE_OUTSIDE: list[tuple[str, dict[str, Any]]] = [
    ("Image", {"Image": "debian:12"}),
    ("Image", {"Image": "try-lab:latest"}),
    ("Image", {"Image": ["try-lab:0123456789ab"]}),
    ("User", {"User": "0:0"}),
    ("User", {"User": "root"}),
    ("User", {"User": ""}),
    ("User", {"User": "1000"}),
    ("User", {"User": "1000:0"}),
    ("User", {"User": "1000:999"}),
    ("User", {"User": "4294967296:1000"}),
    ("User", {"User": "1000:1000\n"}),
    ("Entrypoint", {"Entrypoint": ["/bin/sh"]}),
    ("Healthcheck", {"Healthcheck": {"Test": ["CMD", "x"]}}),
    ("Volumes", {"Volumes": {"/etc": {}}}),
    ("Labels", {"Labels": {"isomo.project": "other", "isomo.kind": "lab", "isomo.owner": "x"}}),
    ("Labels", {"Labels": {**OURS, "com.docker.compose.project": "x"}}),
    ("NetworkingConfig", {"NetworkingConfig": {"EndpointsConfig": {"bridge": {}}}}),
    ("MacAddress", {"MacAddress": "02:42:ac:11:00:02"}),
    ("StopSignal", {"StopSignal": "SIGSTOP"}),
    ("a key is there twice", {"hostconfig": {"Privileged": True}}),
    ("HostConfig is missing", {"HostConfig": None}),
    ("HostConfig is missing", {"HostConfig": []}),
]


@pytest.mark.parametrize(("part", "change"), HOSTILE, ids=lambda each: str(each)[:60])
def test_no_container_gets_more_of_the_host_than_a_learner_has(body, policy, part, change):
    (policy.settings.state / "homes" / "away").symlink_to("/")
    text = json.dumps(change).replace("STATE", str(policy.settings.state))
    body["HostConfig"] |= json.loads(text)
    with pytest.raises(RefusedError, match=f"^{part}"):
        sent(body, policy)


@pytest.mark.parametrize(("part", "change"), HOSTILE_OUTSIDE, ids=lambda each: str(each)[:60])
def test_no_container_is_another_one_than_the_spawners(body, policy, part, change):
    with pytest.raises(RefusedError, match=f"^{part}"):
        sent(body | change, policy)


@pytest.mark.parametrize("key", sorted(host_config(parse_settings({}).learner)))
def test_nothing_that_makes_a_container_safe_may_be_left_out(body, policy, key):
    engine_names = HostConfig(
        version="1.41", **{key: host_config(policy.settings.learner)[key]}, **_needs(key)
    )
    for name in set(engine_names) - set(HostConfig(version="1.41", **_needs(key))):
        without = copy.deepcopy(body)
        del without["HostConfig"][name]
        with pytest.raises(RefusedError, match=name):
            sent(without, policy)


def _needs(key: str) -> dict[str, Any]:
    return {"mem_limit": 1} if key == "memswap_limit" else {}


@pytest.mark.parametrize(
    "trick",
    [
        lambda text: text.replace(b'"Image":', b'"Image": "debian:12", "Image":'),
        lambda text: text.replace(b'"ReadonlyRootfs":', b'"readonlyRootfs": false, "ReadonlyRootfs":'),
        lambda text: text.replace(b'"HostConfig":', b'"hostConfig": {"Privileged": true}, "HostConfig":'),
        lambda text: text + b'{"HostConfig": {"Privileged": true}}',
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.decode().encode("utf-16"),
        lambda text: b"[" + text + b"]",
        lambda text: text.replace(b'"Hostname": "lab"', b'"Hostname": NaN'),
        lambda text: b"[" * 100_000,
        lambda text: b"",
    ],
)
def test_a_body_that_two_readers_read_in_two_ways_is_refused(body, policy, trick):
    text = json.dumps(body).encode()
    assert trick(text) != text
    with pytest.raises(RefusedError):
        check_call("POST", CREATE, trick(text), policy)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/v1.41/containers/try-0a1b2c/exec"),
        ("POST", "/v1.41/exec/0a1b/start"),
        ("POST", "/v1.41/containers/try-0a1b2c/attach?stream=1"),
        ("GET", "/v1.41/containers/try-0a1b2c/attach/ws"),
        ("POST", "/v1.41/containers/try-0a1b2c/rename?name=other"),
        ("GET", "/v1.41/containers/try-0a1b2c/archive?path=/"),
        ("PUT", "/v1.41/containers/try-0a1b2c/archive?path=/"),
        ("GET", "/v1.41/containers/try-0a1b2c/export"),
        ("POST", "/v1.41/commit?container=try-0a1b2c"),
        ("POST", "/v1.41/build"),
        ("POST", "/v1.41/images/create?fromImage=debian"),
        ("POST", "/v1.41/images/load"),
        ("POST", f"/v1.41/images/{IMAGE}/tag?repo=try-lab"),
        ("GET", "/v1.41/images/debian:12/json"),
        ("POST", "/v1.41/volumes/create"),
        ("POST", "/v1.41/networks/create"),
        ("POST", "/v1.41/networks/try/connect"),
        ("POST", "/v1.41/plugins/pull"),
        ("POST", "/v1.41/swarm/init"),
        ("POST", "/v1.41/services/create"),
        ("POST", "/v1.41/secrets/create"),
        ("POST", "/v1.41/session"),
        ("POST", "/grpc"),
        ("GET", "/v1.41/events"),
        ("GET", "/v1.41/info"),
        ("GET", "/v1.41/debug/pprof/heap"),
        ("POST", "/v1.41/containers/prune"),
        ("POST", "/v1.23/containers/try-0a1b2c/start"),
        ("POST", "/v1.4/containers/try-0a1b2c/start"),
        ("POST", "/v2.41/containers/try-0a1b2c/start"),
        ("POST", "/v1.41/v1.41/containers/try-0a1b2c/start"),
        ("POST", "/v1.41/containers/../containers/create?name=try-0a1b2c"),
        ("POST", "/v1.41/containers/%2e%2e/start"),
        ("POST", "/v1.41/containers/..%2fcommit/start"),
        ("POST", "/v1.41/containers/../start"),
        ("POST", "//containers/try-0a1b2c/start"),
        ("POST", "http://engine/containers/try-0a1b2c/start"),
        ("POST", "/v1.41/containers/try-0a1b2c/start/"),
        ("POST", "/v1.41/containers/try-0a1b2c/start\n"),
        ("POST", "/v1.41/containers/try-0a1b2c/start HTTP/1.0"),
        ("POST", "/v1.41/containers/try-0a1b2c/start?detachKeys=x"),
        ("POST", "/v1.41/containers/try-0a1b2c/start#x"),
        ("post", "/v1.41/containers/try-0a1b2c/start"),
        ("DELETE", "/v1.41/containers/try-0a1b2c?link=1"),
        ("DELETE", "/v1.41/containers/try-0a1b2c?force=1&force=0"),
        ("DELETE", "/v1.41/containers/try-0a1b2c?force"),
        ("GET", "/v1.41/containers/json?filters=[]"),
    ],
)
def test_no_other_call_is_passed_on(policy, method, target):
    with pytest.raises(RefusedError):
        check_call(method, target, b"", policy)


@pytest.mark.parametrize("name", ["", "other-lab", "try-", "try-../x", "try-a&name=try-b", "try-a%0a"])
def test_a_container_has_a_name_of_this_installation(body, policy, name):
    with pytest.raises(RefusedError, match="query"):
        check_call("POST", f"/v1.41/containers/create?name={name}", json.dumps(body).encode(), policy)


def test_a_start_takes_no_options(policy):
    with pytest.raises(RefusedError, match="a body"):
        check_call("POST", "/v1.41/containers/try-a/start", b'{"Binds": ["/:/host"]}', policy)


@pytest.mark.parametrize(
    "change", [{"Memory": 2**40}, {"cpushares": 5}, {"CpuShares": True}, {"CpuShares": 9999}, {}]
)
def test_an_update_changes_the_share_of_the_processor_only(policy, change):
    with pytest.raises(RefusedError):
        check_call("POST", "/v1.41/containers/try-a/update", json.dumps(change).encode(), policy)
    call = check_call("POST", "/v1.41/containers/try-a/update", b'{"CpuShares": 1024}', policy)
    assert json.loads(call.body) == {"CpuShares": 1024}


def test_a_list_shows_the_hubs_own_containers_whatever_is_asked(policy):
    for asked in ("", "?all=1", '?filters={"label": ["isomo.project=other"]}'):
        call = check_call("GET", f"/v1.41/containers/json{asked}", b"", policy)
        assert "isomo.project%3Dtry" in call.query
        assert "other" not in call.query


# Over a socket, against an engine that writes down what reaches it.


class Engine:
    """Answers as an engine would, and keeps the bytes that it was sent."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "real.sock"
        self.heard: list[bytes] = []
        self.labels: dict[str, str] = OURS

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:"))
        self.heard.append(head + await reader.readexactly(length))
        told: dict[str, Any] = {
            "Id": "f" * 64,
            "Name": "/x",
            "Config": {"Labels": self.labels, "Env": ["SECRET=1"]},
        }
        text = json.dumps(told if b"/json" in head else {"Id": "f" * 64, "ApiVersion": "1.41"}).encode()
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + text)
        await writer.drain()
        writer.close()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose sockets have names of fewer than 108 bytes, wherever pytest's own folders are."""
    with tempfile.TemporaryDirectory(prefix="isomo-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def way(policy, short_folder) -> Iterator[tuple[Path, Engine]]:
    """The filter's socket and the engine behind it, in a thread."""
    engine, gate = Engine(short_folder), short_folder / "gate" / "engine.sock"
    ready, loop = threading.Event(), asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        real = await asyncio.start_unix_server(engine.answer, str(engine.path))
        server = container_filter.filter_server(policy, engine.path, gate)
        ready.set()
        await over.wait()
        server.stop()
        await server.close_all_connections()
        real.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(60)
    yield gate, engine
    loop.call_soon_threadsafe(over.set)
    thread.join(60)
    loop.close()


LAST = b"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def spoken(gate: Path, raw: bytes) -> bytes:
    """Send bytes as they are, then an allowed call that ends the line; return all that comes back."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(60)
        line.connect(str(gate))
        line.sendall(raw + LAST)
        found = b""
        with contextlib.suppress(ConnectionResetError):
            while part := line.recv(65536):
                found += part
        return found


def test_the_engine_gets_a_call_made_of_the_checked_parts(way, body):
    gate, engine = way
    client = DockerClient(base_url=f"unix://{gate}", version="1.41")
    client.api.start("try-0a1b2c")
    assert b"POST /v1.41/containers/" + b"f" * 64 + b"/start HTTP/1.0" in engine.heard[-1], "by its full id"
    text = json.dumps(body).encode()
    spoken(
        gate,
        f"POST {CREATE} HTTP/1.1\r\nHost: x\r\nX-More: y\r\nContent-Length: {len(text)}\r\n\r\n".encode()
        + text,
    )
    assert b"X-More" not in engine.heard[-2]
    assert json.loads(engine.heard[-2].partition(b"\r\n\r\n")[2])["HostConfig"]["CapDrop"] == ["ALL"]
    client.close()


HIDDEN = b"POST /v1.41/containers/create?name=try-x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
LINE = b"GET /_ping HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        LINE + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n" + HIDDEN,
        LINE + b"Content-Length: 0\r\nContent-Length: 99\r\n\r\n" + HIDDEN,
        LINE + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
        LINE + b"Transfer-Encoding: xchunked\r\n\r\n" + HIDDEN,
        LINE + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
        LINE + b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n" + HIDDEN,
        LINE + b"X: a\nContent-Length: 0\r\n\r\n" + HIDDEN,
        b"GET /_ping\r\n\r\n" + HIDDEN,
        b"GET /_ping HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: POST\r\n\r\n" + HIDDEN,
    ],
)
def test_nothing_is_smuggled_to_the_engine_behind_an_allowed_call(way, raw):
    gate, engine = way
    spoken(gate, raw)
    assert all(each.startswith(b"GET /_ping HTTP/1.0\r\n") for each in engine.heard)


def test_a_body_in_chunks_is_checked_as_a_whole(way, body):
    gate, engine = way
    body["HostConfig"]["Privileged"] = True
    text = json.dumps(body).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (text[:40], text[40:])) + b"0\r\n\r\n"
    head = f"POST {CREATE} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    assert b"403" in spoken(gate, head + chunks).split(b"\r\n")[0]
    assert not [each for each in engine.heard if b"create" in each]


def test_a_refused_call_is_answered_with_a_sentence_and_written_down(way, body, caplog):
    gate, engine = way
    client = DockerClient(base_url=f"unix://{gate}", version="1.41")
    body["HostConfig"]["Privileged"] = True
    with pytest.raises(docker.errors.APIError, match=r"does not pass this call on.*HostConfig\.Privileged"):
        client.api.create_container_from_config(body, "try-0a1b2c")
    assert not engine.heard
    assert (
        "call-refused method=POST path='/v1.41/containers/create' part='HostConfig.Privileged'" in caplog.text
    )
    client.close()


def test_somebody_elses_container_is_neither_shown_nor_touched(way):
    gate, engine = way
    engine.labels = {**OURS, "isomo.kind": "grader"}
    client = DockerClient(base_url=f"unix://{gate}", version="1.41")
    assert client.api.inspect_container("other") == {"Id": "f" * 64, "Name": "/x", "Config": {"Labels": {}}}
    for act in (client.api.stop, client.api.start, client.api.remove_container):
        with pytest.raises(docker.errors.APIError, match="not one of this hub's"):
            act("other")
    assert all(each.startswith(b"GET ") for each in engine.heard)
    client.close()


def test_an_engine_that_is_away_looks_to_the_hub_as_it_does_without_the_filter(way):
    gate, engine = way
    engine.path.unlink()
    client = DockerClient(base_url=f"unix://{gate}", version="1.41")
    with pytest.raises(requests.exceptions.ConnectionError):
        client.api.inspect_container("try-0a1b2c")
    client.close()


def test_only_this_user_can_open_the_filters_socket(way):
    gate, _engine = way
    assert gate.stat().st_mode & 0o777 == 0o600
    assert gate.parent.stat().st_mode & 0o777 == 0o700
