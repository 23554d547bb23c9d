"""Three machines on one: Docker daemons in network namespaces, joined to a Swarm, torn down by process id.

A folder that all daemons see at the same path stands in for the site's shared file system.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hub import container_engine
from hub.container_engine import DockerClient

PREFIX = "10.99.7"
"""The machines' network; the test's own address on it ends in 254."""
POOL = "10.231.0.0/16"
"""Addresses of the learners' networks."""
BRIDGE = "isoswarm0"
FOLDER = Path(tempfile.gettempdir()) / "isomo-swarm-nodes"
"""A short path: a socket's path may have 107 characters at most."""
PASS = ("-i", BRIDGE, "-o", BRIDGE, "-j", "ACCEPT")


HOME_NETWORK = os.open("/proc/self/ns/net", os.O_RDONLY)
NEW_NET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def in_network(handle: int) -> Iterator[None]:
    """Be in another network, with all processes that are started meanwhile. Python 3.12 has `os.setns`."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    if _libc.setns(handle, NEW_NET):
        raise OSError(ctypes.get_errno(), "setns")
    try:
        yield
    finally:
        _libc.setns(before, NEW_NET)
        os.close(before)


def run(*words: str, check: bool = True) -> str:
    """Run a command of the host in its own network; its words go into the failure."""
    with in_network(HOME_NETWORK):
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
    return done.stdout


def until(holds: object, seconds: float, what: str) -> None:
    """Wait until `holds()` is true."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not come")
        time.sleep(0.25)


@dataclass
class Node:
    """One machine: a namespace with an address, and a daemon in it."""

    number: int
    folder: Path
    daemon: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        return f"isonode{self.number}"

    @property
    def address(self) -> str:
        return f"{PREFIX}.{self.number}"

    @property
    def engine(self) -> str:
        return f"unix://{self.folder}/d.sock"

    def inside(self, *words: str) -> list[str]:
        """Return a command that runs in the machine's network; `ip netns exec` would hide the cgroup mounts."""
        return ["nsenter", f"--net=/run/netns/{self.name}", *words]

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Be in the machine's network, as its hub is."""
        handle = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            with in_network(handle):
                yield
        finally:
            os.close(handle)

    def client(self) -> DockerClient:
        return DockerClient(base_url=self.engine, timeout=120)

    def plug_in(self) -> None:
        """Make the namespace and its cable to the bridge."""
        run("ip", "netns", "add", self.name)
        run(
            "ip",
            "link",
            "add",
            f"isov{self.number}",
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            self.name,
        )
        run("ip", "link", "set", f"isov{self.number}", "master", BRIDGE, "up")
        run(*self.inside("ip", "address", "add", f"{self.address}/24", "dev", "eth0"))
        run(*self.inside("ip", "link", "set", "eth0", "up"))
        run(*self.inside("ip", "link", "set", "lo", "up"))
        run(*self.inside("ip", "route", "add", "default", "via", f"{PREFIX}.254"))

    def start(self) -> None:
        """Start the daemon, with folders that no other daemon uses."""
        self.folder.mkdir(parents=True, exist_ok=True)
        words = [
            # Nodes are told apart by their host's name.
            *("unshare", "--uts", "sh", "-c", f'hostname {self.name}; exec "$@"', "sh"),
            "dockerd",
            *(
                "--host",
                self.engine,
                "--pidfile",
                f"{self.folder}/d.pid",
                "--exec-root",
                f"{self.folder}/run",
            ),
            *("--data-root", f"{self.folder}/data", "--default-address-pool", "base=10.232.0.0/16,size=24"),
            *(
                "--bip",
                "10.233.0.1/24",
                "--cgroup-parent",
                f"/{self.name}",
                "--max-concurrent-downloads",
                "1",
            ),
        ]
        env = {**os.environ, "DOCKER_SERVICE_PREFER_OFFLINE_IMAGE": "1"}
        with (self.folder / "daemon.log").open("ab") as log:
            self.daemon = subprocess.Popen(
                self.inside(*words), env=env, stdout=log, stderr=log, start_new_session=True
            )
        until(self.answers, 60, f"the daemon of {self.name}")

    def answers(self) -> bool:
        with contextlib.suppress(container_engine.DockerException, OSError):
            return bool(self.client().ping())
        return False

    def has(self, image: str) -> bool:
        return bool(self.client().images.list(name=image))

    def load(self, archive: Path) -> None:
        with archive.open("rb") as data:
            self.client().images.load(data)

    def cut(self) -> None:
        """Pull the cable; everything on the machine goes on."""
        run("ip", "link", "set", f"isov{self.number}", "down")

    def join_again(self) -> None:
        run("ip", "link", "set", f"isov{self.number}", "up")

    def processes(self) -> list[int]:
        """Return all processes of the machine: those in its network and those of its containers."""
        found, own = set(), 0
        with contextlib.suppress(OSError):
            own = Path(f"/run/netns/{self.name}").stat().st_ino
        marks = (str(self.folder).encode(), f"/{self.name}/".encode())
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (
                    (place / "ns" / "net").stat().st_ino == own
                    or marks[0] in (place / "cmdline").read_bytes()
                    or marks[1] in (place / "cgroup").read_bytes()
                ):
                    found.add(int(place.name))
        return sorted(found - {os.getpid()})

    def kill(self) -> None:
        """Take the machine's power away: cable first, then every process of it."""
        self.cut()
        for _round in range(5):
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.2)
        if self.daemon:
            self.daemon.wait(20)

    def restart(self) -> None:
        """Stop the daemon as an upgrade of the engine does, and start it again."""
        if self.daemon:
            os.kill(int((self.folder / "d.pid").read_text()), signal.SIGTERM)
            self.daemon.wait(60)
        self.switch_on()

    def switch_on(self) -> None:
        """Start a machine that was killed; it joins its Swarm by itself."""
        self.join_again()
        (self.folder / "d.pid").unlink(missing_ok=True)
        self.start()
        until(
            lambda: self.client().info()["Swarm"]["LocalNodeState"] == "active",
            60,
            f"{self.name} in the Swarm",
        )

    def remove(self) -> None:
        """Leave only the images behind, for the next time: freeing their blocks takes a minute for each machine."""
        with contextlib.suppress(RuntimeError, OSError, subprocess.SubprocessError):
            self.kill()
        for line in Path("/proc/self/mounts").read_text().splitlines()[::-1]:
            if line.split()[1].startswith(f"{self.folder}/"):
                run("umount", "-l", line.split()[1], check=False)
        run("ip", "link", "delete", f"isov{self.number}", check=False)
        run("ip", "netns", "delete", self.name, check=False)
        for name in ("run", "data/swarm", "data/network", "data/containers", "d.pid", "d.sock"):
            place = self.folder / name
            shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)


