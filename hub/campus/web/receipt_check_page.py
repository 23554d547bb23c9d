"""Public page that checks the file of a receipt; needs no account, and keeps nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from hub.campus.problem_codes import Problem
from hub.campus.request_bodies import read_body
from hub.campus.request_context import campus_of, language_of
from hub.campus.web.page_rendering import pages_of
from hub.store.signed_receipts import LONGEST, ReceiptRefusedError, public_keys, read_receipt, verify_receipt

router = APIRouter()
NOT_INDEXED = {"X-Robots-Tag": "noindex, nofollow"}


@router.get("/verify/receipt")
def receipt_form(request: Request, lang: str = "") -> Response:
    """Ask for the file of a receipt; anybody may, without an account."""
    return _shown(request, lang)


@router.post("/verify/receipt")
async def check_receipt(request: Request, lang: str = "") -> Response:
    """Say whether a receipt is as this installation issued it."""
    form = await _small_form(request)
    file = form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    content = content or str(form.get("text", "")).encode("utf-8", "replace")
    try:
        receipt = verify_receipt(read_receipt(content), public_keys(campus_of(request).settings))
    except ReceiptRefusedError as refused:
        return _shown(request, lang, refused=refused)
    return _shown(request, lang, receipt=receipt)


async def _small_form(request: Request) -> FormData:
    """Read a form of a stranger, of which no more than a receipt's size is kept. Raises Problem."""
    body = await read_body(request, 2 * LONGEST, Problem("not-a-receipt"))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return await Request(request.scope, receive).form(max_files=1, max_fields=3)


def _shown(
    request: Request,
    lang: str,
    *,
    receipt: dict[str, Any] | None = None,
    refused: ReceiptRefusedError | None = None,
) -> Response:
    offered = campus_of(request).settings.languages
    language = lang if lang in offered else language_of(request)
    page = pages_of(request).show_stranger(
        language,
        "verify_receipt.html",
        status=422 if refused else 200,
        receipt=receipt,
        received=datetime.fromisoformat(receipt["received_at"]) if receipt else None,
        refused=refused,
    )
    page.headers.update(NOT_INDEXED)
    return page
