"""JupyterHub's configuration, as an ordered list of small setters `(c, settings, secrets)`.

Each sets one thing and can be tried with an empty traitlets `Config`, without a hub. The order matters in one
place only: `use_plain_processes` comes last, because it replaces what containers need.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from traitlets.config import Config

from hub.hub_process.container_spawner import EvaluationSpawner, LabSpawner
from hub.hub_process.hub_database import connection_options
from hub.hub_process.hub_handlers import last_handlers
from hub.hub_process.hub_proxies import TwoOriginProxy, gate_url
from hub.hub_process.origin_redirects import gate_handlers
from hub.hub_process.project_config import add_projects
from hub.hub_process.server_networks import RUN_VARIABLE, hub_run
from hub.hub_process.store_authenticator import Accounts
from hub.hub_process.swarm_door import DOOR
from hub.hub_process.swarm_spawner import SwarmLabSpawner
from hub.isomo_settings import CHECKOUT, Settings
from hub.message_catalogues import domain_catalogue
from hub.secret_keys import Secrets
from hub.shared_names import CAMPUS, USERNAME

Setter = Callable[[Config, Settings, Secrets], None]
GROUPS = ("learner", "trainer", "data-team", "coordinator", "administrator")
TEMPLATES = Path(__file__).parent / "templates"
PASSED_ON = ("ISOMO_SETTINGS", "ISOMO_STATE", "DOCKER_HOST")
"""What the keeper needs from the hub's environment to find the same installation."""
COOKIE_DAYS = 7
CAMPUS_ACCESS = "access:services!service=campus"


def set_database(c: Config, settings: Settings, _secrets: Secrets) -> None:
    """Set where JupyterHub keeps its own state."""
    c.JupyterHub.db_url = settings.hub_database_url
    c.JupyterHub.db_kwargs = connection_options(settings.hub_database_url)
    c.JupyterHub.upgrade_db = True


def set_addresses(c: Config, settings: Settings, _secrets: Secrets) -> None:
    """Public address, and the hub's own one, which learners' servers reach through the bridge."""
    inner = f"http://{settings.inner_host}:{settings.ports.hub}"
    scheme = settings.address.partition(":")[0]
    c.JupyterHub.bind_url = f"{scheme}://{settings.listen or '0.0.0.0'}:{settings.port}"  # noqa: S104
    c.JupyterHub.hub_bind_url = inner
    c.JupyterHub.hub_connect_url = inner
    c.JupyterHub.public_url = f"{settings.address}/"
    c.JupyterHub.default_url = f"{CAMPUS}/"


def survive_restarts(c: Config, settings: Settings, secrets: Secrets) -> None:
    """A restart of the hub is invisible: servers, proxies and cookies outlive it."""
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cleanup_proxy = False
    c.JupyterHub.cookie_secret = secrets.cookie_secret
    c.JupyterHub.pid_file = str(settings.state / "run" / "jupyterhub.pid")


def set_proxies(c: Config, settings: Settings, secrets: Secrets) -> None:
    """The two proxies run on their own; the hub only sets their routes."""
    c.JupyterHub.proxy_class = TwoOriginProxy
    c.TwoOriginProxy.should_start = False
    c.TwoOriginProxy.auth_token = secrets.proxy_auth_token
    c.TwoOriginProxy.api_url = f"http://127.0.0.1:{settings.ports.proxy_api}"
    c.TwoOriginProxy.learner_api_url = f"http://127.0.0.1:{settings.ports.learner_proxy_api}"
    c.TwoOriginProxy.gate_url = gate_url(settings)
    c.TwoOriginProxy.campus_url = f"http://{settings.inner_host}:{settings.ports.campus}"
    c.TwoOriginProxy.extra_routes = {"/user/": f"{gate_url(settings)}/campus"}
    c.JupyterHub.extra_handlers = [*gate_handlers(settings), *last_handlers()]


def sign_in(c: Config, settings: Settings, _secrets: Secrets) -> None:
    """Local accounts; who may come in is decided by the store alone, and asked again every few seconds."""
    c.JupyterHub.authenticator_class = Accounts
    c.Accounts.settings = settings
    c.Accounts.allow_all = True
    c.Accounts.manage_groups = True
    c.Accounts.auth_refresh_age = 5
    # Tokens of a closed account are refused too, not only its cookies.
    c.Accounts.auth_refresh_strict = True
    c.Accounts.refresh_pre_spawn = True
    c.Accounts.username_pattern = USERNAME.pattern
    c.JupyterHub.cookie_max_age_days = COOKIE_DAYS


