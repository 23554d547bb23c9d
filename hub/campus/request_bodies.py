"""Bodies of requests: read up to the size that a submission, a lab's release or another file may have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from hub.campus.problem_codes import Problem
from hub.campus.request_context import campus_of

MORE_READ = 5
"""Times its limit that are read of a body: a client that still sends would not hear the answer."""


async def limited_body(request: Request) -> bytes:
    """Return the body of a request. Raises Problem if it is larger than a submission may be."""
    limit = campus_of(request).settings.grading.submission_size
    return await read_body(request, limit, Problem("too-large", {"limit": limit}))


async def work_body(request: Request) -> bytes:
    """Return handed-in work, also if files next to the notebooks are too large: those are left out later."""
    limit = campus_of(request).settings.grading.submission_size
    return await read_body(request, MORE_READ * limit, Problem("too-large", {"limit": limit}))


async def release_body(request: Request) -> bytes:
    """Return a lab's two sides, each of which may have all that a release may have."""
    limit = campus_of(request).settings.grading.release_size
    return await read_body(request, 2 * limit, Problem("release-too-large", {"limit": limit}))


async def read_body(request: Request, limit: int, problem: Problem) -> bytes:
    """Return a body of at most `limit` bytes, else raise `problem`; what is too large is read on and dropped."""
    parts, size = [], 0
    stream: AsyncIterator[bytes] = request.stream()
    async for part in stream:
        size += len(part)
        if size <= limit:
            parts.append(part)
        elif size > MORE_READ * limit:
            break
        else:
            parts.clear()
    if size > limit:
        raise problem
    return b"".join(parts)


Body = Annotated[bytes, Depends(limited_body)]
WorkBody = Annotated[bytes, Depends(work_body)]
ReleaseBody = Annotated[bytes, Depends(release_body)]
