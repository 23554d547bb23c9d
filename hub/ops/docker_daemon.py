"""The Docker engine: the one that answers, else the distribution's, installed and started."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests.exceptions

from hub import container_engine
from hub.isomo_settings import Settings
from hub.ops import terminal_output
from hub.ops.verb_sentences import _
from hub.private_files import make_private_file, make_private_folder
from hub.verb_errors import IsomoError

FAILURES = (container_engine.DockerException, requests.exceptions.RequestException, OSError)
PACKAGES = ("docker.io", "iptables")
SOCKET = Path("/var/run/docker.sock")
LARGE_LOG = 10_000_000


class NoEngineError(IsomoError):
    """No Docker engine can be used, and why."""


def connect_engine(timeout: int = 60) -> container_engine.DockerClient:
    """Return a client of the engine that answers.

    Raises NoEngineError with what to do if none does.
    """
    try:
        client = container_engine.from_env(timeout=timeout)
        client.ping()
    except FAILURES as error:
        raise NoEngineError(
            _("The Docker engine does not answer ({reason}).").format(reason=error_reason(error)),
            _("Start it with ./isomo up, or look at its log: ./isomo logs engine"),
        ) from error
    return client


def error_reason(error: Exception) -> str:
    """Return the innermost cause of a client's error, in a few words."""
    text = str(error)
    for sign, words in (
        ("No such file", _("nothing listens at its socket")),
        ("Connection refused", _("nothing listens at its socket")),
        ("Permission denied", _("this user may not use it")),
        ("timed out", _("no answer in time")),
    ):
        if sign in text:
            return words
    return text.splitlines()[0][:120] if text else type(error).__name__


def engine_version(client: container_engine.DockerClient) -> str:
    """Return the engine's version."""
    return str(client.version()["Version"])


def os_release(path: Path = Path("/etc/os-release")) -> dict[str, str]:
    """Return what this machine's distribution says of itself: ID, VERSION_CODENAME …"""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value.strip("\"'") for name, _sign, value in pairs}


def has_systemd() -> bool:
    """Return whether systemd runs this machine."""
    return Path("/run/systemd/system").is_dir()


def can_install(release: Mapping[str, str], uid: int, apt: bool) -> bool:
    """Return whether we may install the distribution's engine: Debian or Ubuntu, as root, with apt."""
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return bool(family & {"debian", "ubuntu"}) and uid == 0 and apt


def why_not(release: Mapping[str, str], uid: int) -> str:
    """Return what prevents installing an engine, and what to do, in sentences."""
    if uid:
        return _(
            "This user may not use or install one. Run ./isomo up as root, or ask for membership of the "
            "group docker."
        )
    return _(
        "Isomo installs one on Debian and Ubuntu only; this is {name}. Install Docker, then try again."
    ).format(name=release.get("PRETTY_NAME", _("another system")))


def ensure_engine(settings: Settings) -> container_engine.DockerClient:
    """Return the engine that answers; if none does, the distribution's, installed and started after saying so."""
    try:
        return connect_engine()
    except NoEngineError as error:
        first = error
    if named := os.environ.get("DOCKER_HOST"):
        # Somebody chose an engine; another one next to it would be a surprise.
        raise NoEngineError(
            _("{message}\nDOCKER_HOST names it: {address}").format(message=first.message, address=named),
            _("Start that engine, or unset DOCKER_HOST, then run ./isomo up again.") + "\n" + evaluate_hint(),
        )
    release = os_release()
    if not shutil.which("dockerd"):
        if not can_install(release, os.geteuid(), bool(shutil.which("apt-get"))):
            raise NoEngineError(f"{first.message}\n{why_not(release, os.geteuid())}", evaluate_hint())
        install_engine(release)
    elif os.geteuid():
        raise NoEngineError(f"{first.message}\n{why_not(release, os.geteuid())}", evaluate_hint())
    start_engine(settings)
    return wait_for_engine(settings)


