"""Spawner: each person's server in a separate container that can write to its owner's home and nowhere else."""

from __future__ import annotations

import asyncio
import math
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar

import requests.exceptions
from dockerspawner import DockerSpawner
from jupyterhub.spawner import SimpleLocalProcessSpawner
from tornado.web import HTTPError
from traitlets import Any as AnyTrait
from traitlets import Unicode, default

from hub import container_engine, home_limits
from hub.desk_builds import built_names
from hub.hub_process.container_safety import HOME, host_config
from hub.hub_process.project_servers import ProjectServer, bench_python, project_server
from hub.hub_process.server_connections import wait_for_connections
from hub.hub_process.start_queue import Place, StartQueue
from hub.isomo_settings import CHECKOUT, Limits, Settings
from hub.message_catalogues import N_, domain_catalogue
from hub.project_places import APPLICATION_PLACE, TEAM_PLACE
from hub.shared_names import AHEAD, DESK_FILES, formgrader_server, opaque_name

UID = 1000
TEACHING = frozenset({"trainer", "data-team", "administrator"})
"""Groups whose servers get the trainer's limits and tools."""

LONG_WAIT = 100
"""Seconds from which an estimate is told in minutes."""
FULL_WEIGHT = 1024
"""Share of the processor of a server that has started; while it starts it has less."""

AWAY = (requests.exceptions.ConnectionError, requests.exceptions.Timeout, container_engine.DockerException)


class SpawnFailedError(HTTPError):
    """A sentence for the person who waits; JupyterHub shows it instead of a traceback."""

    def __init__(self, sentence: str) -> None:
        super().__init__(503, sentence.replace("%", "%%"))
        self.jupyterhub_message = sentence