def set_browser_rules(c: Config, settings: Settings, _secrets: Secrets) -> None:
    """Set what browsers may do with our cookies and pages."""
    secure = {"secure": True} if settings.address.startswith("https:") else {}
    c.JupyterHub.tornado_settings = {
        "xsrf_cookie_kwargs": {"httponly": True, "samesite": "Lax", **secure},
        "cookie_options": {"samesite": "Lax", "expires_days": COOKIE_DAYS},
        "headers": {
            "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'self'; object-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        },
    }


def quiet_logs(_c: Config, _settings: Settings, _secrets: Secrets) -> None:
    """JupyterHub logs the session inside each new XSRF cookie; it has no business in a log."""
    logging.getLogger("tornado.application").addFilter(_holds_no_session)


def _holds_no_session(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Setting new xsrf cookie")


def set_templates(c: Config, settings: Settings, _secrets: Secrets) -> None:
    """Our templates before JupyterHub's."""
    c.JupyterHub.template_paths = [str(TEMPLATES)]
    c.JupyterHub.template_vars = plain_words(settings)
    c.JupyterHub.redirect_to_server = False


def plain_words(settings: Settings) -> dict[str, Any]:
    """Return what our templates need if JupyterHub answers without one of our handlers; it calls functions."""
    language = settings.languages[0]
    return {
        "_": lambda _user: domain_catalogue("hub", language).gettext,
        "language": language,
        "languages": [],
        "evaluate": settings.evaluate,
        "campus": f"{settings.address}/services/campus/",
    }


def add_campus(c: Config, settings: Settings, secrets: Secrets) -> None:
    """The campus: a service that runs on its own, with its own sign-in through the hub."""
    c.JupyterHub.services = [
        {
            "name": "campus",
            "url": f"http://{settings.inner_host}:{settings.ports.campus}",
            "api_token": secrets.campus_token,
            "oauth_client_id": "service-campus",
            "oauth_redirect_uri": f"{settings.address}/services/campus/oauth_callback",
            "oauth_no_confirm": True,
            # With these the campus shows and starts a person's own server, as that person.
            "oauth_client_allowed_scopes": ["read:users!user", "read:servers!user", "servers!user"],
            "display": False,
            "timeout": 1,  # The hub starts whether or not the campus is up yet.
        }
    ]


def add_keeper(c: Config, _settings: Settings, _secrets: Secrets) -> None:
    """A small process that starts servers ahead, stops idle ones and removes forgotten containers."""
    c.JupyterHub.services.append(
        {
            "name": "keeper",
            "command": [sys.executable, "-m", "hub.hub_process.server_keeper"],
            "cwd": str(CHECKOUT),
            "environment": {
                **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
                RUN_VARIABLE: hub_run(),
            },
        }
    )


def add_monitoring(c: Config, _settings: Settings, secrets: Secrets) -> None:
    """A token for the office's monitoring system, which reads metrics and nothing else."""
    c.JupyterHub.services.append({"name": "monitor", "api_token": secrets.monitor_token, "display": False})


def set_roles(c: Config, _settings: Settings, _secrets: Secrets) -> None:
    """Set who may do what at the hub; the campus decides what they may do there."""
    own = ["read:users!user", "users:activity!user", "servers!user", "access:servers!user", CAMPUS_ACCESS]
    c.JupyterHub.load_roles = [
        {"name": "user", "description": "Own server, and the campus", "scopes": own},
        {
            "name": "server",
            "description": "What a learner's server may do with its token: say it is busy, use the exchange",
            "scopes": ["users:activity!user", "access:servers!server", CAMPUS_ACCESS],
        },
        {
            "name": "campus",
            # The servers of an account that is closed are stopped; a person who is erased is removed.
            "scopes": [
                *("list:users", "read:users:name", "read:servers", "read:hub"),
                *("delete:servers", "delete:users"),
            ],
            "services": ["campus"],
        },
        {
            "name": "keeper",
            # It may start a server for its owner, and enter none.
            "scopes": [
                "list:users",
                "read:users:activity",
                "read:servers",
                "start:servers",
                "delete:servers",
            ],
            "services": ["keeper"],
        },
        {"name": "monitor", "scopes": ["read:metrics"], "services": ["monitor"]},
        *({"name": f"group-{group}", "scopes": GROUP_SCOPES[group], "groups": [group]} for group in GROUPS),
    ]


GROUP_SCOPES: dict[str, list[str]] = {
    "learner": [],
    "trainer": [],
    "data-team": [],
    "coordinator": [],
    # May stop a server that misbehaves, not enter it: nobody reads somebody else's notebooks.
    "administrator": [
        "admin-ui",
        "list:users",
        "read:users",
        "list:groups",
        "read:servers",
        "delete:servers",
        "read:hub",
        "read:metrics",
    ],
}


def set_containers(c: Config, settings: Settings, secrets: Secrets) -> None:
    """A container for each server, on the internal network."""
    c.JupyterHub.spawner_class = LabSpawner
    c.LabSpawner.settings = settings
    c.LabSpawner.names_key = secrets.names_key
    c.LabSpawner.network_name = settings.network.name
    c.LabSpawner.use_internal_ip = True
    c.LabSpawner.remove = True
    c.LabSpawner.pull_policy = "skip"
    c.LabSpawner.cmd = ["jupyterhub-singleuser"]
    # A trainer's formgraders, one for each course; the spawner refuses any other name.
    c.JupyterHub.allow_named_servers = True


def several_machines(c: Config, settings: Settings, _secrets: Secrets) -> None:
    """Servers on all nodes of a Swarm, which find the hub through the door; the rest is `set_containers`'."""
    if settings.spawner != "swarm":
        return
    c.JupyterHub.spawner_class = SwarmLabSpawner
    c.SwarmLabSpawner.poll_interval = 15  # A machine that is lost is noticed after this at the latest.
    c.SwarmLabSpawner.hub_connect_url = f"http://{DOOR}:{settings.ports.hub}"


def allow_slow_starts(c: Config, _settings: Settings, _secrets: Secrets) -> None:
    """Patience: a class that starts at once takes two cores minutes, and no start must fail."""
    c.Spawner.start_timeout = 900  # Waiting for a turn counts as well.
    c.Spawner.http_timeout = 120
    c.Spawner.default_url = "/lab"
    c.Spawner.consecutive_failure_limit = 0
    c.JupyterHub.concurrent_spawn_limit = 0


def use_plain_processes(c: Config, settings: Settings, secrets: Secrets) -> None:
    """For `--evaluate` only: plain processes on this machine alone."""
    if not settings.evaluate:
        return
    c.JupyterHub.spawner_class = EvaluationSpawner
    c.EvaluationSpawner.settings = settings
    c.EvaluationSpawner.names_key = secrets.names_key
    lab = CHECKOUT / ".isomo" / "env-lab" / "bin" / "jupyterhub-singleuser"
    here = Path(sys.executable).with_name("jupyterhub-singleuser")
    c.EvaluationSpawner.cmd = [str(lab if lab.exists() else here)]
    c.EvaluationSpawner.ip = "127.0.0.1"


SETTERS: tuple[Setter, ...] = (
    set_database,
    set_addresses,
    survive_restarts,
    set_proxies,
    sign_in,
    set_browser_rules,
    quiet_logs,
    set_templates,
    add_campus,
    add_keeper,
    add_monitoring,
    set_roles,
    add_projects,
    set_containers,
    several_machines,
    allow_slow_starts,
    use_plain_processes,
)


def configure_hub(
    c: Config,
    settings: Settings,
    secrets: Secrets,
    *,
    directory: Callable[[], Any],
    image: str,
) -> None:
    """Fill `c` for this installation; `directory` returns the store, `image` is the lab image to start."""
    for setter in SETTERS:
        setter(c, settings, secrets)
    connect_rooms(c, directory=directory, image=image)


def connect_rooms(c: Config, *, directory: Callable[[], Any], image: str) -> None:
    """Connect the other rooms: people and links from the store, the lab image from the image builder.

    `directory` is a function, because traitlets copies configured objects deeply, and a store must not be.
    """
    c.Accounts.directory = directory
    c.LabSpawner.directory = directory
    c.EvaluationSpawner.directory = directory
    c.LabSpawner.image = image
    c.LabSpawner.allowed_images = [image]


def prepare_database(settings: Settings) -> None:
    """Make JupyterHub's schema if it shares a PostgreSQL database with the store."""
    if settings.database == "sqlite":
        return
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS jupyterhub"))
    engine.dispose()
