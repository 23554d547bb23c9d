"""The processes of an installation, as plain data, and what supervises them, as text."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub import node_programs
from hub.hub_process.office_config import config_files
from hub.isomo_settings import CHECKOUT, Settings
from hub.ops.allowed_container_calls import confines_hub, filter_socket, filters_calls
from hub.ops.office_images import named_images

PASSED_ON = (
    "ISOMO_SETTINGS",
    "ISOMO_STATE",
    "ISOMO_EVALUATE",
    "DOCKER_HOST",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "LANG",
    "LC_ALL",
    "TZ",
)
UNIT = "ISOMO_UNIT"
"""In the environment of each process: whose it is, so that one that lost its supervisor can be found."""
SOURCES = ("*.py", "*.html", "*.typ", "*.po", "*.toml", "*.ini", "*.css", "*.js", "*.mako")


@dataclass(frozen=True)
class Program:
    """One process: its name, command and environment. `stamp` changes when it must be restarted."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    stamp: str


def process_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what every process needs to find this installation."""
    kept = {name: environ[name] for name in PASSED_ON if environ.get(name)}
    path = os.pathsep.join(
        [str(Path(sys.executable).parent), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    )
    return {
        **kept,
        "ISOMO_STATE": str(settings.state),
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUNBUFFERED": "1",
        "PATH": path,
        "HOME": environ.get("HOME", "/root"),
    }


def grader_python() -> Path:
    """Python of the graders' environment, if they run on the host itself."""
    return CHECKOUT / ".isomo" / "env-grader" / "bin" / "python"


def workers_python() -> Path:
    """Python of the environment that knows the task queue, if submissions are graded on several machines."""
    return CHECKOUT / ".isomo" / "env-workers" / "bin" / "python"


def sources_digest(*words: str, folders: tuple[str, ...] = (), root: Path = CHECKOUT) -> str:
    """Twelve hex digits of these words and of the sources in these folders."""
    total = hashlib.sha256(json.dumps(words).encode())
    for folder in folders:
        place = root / folder
        found = [place] if place.is_file() else [path for kind in SOURCES for path in place.rglob(kind)]
        for path in sorted(found):
            total.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:12]


def program_list(
    settings: Settings, environ: Mapping[str, str], pictures: Mapping[str, str]
) -> list[Program]:
    """Return every process that must run, in the order in which they are started; `pictures` are the images' names."""
    python = sys.executable
    shared = process_environment(settings, environ)
    said = settings.model_dump_json()

    def program(name: str, *argv: str, changes: str = "", folders: tuple[str, ...] = ()) -> Program:
        image = {"hub": "lab", "engine-filter": "lab", "grader": "grader"}.get(name, "")
        shown = {f"ISOMO_{image.upper()}_IMAGE": pictures[image]} if image in pictures else {}
        if name == "grader" and settings.evaluate:
            shown = {"ISOMO_GRADER_PYTHON": str(grader_python())}
        if name == "hub" and filters_calls(settings, environ):
            shown["DOCKER_HOST"] = f"unix://{filter_socket(settings)}"
        env = {**shared, **shown, UNIT: f"{settings.project}:{name}:{settings.state}"}
        stamp = sources_digest(said, changes, python, json.dumps(env, sort_keys=True), folders=folders)
        return Program(name, tuple(argv), env, stamp)

    node = str(node_programs.node_folder())
    confined = (python, "-m", "hub.ops.hub_confinement") if confines_hub(settings, environ) else ()
    found = [
        program("proxy", python, "-m", "hub.ops.start_proxy", "proxy", changes=node),
        program("learner-proxy", python, "-m", "hub.ops.start_proxy", "learner-proxy", changes=node),
        program("campus", python, "-m", "hub.campus", folders=("hub",)),
        program(
            "hub",
            *(*confined, python, "-m", "jupyterhub", "-f", str(CHECKOUT / "jupyterhub_config.py")),
            changes="".join(file.read_text("utf-8", "replace") for file in config_files(settings)),
            folders=("hub", "jupyterhub_config.py"),
        ),
    ]
    if (CHECKOUT / "graders" / "agent" / "__main__.py").exists():
        folders = ("graders", "hub/store", "hub/isomo_settings.py", "labs")
        grader = (python, "-m", "graders.agent")
        found.append(program("grader", *grader, folders=folders))
    if settings.grading.queue:
        queue = (str(workers_python()), "-m", "graders.agent.task_queue")
        found.append(program("queue", *queue, folders=("graders/agent",)))
    ours = ("hub", "graders/contract")  # All that they load, as a test holds: an upgrade starts them again.
    if settings.backup.repository is not None:
        found.append(program("backup", python, "-m", "hub.ops.backup_schedule", folders=ours))
    if filters_calls(settings, environ):
        images = " ".join(sorted(named_images(settings)))
        found.insert(
            0,
            program("engine-filter", python, "-m", "hub.ops.container_filter", changes=images, folders=ours),
        )
    if not settings.evaluate:
        found.insert(0, program("guard", python, "-m", "hub.ops.firewall_guard", folders=ours))
    return found