class Personal:
    """Mixin: what a server of ours is told about its owner, however it is started."""

    settings: Settings
    directory: Callable[[], Any]
    _queue: ClassVar[StartQueue | None] = None

    @property
    def username(self) -> str:
        """The owner's name."""
        return str(self.user.name)  # type: ignore[attr-defined]

    @property
    def marks(self) -> str:
        """The course that this server is the formgrader of; "" for a server with somebody's labs.

        Besides their own server, people have a formgrader for each course they train, and nothing else: raises
        SpawnFailedError for any other name.
        """
        if not self.name or self.project is not None:  # type: ignore[attr-defined]
            return ""
        for course, role in self.directory().courses.courses_for(self.username):
            if role == "trainer" and self.name == formgrader_server(course.id):  # type: ignore[attr-defined]
                return str(course.id)
        raise SpawnFailedError(self.sentence(NO_SUCH_SERVER))

    @property
    def project(self) -> ProjectServer | None:
        """The data team's project that this server belongs to, or None."""
        if not self.name:  # type: ignore[attr-defined]
            return None
        return project_server(self.directory(), self.settings, self.username, self.name)  # type: ignore[attr-defined]

    @property
    def tools(self) -> str:
        """Return which of the image's configurations is read."""
        return "formgrader" if self.marks else self.role

    @property
    def role(self) -> str:
        """`trainer` for those who teach or prepare labs, else `learner`."""
        groups = {group.name for group in self.user.groups}  # type: ignore[attr-defined]
        teaches = any(
            role == "trainer" for _course, role in self.directory().courses.courses_for(self.username)
        )
        return "trainer" if teaches or groups & TEACHING else "learner"

    @property
    def limits(self) -> Limits:
        """Return what this server may use."""
        return self.settings.trainer if self.role == "trainer" else self.settings.learner

    def personal_env(self) -> dict[str, str]:
        """Environment that the lab's kit and nbgrader's tools read."""
        courses = self.directory().courses.courses_for(self.username)
        return {
            "JUPYTERHUB_PUBLIC_URL": f"{self.settings.learner_address}{self.user.base_url}",  # type: ignore[attr-defined]
            "ISOMO_CAMPUS_URL": self.settings.campus_url,
            "ISOMO_COURSE": self.marks or (courses[0][0].id if courses else ""),
            "ISOMO_DESK_FILES": DESK_FILES if built_names() else "",
            "ISOMO_ROLE": self.role,
            "ISOMO_LANG": self.language,
            "ISOMO_IDLE_KERNEL_MINUTES": str(self.settings.start.idle_kernel_minutes),
            "ISOMO_SPARE_KERNEL_LATER": "1" if self.queue.people_wait else "",
            "JUPYTER_CONFIG_PATH": f"/opt/isomo/etc/{self.tools}",
            # Spares a learner's core: more threads than cores only wait for each other.
            "OMP_NUM_THREADS": str(max(1, round(self.limits.cpu))),
        }

    def sentence(self, text: str) -> str:
        """Return `text` in the owner's language."""
        return domain_catalogue("hub", self.language).gettext(text)

    @property
    def language(self) -> str:
        """The language that the owner reads."""
        person = self.directory().people.get(self.username)
        return str(person.language if person else self.settings.languages[0])

    @property
    def queue(self) -> StartQueue:
        """Return the queue that limits how many servers start at the same time: one for the whole hub."""
        if Personal._queue is None:
            Personal._queue = StartQueue(1 + (os.cpu_count() or 1))
        return Personal._queue

    @property
    def queue_name(self) -> str:
        """Return the name of this server in the queue."""
        return f"{self.username}/{self.name}"  # type: ignore[attr-defined]

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Return this server's turn to start; one that nobody waits for yet lets the others go first."""
        options = getattr(self, "user_options", None) or {}
        ahead = bool(options.get(AHEAD))
        if ahead:  # The hub would use it again when the owner comes.
            self.orm_spawner.user_options = {}  # type: ignore[attr-defined]
        return self.queue.turn(self.queue_name, ahead=ahead)

    def place_in_words(self, place: Place) -> str:
        """Return place and estimate as the waiting page says them."""
        if place.seconds > LONG_WAIT:
            text, number = IN_MINUTES, math.ceil(place.seconds / 60)
        else:
            text, number = IN_SECONDS, 5 * math.ceil(place.seconds / 5)
        return self.sentence(text).format(place=place.place, total=place.total, number=number)

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what the waiting page says; JupyterHub adds the end."""
        self.queue.hurry(self.queue_name)
        while place := self.queue.place(self.queue_name):
            yield {"progress": 5, "message": self.place_in_words(place)}
            await asyncio.sleep(1)
        steps = [(10, 2, STARTING), (40, 6, LOADING), (70, 20, NEARLY), (85, 60, STILL)]
        for percent, seconds, text in steps:
            yield {"progress": percent, "message": self.sentence(text)}
            await asyncio.sleep(seconds)


class LabSpawner(Personal, DockerSpawner):
    """DockerSpawner that gives a container as little as it can live with."""

    settings = AnyTrait(config=True, help="The installation's settings")
    directory = AnyTrait(config=True, help="Returns the store")
    names_key = AnyTrait(config=True, help="Makes container and home names opaque")
    # Networks that the engine last said our container is in; None if it was not asked yet.
    _networks: dict[str, Any] | None = None
    bench_image = Unicode("", config=True, help="Image of data teams' servers and applications")
    _making_client = threading.Lock()

    @property
    def executor(self) -> ThreadPoolExecutor:
        """Several threads for the engine, where DockerSpawner has one: a class starts at once."""
        cls = self.__class__
        if cls._executor is None:
            cls._executor = ThreadPoolExecutor(8, thread_name_prefix="docker")
        return cls._executor

    @property
    def client(self) -> Any:
        """The one client of the engine.

        DockerSpawner's making of it is not meant for several threads: a hub that starts while people work asks
        after all their containers at once, makes a client in each thread, and was seen to end by a
        segmentation fault while the spare ones were thrown away.
        """
        with self._making_client:
            return super().client

    @default("object_name")
    def _object_name_default(self) -> str:
        extra = f"-{opaque_name(self.names_key, f'{self.username}/{self.name}')}" if self.name else ""
        return f"{self.settings.project}-{self.opaque}{extra}"

    @property
    def opaque(self) -> str:
        """Return the name used for the owner wherever neighbours might see it."""
        return opaque_name(self.names_key, self.username)

    @property
    def home(self) -> Path:
        """The owner's home on the host."""
        return Path(self.settings.state / "homes" / self.opaque)

    def get_env(self) -> dict[str, str]:
        """Return JupyterHub's environment and ours."""
        found = {**super().get_env(), **self.personal_env(), **CONTAINER_ENV}
        project = self.project
        return found | (
            project.environment(self.settings, self.username, "python3", TEAM_PLACE) if project else {}
        )

    async def create_object(self) -> Any:
        """Create the container from the owner's limits of today."""
        self.prepare()
        return await super().create_object()

    def prepare(self) -> None:
        """Set limits, folders and user from the owner's part of today."""
        limits = self.limits
        self.mem_limit, self.cpu_limit = int(limits.memory), limits.cpu
        self.mem_guarantee = int(limits.memory) // 2
        self.extra_host_config = host_config(limits)
        if self.marks:
            # What it shows is a copy, and nothing is kept in it.
            self.volumes = {}
            self.extra_host_config["tmpfs"][HOME] = (
                f"rw,nosuid,nodev,noexec,size=512m,mode=0700,uid={UID},gid={UID}"
            )
        else:
            self.volumes = {str(self.make_home()): {"bind": HOME, "mode": "rw"}}
        user = f"{UID}:{UID}"
        if project := self.project:
            user = self._work_in(project)
        self.extra_create_kwargs = {
            "user": user,
            "working_dir": HOME,
            "hostname": "lab",  # The default is the container's id.
            "labels": container_labels(self.settings, self.opaque),
        }

    def make_home(self) -> Path:
        """Make the owner's home, with its limit."""
        return self._limited(make_home(self.home), home_limits.limit_home, self.limits.home_quota)

    def _limited(self, folder: Path, set_limit: Callable[[Settings, Path, int], bool], most: int) -> Path:
        """Set a folder's limit, unless the engine's filter does: a confined hub may not."""
        if home_limits.may_set_limits():
            try:
                set_limit(self.settings, folder, int(most))
            except home_limits.HomeAwayError as error:
                raise SpawnFailedError(self.sentence(ENGINE_REFUSED)) from error
        return folder

    def _work_in(self, project: ProjectServer) -> str:
        """Mount a project's folder in the place of a home; return as whom the server runs."""
        place = TEAM_PLACE if project.kind == "team" else APPLICATION_PLACE
        self.image = self.bench_image
        self.cmd = project.command(["jupyterhub-singleuser"], "python3", place)
        folder, most = project.make_folder(self.settings), self.settings.data_team.folder_quota
        self._limited(folder, home_limits.limit_project, most)
        self.volumes = {str(folder): {"bind": place, "mode": "rw"}}
        self.extra_host_config["tmpfs"][HOME] = (
            f"rw,nosuid,nodev,noexec,size=256m,mode=0700,uid={project.user},gid={project.group}"
        )
        return f"{project.user}:{project.group}"

    async def start(self) -> Any:
        """Start the container when it is its turn; the turn ends when the server inside answers."""
        if self.marks:
            self.default_url = "/formgrader"
        async with self.turn():
            place = await self._start_or_say_why()
            await self._wait_until_it_answers(*place)
            await self._give_full_weight()
        return place

    async def _give_full_weight(self) -> None:
        """Let a server that has started count as much as the others; while it started, it counted less."""
        try:
            await self.docker("update_container", self.object_id, cpu_shares=FULL_WEIGHT)
        except AWAY as error:
            self.log.warning("weight-not-set name=%s reason=%r", self.username, error)

    async def _wait_until_it_answers(self, ip: str, port: int) -> None:
        try:
            async with asyncio.timeout(self.http_timeout):
                await wait_for_connections(ip, port)
        except TimeoutError as error:
            self.log.error("spawn-failed name=%s reason=no-answer", self.username)
            raise SpawnFailedError(self.sentence(NO_ANSWER)) from error

    async def _start_or_say_why(self) -> Any:
        try:
            return await super().start()
        except container_engine.ImageNotFound as error:
            self.log.error("spawn-failed name=%s reason=no-image image=%s", self.username, self.image)
            raise SpawnFailedError(self.sentence(NO_IMAGE)) from error
        except container_engine.APIError as error:
            self.log.error("spawn-failed name=%s reason=%s", self.username, error.explanation)
            is_filtered = error.response is not None and error.response.status_code == HTTPStatus.FORBIDDEN
            sentence = self.sentence(FILTER_REFUSED if is_filtered else ENGINE_REFUSED)
            raise SpawnFailedError(sentence) from error
        except AWAY as error:
            self.log.error("spawn-failed name=%s reason=engine-away", self.username)
            raise SpawnFailedError(self.sentence(ENGINEAWAY)) from error

    async def get_object(self) -> Any:
        """Our container as the engine describes it, or None; raises when the engine does not say.

        DockerSpawner takes an engine's error for "gone", which makes the hub forget a server that runs.
        """
        try:
            found = await self.docker("inspect_container", self.object_name)
        except container_engine.NotFound:
            self.object_id = ""
            return None
        if (found["Config"]["Labels"] or {}).get("isomo.project") != self.settings.project:
            raise SpawnFailedError(self.sentence(NAME_TAKEN))
        self.object_id = found["Id"]
        self._networks = found["NetworkSettings"].get("Networks") or {}
        return found

    async def remove_object(self) -> None:
        """Remove our container, running or not: a hub that was killed while starting it leaves it running."""
        try:
            await self.docker("remove_container", self.object_id, v=True, force=True)
        except container_engine.APIError as error:
            if error.status_code not in (404, 409):
                raise
        await self._wait_until_gone()

    async def _wait_until_gone(self) -> None:
        """The engine may still be removing it; its name is free only afterwards."""
        for _try in range(100):
            if await self.get_object() is None:
                return
            await asyncio.sleep(0.2)
        raise SpawnFailedError(self.sentence(ENGINE_REFUSED))

    async def poll(self) -> Any:
        """Return whether the container runs; an engine that does not answer has not stopped anybody's server.

        A container that is in no network any more serves nobody: the next opening starts another, with the same home.
        """
        try:
            status = await super().poll()
        except AWAY as error:
            self.log.warning("poll-postponed name=%s reason=%s", self.username, type(error).__name__)
            return None
        if status is None and self._networks == {}:
            self.log.error("network-lost name=%s", self.username)
            return "in no network"
        return status

    async def get_url(self) -> str:
        """Return the server's address. A hub that was killed while it started one has not written that down."""
        known = str(self.server.url)
        try:
            found = await self.get_object()
        except AWAY:
            return known
        if not found:
            return known
        self.api_token = str(getattr(self, "api_token", "")) or token_in(found["Config"]["Env"])
        ip = self.get_network_ip(found["NetworkSettings"])
        return f"http://{ip}:{self.port}{self.server.base_url}" if ip else known


