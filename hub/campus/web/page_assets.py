"""Style and scripts, all from this machine: our own, and htmx from the package that npm installed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from hub.node_programs import node_folder

STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Assets:
    """`app` serves the files; `versions` is the query that each file's address carries."""

    app: Starlette
    versions: dict[str, str]


def read_assets() -> Assets:
    """Read every asset once. Pages work without htmx too, so a missing one is no reason to fail."""
    files = {path.name: path for path in STATIC.iterdir() if path.suffix in KINDS}
    htmx = node_folder() / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
    if htmx.is_file():
        files["htmx.js"] = htmx
    contents = {name: path.read_bytes() for name, path in files.items()}
    versions = {name: hashlib.sha256(content).hexdigest()[:12] for name, content in contents.items()}

    def serve(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in contents:
            return PlainTextResponse("", 404)
        headers = {"Cache-Control": A_YEAR if request.query_params.get("v") == versions[name] else "no-cache"}
        return Response(contents[name], media_type=KINDS[Path(name).suffix], headers=headers)

    routes = [Route("/{name}", serve)]
    return Assets(Starlette(routes=routes, middleware=[Middleware(GZipMiddleware)]), versions)
