"""The pages of docs/ below the campus, after `./isomo docs` has built them."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from hub.campus.request_context import PREFIX
from hub.isomo_settings import CHECKOUT

SITE = CHECKOUT / ".isomo" / "docs"
ADDRESS = f"{PREFIX}/manual/"


class ManualFiles(StaticFiles):
    """Serves the built site; a browser asks each time whether a file is still the same."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return a file that is asked for again, and sent again only if it changed."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def is_built(site: Path = SITE) -> bool:
    """Return whether there is a manual to show."""
    return (site / "index.html").is_file()


def manual_app(site: Path = SITE) -> Starlette:
    """Return the application that serves the manual; it may be built while the campus runs."""

    async def not_built(_request: Request) -> Response:
        raise HTTPException(404)

    async def front(request: Request) -> Response:
        return RedirectResponse(ADDRESS + "index.html") if is_built(site) else await not_built(request)

    files = Mount("/", ManualFiles(directory=site, html=True, check_dir=False))
    return Starlette(routes=[Route("/", front), files], middleware=[Middleware(GZipMiddleware)])
