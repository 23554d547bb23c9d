"""A small index of packages (PEP 503) on this machine: one wheel, made here, and what was asked of it."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

NAME, VERSION = "office-words", "1.2"
WHEEL = f"office_words-{VERSION}-py3-none-any.whl"
SAID = "muraho"


def wheel() -> bytes:
    """Return a package of one module, `office_words.py`."""
    made, info = BytesIO(), f"office_words-{VERSION}.dist-info"
    files = {
        "office_words.py": f'WORD = "{SAID}"\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(
                zipfile.ZipInfo(name), text
            )  # Dated 1980, so that its bytes are always the same.
    return made.getvalue()


class PackageIndex(ThreadingHTTPServer):
    """The server; `asked` has every path that was asked for, with the credentials that came along."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        """Return scheme, host and port."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: PackageIndex

    def do_GET(self) -> None:
        """Answer the list of files, the file, or a redirect."""
        self.server.asked.append((self.path, self.headers.get("authorization", "")))
        content = wheel()
        if self.path == f"/simple/{NAME}/":
            sha = hashlib.sha256(content).hexdigest()
            page = (
                f'<a href="/files/ab/{WHEEL}#sha256={sha}" data-requires-python="&gt;=3.8">x</a>'
                f'<a href="http://192.0.2.1/files/{WHEEL}">another place</a><a href="javascript:alert(1)">y</a>'
            )
            self._answer(200, page.encode())
        elif self.path == f"/files/ab/{WHEEL}":
            self._answer(200, content)
        elif self.path == f"/files/away/{WHEEL}":
            self._answer(302, b"", location=f"http://192.0.2.1/{WHEEL}")
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Stay quiet."""


@contextmanager
def package_index() -> Iterator[PackageIndex]:
    """Serve the index while a test runs."""
    with PackageIndex() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(60)