def supervisor_socket(settings: Settings) -> Path:
    """Return the path of supervisor's socket; it may have 107 characters at most."""
    usual = settings.state / "run" / "supervisor.sock"
    if len(str(usual)) <= 100:
        return usual
    short = hashlib.sha256(str(settings.state).encode()).hexdigest()[:12]
    return Path(f"/tmp/isomo-{short}.sock")  # noqa: S108 - a socket that supervisor makes for its owner only


def supervisor_quoted(text: str) -> str:
    """Return a value in supervisor's `environment` list, which knows both quotation marks and no way to escape one."""
    mark = "'" if '"' in text else '"'
    return mark + text.replace("%", "%%").replace(mark, "") + mark


def command_line(argv: tuple[str, ...]) -> str:
    """Return a command for supervisor, which splits it as a shell would."""
    return " ".join(f'"{word}"' if " " in word else word for word in argv).replace("%", "%%")


def supervisor_config(settings: Settings, found: list[Program]) -> str:
    """Configuration of supervisor."""
    run, logs = settings.state / "run", settings.state / "logs"
    socket = supervisor_socket(settings)
    head = f"""\
[supervisord]
logfile = {logs}/supervisor.log
logfile_maxbytes = 5MB
logfile_backups = 2
pidfile = {run}/supervisord.pid
directory = {settings.state}
identifier = {settings.project}
umask = 077

[unix_http_server]
file = {socket}
chmod = 0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://{socket}
"""
    return head + "".join(_section(settings, each) for each in found)


def _section(settings: Settings, program: Program) -> str:
    env = {**program.env, "ISOMO_STAMP": program.stamp}
    written = ",".join(f"{name}={supervisor_quoted(value)}" for name, value in sorted(env.items()))
    return f"""
[program:{program.name}]
command = {command_line(program.argv)}
environment = {written}
directory = {settings.state}
autorestart = true
startsecs = 1
startretries = 1000000
stopwaitsecs = 15
killasgroup = true
redirect_stderr = true
stdout_logfile = {settings.state}/logs/{program.name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 5
"""


def unit_name(settings: Settings, name: str) -> str:
    """Return systemd's name for one of our processes."""
    return f"{settings.project}-{name}.service"


def systemd_quoted(text: str) -> str:
    """Return a word in a systemd unit."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def systemd_unit(settings: Settings, program: Program) -> str:
    """Return the systemd unit of one process. Its log goes to the journal, which keeps it small by itself."""
    env = {**program.env, "ISOMO_STAMP": program.stamp}
    lines = "\n".join(
        f"Environment={systemd_quoted(f'{name}={value}')}" for name, value in sorted(env.items())
    )
    after = "network-online.target" if settings.evaluate else "network-online.target docker.service"
    return f"""\
[Unit]
Description=Isomo ({settings.project}): {program.name}
After={after}
Wants={after}
StartLimitIntervalSec=0

[Service]
ExecStart={" ".join(systemd_quoted(word).replace("$", "$$") for word in program.argv)}
{lines}
WorkingDirectory={settings.state}
Restart=always
RestartSec=1
TimeoutStopSec=15
UMask=0077

[Install]
WantedBy=multi-user.target
"""
