"""The manual below the campus: the site of docs/, as `./isomo docs` built it."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hub.campus.web import manual_pages
from tests.support.pretended_campus import ROOT, Campus
from tests.unit.test_campus_exchange import CLAUDINE

PAGE = "<!doctype html><title>Isomo</title><p>What each person does first.</p>"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE)
    (tmp_path / "secret.txt").write_text("not for readers")
    return folder


def test_the_manual_opens_at_its_first_page(site: Path) -> None:
    answer = TestClient(manual_pages.manual_app(site)).get("/", follow_redirects=False)
    assert answer.headers["location"] == f"{ROOT}/manual/index.html"


def test_a_page_of_the_manual_is_asked_for_again_and_sent_only_if_it_changed(site: Path) -> None:
    client = TestClient(manual_pages.manual_app(site))
    page = client.get("/index.html")
    assert (page.text, page.headers["cache-control"]) == (PAGE, "no-cache")
    again = client.get("/index.html", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304


def test_nothing_outside_of_the_manual_is_shown(site: Path) -> None:
    client = TestClient(manual_pages.manual_app(site))
    for path in ("/../secret.txt", "/%2e%2e/secret.txt", "//etc/passwd"):
        assert client.get(path).status_code == 404


def test_pages_lead_to_the_manual_only_after_it_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campus = Campus(tmp_path)
    monkeypatch.setattr("hub.campus.web.page_rendering.is_built", lambda: False)
    assert "/manual/" not in campus.browser(CLAUDINE).get(f"{ROOT}/").text
    monkeypatch.setattr("hub.campus.web.page_rendering.is_built", lambda: True)
    assert f'<a href="{ROOT}/manual/">Manual</a>' in campus.browser(CLAUDINE).get(f"{ROOT}/").text


def test_a_manual_that_was_not_built_is_a_page_that_does_not_exist(tmp_path: Path) -> None:
    assert TestClient(manual_pages.manual_app(tmp_path / "none")).get("/").status_code == 404
