"""Keeps the processes running: systemd if it runs the machine and we are root, else supervisor."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

from hub.isomo_settings import Settings
from hub.ops import docker_daemon
from hub.ops.process_list import UNIT, Program, supervisor_config, supervisor_socket, systemd_unit, unit_name
from hub.ops.verb_sentences import _
from hub.private_files import make_private_file, make_private_folder
from hub.verb_errors import IsomoError

SYSTEM_UNITS = Path("/etc/systemd/system")


@dataclass(frozen=True)
class State:
    """One process as its supervisor sees it. `since` is in seconds."""

    name: str
    running: bool
    since: float
    pid: int


class Supervisor(Protocol):
    """Interface of both supervisors."""

    label: str

    def states(self) -> list[State]:
        """Return each process; an empty list if nothing is supervised."""

    def apply(self, wanted: list[Program]) -> list[str]:
        """Start what is not running, restart what has changed; return the names of both."""

    def stop(self) -> list[str]:
        """Stop everything; returns the names of what ran."""


def machine_supervisor(settings: Settings) -> Supervisor:
    """Return the supervisor of this machine."""
    if docker_daemon.has_systemd() and os.geteuid() == 0:
        return Systemd(settings)
    return Supervisord(settings)


class Supervisord:
    """supervisor, as our own daemon with its socket in the state folder."""

    label = "supervisor"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._config = settings.state / "run" / "supervisor.conf"

    def _api(self) -> Any:
        from supervisor.xmlrpc import SupervisorTransport

        where = f"unix://{supervisor_socket(self._settings)}"
        return xmlrpc.client.ServerProxy(
            "http://127.0.0.1", transport=SupervisorTransport(None, None, where)
        ).supervisor

    def _answers(self) -> bool:
        try:
            self._api().getState()
        except (OSError, xmlrpc.client.Error, ValueError):
            return False
        return True

    def states(self) -> list[State]:
        """Return each process."""
        if not self._answers():
            return []
        return [
            State(
                str(each["name"]),
                each["statename"] == "RUNNING",
                each["now"] - each["start"],
                int(each["pid"]),
            )
            for each in self._api().getAllProcessInfo()
        ]

    def apply(self, wanted: list[Program]) -> list[str]:
        """Start what is not running, restart what has changed."""
        text = supervisor_config(self._settings, wanted)
        if not self._answers():
            stop_orphans(self._settings)
            self._write(text)
            self._start()
            return [program.name for program in wanted]
        self._write(text)
        return self._update(wanted)

    def _write(self, text: str) -> None:
        for folder in (self._config.parent, self._settings.state / "logs"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._config.with_suffix(".new")
        draft.write_text(text, "utf-8")
        draft.chmod(0o600)
        draft.replace(self._config)

    def _start(self) -> None:
        daemon = Path(sys.executable).with_name("supervisord")
        make_private_file(self._settings.state / "logs" / "supervisor.log")  # Opened before its umask counts.
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": os.environ.get("HOME", "/")}
        done = subprocess.run(
            [str(daemon), "-c", str(self._config)], env=env, capture_output=True, text=True, check=False
        )
        end = time.monotonic() + 10
        while not self._answers():
            if done.returncode or time.monotonic() > end:
                raise IsomoError(
                    _("The supervisor did not start: {reason}").format(
                        reason=(done.stdout + done.stderr).strip()
                    ),
                    _("Look at its log: ./isomo logs supervisor"),
                )
            time.sleep(0.05)

    def _update(self, wanted: list[Program]) -> list[str]:
        """Do what `supervisorctl update` does, and start what was stopped."""
        api = self._api()
        [[added, changed, removed]] = api.reloadConfig()
        for name in [*removed, *changed]:
            api.stopProcessGroup(name)
            api.removeProcessGroup(name)
        for name in [*changed, *added]:
            api.addProcessGroup(name)
        down = [state.name for state in self.states() if not state.running]
        for name in down:
            with contextlib.suppress(xmlrpc.client.Fault):  # It may be starting already.
                api.startProcess(name, False)
        touched = {*added, *changed, *down}
        return [program.name for program in wanted if program.name in touched]

    def stop(self) -> list[str]:
        """Stop everything, the daemon as well."""
        ran = [state.name for state in self.states() if state.running]
        with contextlib.suppress(OSError, xmlrpc.client.Error, ValueError):
            self._api().shutdown()
        end = time.monotonic() + 40
        while self._answers() and time.monotonic() < end:
            time.sleep(0.1)
        pid = self._settings.state / "run" / "supervisord.pid"
        while pid.exists() and time.monotonic() < end and _is_supervisord(pid):
            time.sleep(0.1)
        return ran or stop_orphans(self._settings)


def _is_supervisord(pid_file: Path) -> bool:
    try:
        return "supervisord" in " ".join(psutil.Process(int(pid_file.read_text())).cmdline())
    except (OSError, ValueError, psutil.Error):
        return False


def stop_orphans(settings: Settings) -> list[str]:
    """Stop processes of this installation that lost their supervisor; returns their names."""
    found: dict[psutil.Process, str] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            project, _sign, rest = process.environ().get(UNIT, "").partition(":")
            name, _sign, state = rest.partition(":")
            if project == settings.project and state == str(settings.state) and process.pid != os.getpid():
                found[process] = name
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGTERM)
    for process in psutil.wait_procs(list(found), timeout=10)[1]:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return sorted(set(found.values()))


class Systemd:
    """systemd: a unit for each process, started again with the machine."""

    label = "systemd"

    def __init__(self, settings: Settings, folder: Path = SYSTEM_UNITS) -> None:
        self._settings = settings
        self._folder = folder

    def _systemctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)

    def _units(self) -> list[Path]:
        return sorted(self._folder.glob(unit_name(self._settings, "*")))

    def states(self) -> list[State]:
        """Return each process."""
        prefix = len(unit_name(self._settings, "")) - len(".service")
        return [self._state(unit.name, unit.stem[prefix:]) for unit in self._units()]

    def _state(self, unit: str, name: str) -> State:
        wanted = "ActiveState,ExecMainPID,ActiveEnterTimestampMonotonic"
        said = self._systemctl("show", unit, f"--property={wanted}").stdout
        facts = dict(line.partition("=")[::2] for line in said.splitlines())
        since = time.monotonic() - int(facts.get("ActiveEnterTimestampMonotonic") or 0) / 1e6
        return State(name, facts.get("ActiveState") == "active", since, int(facts.get("ExecMainPID") or 0))

    def apply(self, wanted: list[Program]) -> list[str]:
        """Start what is not running, restart what has changed."""
        make_private_folder(self._settings.state / "logs")
        changed = [program for program in wanted if self._write(program)]
        keep = {unit_name(self._settings, program.name) for program in wanted}
        for unit in self._units():
            if unit.name not in keep:
                self._systemctl("disable", "--now", unit.name)
                unit.unlink()
        if changed:
            self._systemctl("daemon-reload")
        down = {state.name for state in self.states() if not state.running}
        touched = [program.name for program in wanted if program in changed or program.name in down]
        for name in touched:
            unit_ = unit_name(self._settings, name)
            self._systemctl("enable", unit_)
            done = self._systemctl("restart", unit_)
            if done.returncode:
                raise IsomoError(
                    _("systemd did not start {name}: {reason}").format(
                        name=unit_, reason=done.stderr.strip()
                    ),
                    _("Look at its log: ./isomo logs {name}").format(name=name),
                )
        return touched

    def _write(self, program: Program) -> bool:
        path = self._folder / unit_name(self._settings, program.name)
        text = systemd_unit(self._settings, program)
        if path.exists() and path.read_text("utf-8") == text:
            return False
        path.write_text(text, "utf-8")
        return True

    def stop(self) -> list[str]:
        """Stop everything, and do not start it with the machine."""
        ran = [state.name for state in self.states() if state.running]
        for unit in self._units():
            self._systemctl("disable", "--now", unit.name)
            unit.unlink()
        self._systemctl("daemon-reload")
        return ran