@dataclass
class Nodes:
    """The machines; the first ones are managers."""

    folder: Path
    count: int = 3
    managers: int = 1
    nodes: list[Node] = field(default_factory=list)

    def start(self) -> Nodes:
        self.nodes = [Node(number, self.folder / f"n{number}") for number in range(1, self.count + 1)]
        self.stop()  # A run that was killed leaves its cables behind.
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "address", "add", f"{PREFIX}.254/24", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
        # The engine of this machine makes bridged packets pass iptables, and drops what it does not know.
        run("iptables", "-w", "-I", "FORWARD", *PASS)
        for node in self.nodes:
            node.plug_in()
            node.start()
        first = self.nodes[0]
        manager = first.client()
        manager.swarm.init(
            advertise_addr=first.address,
            listen_addr=f"{first.address}:2377",
            default_addr_pool=[POOL],
            subnet_size=28,
        )
        tokens = manager.swarm.attrs["JoinTokens"]
        for node in self.nodes[1:]:
            token = tokens["Manager" if node.number <= self.managers else "Worker"]
            node.client().swarm.join(
                remote_addrs=[f"{first.address}:2377"],
                join_token=token,
                advertise_addr=node.address,
                listen_addr=f"{node.address}:2377",
            )
        return self

    def stop(self) -> None:
        for node in self.nodes:
            node.remove()
        run("iptables", "-w", "-D", "FORWARD", *PASS, check=False)
        run("ip", "link", "delete", BRIDGE, check=False)


@contextlib.contextmanager
def swarm_nodes(image: str, count: int = 3, folder: Path = FOLDER, managers: int = 1) -> Iterator[Nodes]:
    """Yield machines that have `image` under its name; the engine of this machine gives it.

    Their images stay in `folder`; everything else is gone afterwards.
    """
    nodes = Nodes(folder, count, managers)
    try:
        nodes.start()
        give_image(image, nodes.nodes)
        yield nodes
    finally:
        nodes.stop()


def give_image(image: str, nodes: list[Node]) -> None:
    """Load an image of this machine's engine into those of `nodes` that lack it."""
    poor = [node for node in nodes if not node.has(image)]
    if not poor:
        return
    archive = poor[0].folder.parent / "image.tar"
    run("docker", "save", "-o", str(archive), image)
    for node in poor:
        node.load(archive)
    archive.unlink()