def evaluate_hint() -> str:
    """Return the way out for somebody who only wants to look."""
    return _("To look at Isomo without an engine, on this machine alone: ./isomo up --evaluate")


def install_engine(release: Mapping[str, str]) -> None:
    """Install the distribution's engine; says so first."""
    name = release.get("PRETTY_NAME", "")
    terminal_output.print_fact(
        _("Docker engine"),
        _("none found. Installing docker.io from the packages of {name}").format(name=name),
    )
    apt_install(list(PACKAGES), _("Installing docker.io"))


def apt_install(packages: list[str], what: str) -> None:
    """Install packages of the distribution. Raises IsomoError with apt's last words."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with terminal_output.long_step(what).running():
        run_apt(["apt-get", "update", "-qq"], env)
        # policy-rc.d or not: if no init runs, services do not start by themselves, which is not an error.
        done = run_apt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env)
    if done.returncode:
        last = "\n".join(f"  {text}" for text in done.stdout.strip().splitlines()[-5:])
        raise IsomoError(
            _("{packages} could not be installed:\n{last}").format(packages=", ".join(packages), last=last),
            _("Check that this machine's package mirror can be reached (apt-get update), then try again."),
        )


def run_apt(command: list[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run apt, its words kept."""
    return subprocess.run(
        command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def dockerd_command(state: Path) -> list[str]:
    """Return the command that runs the engine by hand, if no init starts it."""
    return ["dockerd", "--host", f"unix://{SOCKET}", "--pidfile", str(state / "run" / "dockerd.pid")]


def start_engine(settings: Settings) -> None:
    """Start the engine that is installed: by systemd if it runs, else by hand, detached."""
    if has_systemd():
        subprocess.run(["systemctl", "enable", "--now", "docker"], capture_output=True, check=False)
        return
    run, logs = settings.state / "run", settings.state / "logs"
    for folder in (settings.state, run, logs):
        make_private_folder(folder)
    clear_stale_pid(run / "dockerd.pid")
    clear_stale_pid(Path("/var/run/docker.pid"))
    put_away(logs / "engine.log")
    with make_private_file(logs / "engine.log").open("ab") as log:
        subprocess.Popen(
            dockerd_command(settings.state),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def put_away(log: Path) -> None:
    """Give a large log another name, in the place of the one that had it before; nothing happens to a small one."""
    if log.exists() and log.stat().st_size > LARGE_LOG:
        log.replace(log.with_suffix(".log.1"))


def clear_stale_pid(path: Path) -> None:
    """After a crash the engine refuses to start while its pid file names any process that lives."""
    try:
        pid = int(path.read_text())
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    except (OSError, ValueError):
        name = ""
    if name != "dockerd":
        path.unlink(missing_ok=True)


def wait_for_engine(settings: Settings, seconds: float = 60) -> container_engine.DockerClient:
    """Return the engine, once it answers."""
    end = time.monotonic() + seconds
    with terminal_output.long_step(_("Starting the Docker engine")).running():
        while True:
            try:
                return connect_engine()
            except NoEngineError as error:
                if time.monotonic() > end:
                    raise NoEngineError(
                        _("The Docker engine was started and does not answer.") + engine_log_tail(settings),
                        evaluate_hint(),
                    ) from error
            time.sleep(0.5)


def engine_log_tail(settings: Settings) -> str:
    """Return the engine's last words, if it is we who started it."""
    log = settings.state / "logs" / "engine.log"
    if not log.exists():
        return ""
    return "\n" + "\n".join(f"  {text}" for text in log.read_text(errors="replace").splitlines()[-4:])


def our_containers(
    client: container_engine.DockerClient, settings: Settings, kind: str | None = None
) -> list[Any]:
    """Return the containers of this installation, running or not."""
    labels = [f"isomo.project={settings.project}", *([f"isomo.kind={kind}"] if kind else [])]
    return list(client.containers.list(all=True, filters={"label": labels}, ignore_removed=True))
