"""The way to a team's own page: signed in, invited, approved, counted; requests and websockets are handed on."""

from __future__ import annotations

import asyncio
import http.client
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.one_request import Asked, Refused
from labs.prototype_kit.application.own_page import HERE, OwnPage, has_own_page
from labs.prototype_kit.application.request_guard import is_own_site, stated_length

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

log = logging.getLogger("prototype")
USER_HEADER = "X-Forwarded-User"
LARGEST_UPLOAD = 20 * 1024 * 1024
ANSWER_SECONDS = 120.0
LOOK_EVERY = 5.0
"""Seconds until an open connection ends after the off switch, or after its person was taken out."""
NOT_HANDED_ON = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade", "host", "origin", "cookie", "authorization", "content-length"),
        *("accept-encoding", "set-cookie", "service-worker-allowed", "clear-site-data", "server", "date"),
        *("content-security-policy", USER_HEADER.lower()),
    }
)
OURS = ("jupyterhub", "prototype-", "_xsrf", "isomo")
"""Beginnings of cookies that are none of the team's business."""
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'self'"
)
"""What a team's page may do in a browser: anything on this machine, nothing elsewhere."""


def own_page_routes(prefix: str) -> list[BaseRoute]:
    """Return the routes of the team's own page."""
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    return [
        Route(prefix + "own", show_own, methods=["GET"]),
        Route(prefix + "app/{path:path}", hand_on, methods=methods),
        WebSocketRoute(prefix + "app/{path:path}", relay_websocket),
    ]


async def show_own(request: Request) -> Response:
    """Say what the team's own page is, and lead to it."""
    asked = Asked(request)
    if not has_own_page(asked.version):
        raise Refused(404, N_("There is no such page."))
    return asked.page("own.html", closed=asked.service.closed_reason(asked.version))


def _asked(connection: HTTPConnection) -> tuple[Asked, OwnPage]:
    """Return who asks, and the own page of the live version. Raises Refused."""
    asked = Asked(connection)
    version = asked.must_answer()
    if not has_own_page(version):
        raise Refused(404, N_("There is no such page."))
    return asked, asked.service.own_page(version)


def _cookies(connection: HTTPConnection) -> str:
    """Return the cookies that the team's page set itself, as a header."""
    return "; ".join(
        f"{name}={value}" for name, value in connection.cookies.items() if not name.startswith(OURS)
    )


def _target(connection: HTTPConnection) -> str:
    path = connection.scope["raw_path"].decode("ascii", "replace")
    rest = path[len(connection.app.state.prefix + "app") :] or "/"
    query = connection.scope["query_string"].decode("ascii", "replace")
    return f"{rest}?{query}" if query else rest


async def hand_on(request: Request) -> Response:
    """Hand a request on to the team's process, and its answer back."""
    asked, page = _asked(request)
    changes = request.method not in ("GET", "HEAD")
    if changes and not is_own_site(request):
        raise Refused(403, N_("This was sent by another site, so nothing was done. Use the page itself."))
    if stated_length(request) > LARGEST_UPLOAD:
        raise Refused(413, N_("That is too long. Shorten it."))
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST_UPLOAD:
            raise Refused(413, N_("That is too long. Shorten it."))
    if request.path_params["path"] == "" and not changes:
        asked.service.store.add_visit(asked.person.name, asked.version.number)
    headers = {name: value for name, value in request.headers.items() if name not in NOT_HANDED_ON}
    headers |= {
        USER_HEADER: asked.person.name,
        "Cookie": _cookies(request),
        "X-Forwarded-Prefix": f"{asked.prefix}app",
    }
    port = await run_in_threadpool(page.port)
    called = http.client.HTTPConnection(HERE, port, timeout=ANSWER_SECONDS)
    try:
        answer = await run_in_threadpool(
            _call, called, request.method, _target(request), bytes(body), headers
        )
    except (OSError, http.client.HTTPException):
        called.close()
        raise PrototypeError(
            N_("The team's own page did not answer. Try again; if it stays so, tell the team.")
        ) from None
    page.open += 1

    def over() -> None:
        page.open -= 1
        called.close()

    made = StreamingResponse(_blocks(answer, over), answer.status, background=BackgroundTask(called.close))
    for name, value in answer.getheaders():
        is_their_cookie = name.lower() == "set-cookie" and not value.strip().lower().startswith(OURS)
        if is_their_cookie or name.lower() not in NOT_HANDED_ON:
            made.headers.append(name, value)
    made.headers["Content-Security-Policy"] = POLICY
    return made


def _call(
    called: http.client.HTTPConnection, method: str, target: str, body: bytes, headers: dict[str, str]
) -> http.client.HTTPResponse:
    called.request(method, target, body or None, headers)
    return called.getresponse()


async def _blocks(answer: http.client.HTTPResponse, over: Callable[[], None]) -> AsyncIterator[bytes]:
    def read() -> Iterator[bytes]:
        while block := answer.read1(65536):
            yield block

    try:
        async for block in iterate_in_threadpool(read()):
            yield block
    finally:
        over()


async def relay_websocket(browser: WebSocket) -> None:
    """Hand a websocket on, for as long as the application answers this person."""
    from websockets import Origin
    from websockets.asyncio.client import connect as connect_to

    try:
        asked, page = _asked(browser)
        if not is_own_site(browser):
            raise Refused(403, N_("This was sent by another site, so nothing was done. Use the page itself."))
        port = await run_in_threadpool(page.port)
    except (Refused, PrototypeError):
        await browser.close(1008)
        return
    headers = {USER_HEADER: asked.person.name, "Cookie": _cookies(browser)}
    wanted = browser.scope.get("subprotocols") or None
    page.open += 1
    try:
        async with connect_to(
            f"ws://{HERE}:{port}{_target(browser)}",
            origin=Origin(f"http://{HERE}:{port}"),
            subprotocols=wanted,
            additional_headers=headers,
            max_size=LARGEST_UPLOAD,
            proxy=None,
        ) as inner:
            await browser.accept(inner.subprotocol)
            steps = [_to_page(browser, inner), _to_browser(browser, inner), _while_open(browser)]
            tasks = [asyncio.ensure_future(step) for step in steps]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    except Exception as error:
        # The team's process may end or answer anything; the browser connects again.
        log.info("own-page-connection-ended reason=%r", error)
    finally:
        page.open -= 1
        with suppress(RuntimeError, WebSocketDisconnect):
            await browser.close()


async def _to_page(browser: WebSocket, inner: ClientConnection) -> None:
    while (message := await browser.receive())["type"] == "websocket.receive":
        await inner.send(message["text"] if message.get("text") is not None else message["bytes"])


async def _to_browser(browser: WebSocket, inner: ClientConnection) -> None:
    async for message in inner:
        if isinstance(message, str):
            await browser.send_text(message)
        else:
            await browser.send_bytes(message)


async def _while_open(browser: WebSocket) -> None:
    """Return when the application does not answer this person any more."""
    with suppress(Refused):
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await run_in_threadpool(_asked, browser)
