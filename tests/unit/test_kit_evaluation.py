"""Where nothing isolates a learner's server, each of its pages says so."""

from __future__ import annotations

import pytest
from tornado.httputil import HTTPHeaders

from labs.kit.demo_banner import NotIsolated, install_banner

SENTENCE = "people are not separated from each other"


def sent(kind: str, page: bytes) -> tuple[HTTPHeaders, bytes]:
    headers = HTTPHeaders({"Content-Type": kind, "Content-Length": str(len(page))})
    _, headers, page = NotIsolated(None).transform_first_chunk(200, headers, page, True)  # type: ignore[arg-type]
    assert headers["Content-Length"] == str(len(page))
    return headers, page


def test_a_page_carries_the_line() -> None:
    assert SENTENCE in sent("text/html; charset=UTF-8", b"<body><p>Hello</body>")[1].decode()


@pytest.mark.parametrize(
    ("kind", "page"), [("application/json", b'"</body>"'), ("text/html", b"a part of a page")]
)
def test_anything_else_goes_out_as_it_is(kind: str, page: bytes) -> None:
    assert sent(kind, page)[1] == page


class App:
    """As much of a server as is asked for."""

    def __init__(self) -> None:
        self.web_app = self
        self.transforms: list[object] = []


def test_only_a_server_that_is_not_isolated_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    isolated, shared = App(), App()
    monkeypatch.delenv("ISOMO_NOT_ISOLATED", raising=False)
    install_banner(isolated)
    monkeypatch.setenv("ISOMO_NOT_ISOLATED", "1")
    install_banner(shared)
    assert (isolated.transforms, shared.transforms) == ([], [NotIsolated])
