"""`python -m hub.ops.container_filter`: the way from the hub to the container engine, which checks each call.

Whoever can speak to the engine is root on the machine. The hub speaks to this process instead, which reads a call as
a whole, checks it, and sends the engine a new call made of the checked parts. Nothing that was sent is passed on as
it is, so there is nothing to smuggle past the check.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import stat
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_unix_socket
from tornado.web import Application, RequestHandler

from hub import home_limits
from hub.isomo_settings import Settings, load_settings
from hub.ops.allowed_container_calls import Call, check_call, engine_socket, filter_socket
from hub.ops.container_body import Policy, RefusedError, homes_in, projects_in
from hub.ops.local_images import bench_image, lab_image
from hub.ops.office_images import named_images
from hub.ops.verb_sentences import _

LARGEST_BODY = 1024 * 1024
LARGEST_HEAD = 64 * 1024
LARGEST_ANSWER = 8 * 1024 * 1024
"""Of a container's description, which is read whole; what is passed on to the hub has no limit."""
PASSED_ON = ("content-type", "api-version", "docker-experimental", "ostype", "content-length")

LIMITING = asyncio.Lock()
"""One home at a time: two would look for a free number at once."""
PROJECT_LOCKS: defaultdict[Path, asyncio.Lock] = defaultdict(asyncio.Lock)
"""One start at a time in a project's folder: the next may move its files only if it sees the one before."""

log = logging.getLogger("engine-filter")


class AwayError(Exception):
    """The engine does not answer."""


def policy_of(settings: Settings) -> Policy:
    """Return what this installation's hub may ask for."""
    ours = {lab_image(settings), bench_image(settings)} - {""}
    return Policy(settings, frozenset(ours | {*settings.engine.images} | named_images(settings)))


@asynccontextmanager
async def engine_answer(
    engine: Path, method: str, target: str, body: bytes
) -> AsyncIterator[tuple[int, dict[str, str], Any]]:
    """Send a call to the engine; yield status, headers and the stream of its answer.

    The call speaks HTTP/1.0, so the answer comes in one piece without frames, and ends with its connection.

    Raises:
        AwayError: the engine does not answer.
    """
    writer = None
    try:
        reader, writer = await asyncio.open_unix_connection(str(engine), limit=LARGEST_HEAD)
        head = f"{method} {target} HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body)
        await writer.drain()
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _sign, value in (line.partition(":") for line in lines)
        }
        yield int(first.split()[1]), headers, reader
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise AwayError(str(error)) from error
    finally:
        if writer is not None:
            writer.close()


async def described_container(engine: Path, call: Call) -> tuple[int, bytes]:
    """Return the engine's description of a call's container: status and body."""
    target = f"{call.version}/containers/{call.container}/json"
    async with engine_answer(engine, "GET", target, b"") as (status, _headers, reader):
        parts: list[bytes] = []
        while part := await reader.read(65536):
            parts.append(part)
            if sum(map(len, parts)) > LARGEST_ANSWER:
                raise AwayError("a description is too large")
        return status, b"".join(parts)


def is_ours(description: dict[str, Any], policy: Policy) -> bool:
    """Return whether a container carries the labels of this installation's learners."""
    labels = (description.get("Config") or {}).get("Labels") or {}
    return policy.labels.items() <= labels.items()


@asynccontextmanager
async def limited_folders(container: dict[str, Any], policy: Policy) -> AsyncIterator[None]:
    """Set the limits of the homes and projects' folders that a checked container mounts.

    Raises:
        HomeAwayError: the container must not start.
    """
    host = container.get("HostConfig") or {}
    async with AsyncExitStack() as stack:
        for home, limit in homes_in(host, policy):
            await _limit_one(home_limits.limit_home, policy, home, limit)
        for folder in projects_in(host, policy):
            await stack.enter_async_context(PROJECT_LOCKS[folder])
            limit = int(policy.settings.data_team.folder_quota)
            await _limit_one(home_limits.limit_project, policy, folder, limit)
        yield


async def _limit_one(
    set_limit: Callable[[Settings, Path, int], bool], policy: Policy, folder: Path, limit: int
) -> None:
    async with LIMITING:
        await asyncio.to_thread(set_limit, policy.settings, folder, limit)


