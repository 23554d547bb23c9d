"""Files of the learner's desk, at one path for all learners: no sign-in, no server of theirs, each compressed once.

The learners' proxy leads this path here too, so that a lab's page loads them from its own origin. They are named by
their content and never change; older builds stay for tabs that are still open after an upgrade.
"""

from __future__ import annotations

import html
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from hub.campus.request_context import PREFIX, campus_of, language_of
from hub.desk_builds import built_names, find_file
from hub.shared_names import CLEAR_SITE, DESK_FILES, SIGN_OUT_DONE

KINDS = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "woff2": "font/woff2"}
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
    # My labs fetches them beforehand for the other origin; there is nothing personal in them.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
LEAVE_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>Isomo</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="0;url={on}"></noscript>
<link rel="stylesheet" href="{files}/{style}"><script type="module" src="{files}/{script}"></script>
</head><body><main id="leave" class="failed" data-on="{on}" data-keep="{on}?keep=1"></main></body></html>
"""
CLEAR_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>Isomo</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="0;url={on}"></noscript>
<link rel="stylesheet" href="{files}/{style}"><script type="module" src="{files}/{script}"></script>
</head><body>
<main id="clear-site" class="failed" data-on="{on}" data-forget="{forget}" data-keep="{keep}"></main>
</body></html>
"""
LEAVE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}

router = APIRouter(prefix=DESK_FILES.removeprefix(PREFIX))


def addresses_to_prefetch(learner_address: str) -> list[str]:
    """Return the files that a lab's page needs, at the learners' origin; empty if there are none."""
    names = built_names()
    return [f"{learner_address}{DESK_FILES}/{name}" for name in names.get("offline", names.get("first", []))]


@router.get("/leave")
def leave_page(request: Request) -> Response:
    """Show the page that sends and forgets what a browser keeps of a learner, then goes on to signing out."""
    names, settings = built_names(), campus_of(request).settings
    on = html.escape(f"{settings.address}{CLEAR_SITE}", quote=True)
    if not names.get("leave"):
        return PlainTextResponse("", 404)
    page = LEAVE_PAGE.format(
        language=html.escape(language_of(request)),
        on=on,
        files=DESK_FILES,
        style=names["style"],
        script=names["leave"],
    )
    return HTMLResponse(page, headers=LEAVE_HEADERS)


@router.get(CLEAR_SITE.removeprefix(DESK_FILES))
def clear_page(request: Request, keep: str = "") -> Response:
    """Show the page that has the learners' origin cleared, at the campus' origin, then goes on to signing out.

    With `keep` it asks first: work that was not sent would go too.
    """
    names, settings = built_names(), campus_of(request).settings
    on = f"{settings.address}/hub/logout?{SIGN_OUT_DONE}=1"
    if not names.get("leave"):
        return PlainTextResponse("", 404)
    page = CLEAR_PAGE.format(
        language=html.escape(language_of(request)),
        on=html.escape(on, quote=True),
        forget=html.escape(f"{settings.learner_address}{CLEAR_SITE}", quote=True),
        keep="1" if keep else "",
        files=DESK_FILES,
        style=names["style"],
        script=names["leave"],
    )
    policy = LEAVE_HEADERS["Content-Security-Policy"].replace(
        "connect-src 'self'", f"connect-src {settings.learner_address}"
    )
    return HTMLResponse(page, headers={**LEAVE_HEADERS, "Content-Security-Policy": policy})


@router.post(CLEAR_SITE.removeprefix(DESK_FILES))
def clear_site(request: Request) -> Response:
    """Tell a browser to clear what it keeps for this origin, service workers too; only a page of the campus may ask."""
    if request.headers.get("origin") != campus_of(request).settings.address:
        return PlainTextResponse("", 403)
    return Response(status_code=204, headers={"Clear-Site-Data": '"storage"', "Cache-Control": "no-store"})


@router.get("/{name}")
def desk_file(name: str, request: Request) -> Response:
    """Send a file, in the shortest form that the browser takes."""
    found = find_file(name)
    if found is None:
        return PlainTextResponse("", 404, headers={"Access-Control-Allow-Origin": "*"})
    accepted = request.headers.get("accept-encoding", "")
    for encoding, ending in ENCODINGS:
        packed = found.with_name(name + ending)
        if encoding in accepted and packed.is_file():
            return _file(packed, name, {"Content-Encoding": encoding})
    return _file(found, name, {})


def _file(path: Path, name: str, more: dict[str, str]) -> Response:
    return FileResponse(path, media_type=KINDS[name.rpartition(".")[2]], headers={**HEADERS, **more})
