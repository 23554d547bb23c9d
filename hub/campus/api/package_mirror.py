"""Packages for data teams: the office's package index, read through the campus by a project's server.

A project's server reaches the campus and nothing else. The campus fetches, with GET only, the list of a project's files
and the files themselves from the addresses that `packages.mirrors` names, and from nowhere else, redirects included.
Links in a list are rewritten, so that pip asks the campus for the files too.
"""

from __future__ import annotations

import base64
import binascii
import html
import logging
import re
import ssl
from collections.abc import AsyncIterator
from functools import lru_cache
from html.parser import HTMLParser
from typing import Annotated
from urllib.parse import quote, urljoin, urlsplit

import httpx
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response, StreamingResponse

from hub.campus.api.typed_body import file_answer
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Campus, campus_of
from hub.isomo_settings import Settings
from hub.shared_names import PROJECT_SERVER

router = APIRouter(prefix="/packages", tags=["packages"])
log = logging.getLogger("campus")
LARGEST_LIST = 30_000_000
MOST_REDIRECTS = 5
TIMEOUT = httpx.Timeout(60.0, connect=10.0)
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
FILE = re.compile(r"[\w.+!/-]{1,500}\.(whl|tar\.gz|zip)(\.metadata)?")
KEPT = ("data-requires-python", "data-yanked", "data-core-metadata", "data-dist-info-metadata")
"""What a list says of a file besides its address."""
SERVER_SCOPE = re.compile(rf"access:servers!server=(?P<owner>[^/!]+)/{PROJECT_SERVER}(?P<project>[^/!]+)")


def asking_server(request: Request) -> Campus:
    """Return the campus for a server of a team's member in a project. Raises Problem for everybody else."""
    campus = campus_of(request)
    if not (campus.settings.prototypes and campus.settings.packages.mirrors):
        raise Problem("not-found")
    user = campus.hub.user(token) if (token := _token(request)) else None
    if user is None:
        raise Problem("sign-in")
    person = campus.store.people.get(user.name)
    found = (SERVER_SCOPE.fullmatch(scope) for scope in user.scopes)
    named = {match["project"] for match in found if match and match["owner"] == user.name}
    if person is None or person.disabled_at is not None or not named:
        raise Problem("packages-for-projects")
    if not any("team" in campus.store.projects.parts(name, user.name) for name in named):
        raise Problem("packages-for-projects")
    return campus


def _token(request: Request) -> str:
    """Return the token of a request; pip sends it as the password of its index."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() in ("token", "bearer"):
        return given.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


Asking = Annotated[Campus, Depends(asking_server)]


@router.get("/simple/{name}/", response_class=Response, responses=file_answer("text/html"))
async def list_files(campus: Asking, name: Annotated[str, Path(pattern=NAME)]) -> Response:
    """Return the files of one package, as the office's index lists them."""
    settings = campus.settings
    address = f"{settings.packages.mirrors[0]}/{re.sub(r'[-_.]+', '-', name).lower()}/"
    async with _client(settings) as client:
        answer = await _opened(client, settings, address)
        text = bytearray()
        async for block in _blocks(answer):
            text += block
            if len(text) > LARGEST_LIST:
                raise Problem("mirror-away")
    page = rewrite_links(text.decode("utf-8", "replace"), str(answer.url), mirror_origins(settings))
    return Response(page, media_type="text/html")


@router.get(
    "/files/{place}/{path:path}", response_class=Response, responses=file_answer("application/octet-stream")
)
async def send_file(campus: Asking, place: Annotated[int, Path(ge=0, le=99)], path: str) -> Response:
    """Return one file of a package from the mirror of that number."""
    allowed = mirror_origins(campus.settings)
    if place >= len(allowed) or not FILE.fullmatch(path) or ".." in path.split("/"):
        raise Problem("not-found")
    client = _client(campus.settings)
    try:
        answer = await _opened(client, campus.settings, f"{allowed[place]}/{quote(path, safe='/+!')}")
    except BaseException:
        await client.aclose()
        raise
    log.info("package-fetched file=%s", path.rpartition("/")[2])
    length = answer.headers.get("content-length")
    headers = {"Content-Length": length} if length else {}
    return StreamingResponse(_blocks(answer, client), headers=headers, media_type="application/octet-stream")


def mirror_origins(settings: Settings) -> list[str]:
    """Return scheme, host and port of each mirror, each once."""
    return list(dict.fromkeys(_origin(address) for address in settings.packages.mirrors))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def rewrite_links(page: str, address: str, allowed: list[str]) -> str:
    """Return a list of files whose links lead to the campus; links to other places are left out."""
    found = _Links()
    found.feed(page)
    lines = ["<!DOCTYPE html>"]
    for link in found.links:
        target = urljoin(address, link.get("href") or "")
        parts = urlsplit(target)
        if _origin(target) not in allowed or not FILE.fullmatch(parts.path.lstrip("/")):
            continue
        here = f"../../files/{allowed.index(_origin(target))}/{parts.path.lstrip('/')}"
        here += f"#{parts.fragment}" if parts.fragment else ""
        more = "".join(f' {name}="{html.escape(link[name] or "")}"' for name in KEPT if name in link)
        title = html.escape(parts.path.rpartition("/")[2])
        lines.append(f'<a href="{html.escape(here)}"{more}>{title}</a><br>')
    return "\n".join(lines) + "\n"


class _Links(HTMLParser):
    """The links of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a link."""
        if tag == "a":
            self.links.append(dict(attrs))


@lru_cache(maxsize=4)
def _trusted(bundle: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=bundle)


def _client(settings: Settings) -> httpx.AsyncClient:
    bundle = str(settings.ca_bundle) if settings.ca_bundle else None
    return httpx.AsyncClient(timeout=TIMEOUT, verify=_trusted(bundle))


async def _opened(client: httpx.AsyncClient, settings: Settings, address: str) -> httpx.Response:
    """Return the answer of a mirror whose body is still to be read. Raises Problem if there is none."""
    allowed = mirror_origins(settings)
    headers = {"Accept": "text/html, application/octet-stream;q=0.9", "Accept-Encoding": "identity"}
    for _turn in range(MOST_REDIRECTS):
        if _origin(address) not in allowed:
            log.warning("mirror-leads-elsewhere origin=%s", _origin(address))
            raise Problem("mirror-away")
        try:
            answer = await client.send(client.build_request("GET", address, headers=headers), stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("mirror-away reason=%r", error)
            raise Problem("mirror-away") from error
        if not answer.has_redirect_location:
            break
        await answer.aclose()
        address = urljoin(address, answer.headers["location"])
    if answer.status_code != 200:
        await answer.aclose()
        raise Problem("not-found" if answer.status_code in (404, 410) else "mirror-away")
    return answer


async def _blocks(answer: httpx.Response, client: httpx.AsyncClient | None = None) -> AsyncIterator[bytes]:
    """Give the body block by block, then close what was opened for it."""
    try:
        async for block in answer.aiter_bytes(65536):
            yield block
    except httpx.HTTPError as error:
        log.warning("mirror-broke-off reason=%r", error)
        raise
    finally:
        await answer.aclose()
        if client is not None:
            await client.aclose()