class EvaluationSpawner(Personal, SimpleLocalProcessSpawner):
    """Servers as plain processes of this machine, for trying Isomo alone: nobody is isolated from anybody."""

    settings = AnyTrait(config=True, help="The installation's settings")
    directory = AnyTrait(config=True, help="Returns the store")
    names_key = AnyTrait(config=True, help="Makes home names opaque")

    @default("home_dir")
    def _home(self) -> str:
        name = f"{self.username}/{self.name}" if self.name else self.username
        return str(self.settings.state / "homes" / opaque_name(self.names_key, name))

    async def start(self) -> Any:
        """Start a process."""
        if self.marks:
            self.default_url = "/formgrader"
        if project := self.project:
            folder = str(project.make_folder(self.settings))
            self.home_dir = folder
            self.cmd = project.command(list(self.config.EvaluationSpawner.cmd), bench_python(), folder)
        return await super().start()

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """Begin in the owner's home."""
        Path(self.home_dir).mkdir(parents=True, exist_ok=True, mode=0o700)
        return super().make_preexec_fn(name)

    def get_args(self) -> list[str]:
        """Jupyter refuses to run as root unless told."""
        return [*super().get_args(), *(["--allow-root"] if os.geteuid() == 0 else [])]

    def get_env(self) -> dict[str, str]:
        """Return JupyterHub's environment and ours; outside the image the role's folder is the checkout's."""
        config = CHECKOUT / "images" / "jupyter"
        paths = str(config / "formgrader") if self.marks else f"{config / self.role}:{config / 'common'}"
        env = {"JUPYTER_CONFIG_PATH": paths, "ISOMO_NOT_ISOLATED": "1"}
        if project := self.project:
            folder = str(project.folder(self.settings))
            env |= project.environment(self.settings, self.username, bench_python(), folder) | {
                "PYTHONPATH": str(CHECKOUT),
                "PATH": f"{os.environ['PATH']}{os.pathsep}{CHECKOUT / 'labs' / 'prototype_kit' / 'bin'}",
            }
        return {**super().get_env(), **self.personal_env(), **env}