class Gate(RequestHandler):
    """Every call of the hub."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS")

    def initialize(self, policy: Policy, engine: Path) -> None:
        """Keep what calls are checked by, and the engine's own socket."""
        self.policy, self.engine = policy, engine
        self._work: asyncio.Task[Any] | None = None

    def compute_etag(self) -> None:
        """Answers are passed on as they are."""

    def on_connection_close(self) -> None:
        """Stop waiting for the engine when the hub has gone."""
        if self._work is not None:
            self._work.cancel()

    async def handle(self) -> None:
        """Check one call, and pass on what is allowed."""
        self._work = asyncio.current_task()
        try:
            call = check_call(
                self.request.method or "", self.request.uri or "", self.request.body, self.policy
            )
            await self.forward(call)
        except RefusedError as error:
            self.refuse(str(error))
        except home_limits.HomeAwayError as error:
            self.answer(500, json.dumps({"message": str(error)}).encode())
        except AwayError as error:
            log.warning("engine-away reason=%s", error)
            self.hang_up()
        except (StreamClosedError, asyncio.CancelledError):
            self.hang_up()

    get = head = post = delete = put = patch = options = handle

    async def forward(self, call: Call) -> None:
        """Send a checked call to the engine and its answer to the hub."""
        identity = ""
        if call.container:
            status, text = await described_container(self.engine, call)
            if status != 200:
                self.answer(status, text)
                return
            description = json.loads(text)
            ours = is_ours(description, self.policy)
            if call.kind == "inspect":
                # Of somebody else's container the hub learns that the name is taken, and no more.
                self.answer(200, text if ours else json.dumps(foreign_container(description)).encode())
                return
            if not ours:
                raise RefusedError("the container is not one of this hub's")
            identity = str(description["Id"])
            if not call.path.endswith("/start"):
                description = {}
        else:
            description = json.loads(call.body) if call.kind == "create" else {}
        async with limited_folders(description, self.policy):
            await self.relay(call, identity)

    async def relay(self, call: Call, identity: str) -> None:
        """Pass the engine's answer on while it comes."""
        async with engine_answer(self.engine, call.method, call.target(identity), call.body) as (
            status,
            headers,
            reader,
        ):
            self.set_status(status)
            self.clear_header("Content-Type")
            for name in PASSED_ON:
                if name in headers:
                    self.set_header(name, headers[name])
            if call.method == "HEAD" or status in (204, 304):
                self.clear_header("Content-Length")
                await self.finish()
                return
            while part := await reader.read(65536):
                self.write(part)
                await self.flush()
            await self.finish()

    def answer(self, status: int, text: bytes) -> None:
        """Answer with a body that was read whole."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(text)

    def refuse(self, part: str) -> None:
        """Answer 403 with a sentence, and write a line."""
        path = (self.request.path or "").encode("ascii", "replace").decode()[:200]
        log.warning("call-refused method=%s path=%r part=%r", self.request.method, path, part)
        sentence = _("Isomo's filter does not pass this call on to the container engine ({part}).")
        self.answer(403, json.dumps({"message": sentence.format(part=part)}).encode())

    def hang_up(self) -> None:
        """Close the connection without an answer, as an engine that is away would."""
        with suppress(Exception):
            self.detach().close()


def foreign_container(description: dict[str, Any]) -> dict[str, Any]:
    """Return what the hub may know of a container that is not its own."""
    return {"Id": description.get("Id"), "Name": description.get("Name"), "Config": {"Labels": {}}}


def filter_server(policy: Policy, engine: Path, socket: Path) -> HTTPServer:
    """Answer calls at `socket`, which only this user can open."""
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = socket.parent.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(f"{socket.parent} belongs to somebody else")
    socket.parent.chmod(0o700)
    with suppress(FileNotFoundError):
        socket.unlink()
    server = HTTPServer(
        Application(
            [(r".*", Gate, {"policy": policy, "engine": engine})], log_function=lambda _handler: None
        ),
        max_body_size=LARGEST_BODY,
        max_header_size=LARGEST_HEAD,
    )
    server.add_socket(bind_unix_socket(str(socket), mode=0o600))
    return server


async def serve_filter(policy: Policy, engine: Path, socket: Path) -> None:
    """Answer until told to stop."""
    over = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, over.set)
    server = filter_server(policy, engine, socket)
    log.info("filter-started socket=%s images=%s", socket, ",".join(sorted(policy.images)))
    await over.wait()
    server.stop()


def main() -> int:
    """Run until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = load_settings()
    engine = engine_socket(os.environ)
    if engine is None:
        log.error("filter-failed reason=DOCKER_HOST-is-no-socket-of-this-machine")
        return 1
    asyncio.run(serve_filter(policy_of(settings), engine, filter_socket(settings)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
