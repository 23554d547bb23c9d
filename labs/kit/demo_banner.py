"""The line on every page of a server that shares its machine with its visitor: nobody is isolated here."""

from __future__ import annotations

import os
from html import escape
from typing import Any

from tornado.web import OutputTransform

from labs.kit.kit_sentences import N_, kit_sentence, own_language

NOT_ISOLATED = N_(
    "Trial on this machine only: people are not separated from each other. Do not use it for a class."
)
LINE = (
    '<div role="note" style="position:fixed;top:0;right:0;z-index:10000;max-width:60%;padding:2px 10px;'
    'background:#7a1f1f;color:#fff;font:13px/1.5 system-ui,sans-serif;pointer-events:none">{text}</div></body>'
)


class NotIsolated(OutputTransform):
    """Adds the line to HTML pages on their way out."""

    def transform_first_chunk(
        self,
        status_code: int,
        headers: Any,
        chunk: bytes,
        finishing: bool,  # noqa: ARG002 - tornado's own signature
    ) -> tuple[int, Any, bytes]:
        """Return the page with the line above its end, its length corrected."""
        if headers.get("Content-Type", "").startswith("text/html") and b"</body>" in chunk:
            line = LINE.format(text=escape(kit_sentence(NOT_ISOLATED, own_language())))
            chunk = line.encode().join(chunk.rsplit(b"</body>", 1))
            if "Content-Length" in headers:
                headers["Content-Length"] = str(len(chunk))
        return status_code, headers, chunk


def install_banner(app: Any) -> None:
    """Have every page of a server carry the line, if its environment says that nothing isolates it."""
    if os.environ.get("ISOMO_NOT_ISOLATED"):
        app.web_app.transforms.insert(0, NotIsolated)