def token_in(env: list[str]) -> str:
    """Return the server's own token in a container's environment; "" if there is none."""
    tokens = [line.partition("=")[2] for line in env if line.startswith("JUPYTERHUB_API_TOKEN=")]
    return tokens[0] if tokens else ""


def container_labels(settings: Settings, name: str) -> dict[str, str]:
    """Return what marks a container as ours, so that it can be found when its hub is gone."""
    return {"isomo.project": settings.project, "isomo.kind": "lab", "isomo.owner": name}


def make_home(home: Path) -> Path:
    """Make a home that only its owner's containers can enter."""
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != UID:
        os.chown(home, UID, UID)
    home.chmod(0o700)
    return home


CONTAINER_ENV = {
    "HOME": HOME,
    # What programs write for themselves goes to memory, not to the learner's home.
    "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108
    "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108
    "XDG_CACHE_HOME": "/tmp/cache",  # noqa: S108
}

IN_SECONDS = N_(
    "Many people start at once. You are number {place} of {total} who wait. Your turn comes in about {number} "
    "seconds."
)
IN_MINUTES = N_(
    "Many people start at once. You are number {place} of {total} who wait. Your turn comes in about {number} "
    "minutes."
)
NO_ANSWER = N_(
    "Your server started, but does not answer. Your files are kept. Try again; if it fails again, tell your "
    "administrator."
)
STARTING = N_("Your server is starting.")
LOADING = N_("Loading JupyterLab.")
NEARLY = N_("Nearly there.")
STILL = N_("This takes longer than usual, because many people start at once. It is still under way.")
NO_IMAGE = N_("The lab image is missing on this machine. Ask your administrator to run ./isomo up.")
ENGINE_REFUSED = N_(
    "The container engine could not start your server. Try again; if it fails again, tell your administrator."
)
FILTER_REFUSED = N_(
    "A safety rule of this installation did not let your server start. Your work is kept. Tell your administrator: "
    "trying again does not help."
)
ENGINEAWAY = N_(
    "The container engine does not answer, so your server could not start. Your work is kept. Try again soon."
)
NO_SUCH_SERVER = N_(
    "There is no such server for you. Go back to your home page and choose what you want to open."
)
NAME_TAKEN = N_("Another program uses the name of your container. Tell your administrator.")
