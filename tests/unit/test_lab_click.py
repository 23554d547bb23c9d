"""The click on a lab: straight to the learner's server, at which the list of labs has signed in."""

from __future__ import annotations

import re

import pytest

from hub.campus import file_bundles
from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_stores import COURSE, LAB
from tests.unit.test_campus_exchange import AMINA, CLAUDINE


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


def frames(page):
    return re.findall(r"<iframe[^>]*>", page)


def test_opening_a_lab_goes_to_the_own_server_or_starts_it(campus):
    amina = campus.browser(AMINA)
    path = f"/user/{AMINA}/isomo/open/{COURSE}/{LAB}"
    stopped = amina.get(f"{ROOT}/open/{COURSE}/{LAB}").headers["location"]
    assert stopped.startswith(f"{campus.settings.address}/hub/spawn/{AMINA}?next=%2Fuser%2F{AMINA}%2Fisomo")
    for user in campus.hub.users.values():
        user["servers"][""]["ready"] = True
    running = amina.get(f"{ROOT}/open/{COURSE}/{LAB}").headers["location"]
    assert running == f"{campus.settings.learner_address}{path}"


def test_opening_a_lab_believes_what_the_hub_said_a_moment_ago_of_a_server_that_runs(campus):
    campus.hub.running.add(AMINA)
    amina = campus.browser(AMINA)
    assert "/isomo/open/" in amina.get(f"{ROOT}/open/{COURSE}/{LAB}").headers["location"]
    assert campus.hub.looked_up == [AMINA], "asked when she signed in, and not again"


def test_the_list_of_labs_has_a_browser_sign_in_once_at_a_server_that_runs(campus):
    campus.hub.running.add(AMINA)
    amina = campus.browser(AMINA)
    there = f"{campus.settings.learner_address}/user/{AMINA}/isomo/sign-in"
    page = amina.get(f"{ROOT}/")
    # Sandboxed: what a learner's server could send instead runs no script and leads this page nowhere.
    assert frames(page.text) == [f'<iframe hidden sandbox src="{there}">']
    assert f"frame-src 'self' {campus.settings.learner_address};" in page.headers["content-security-policy"]
    assert not frames(amina.get(f"{ROOT}/").text)
    assert frames(campus.browser(AMINA).get(f"{ROOT}/").text), "another browser of hers"


def test_the_list_of_labs_signs_in_nowhere_without_a_learners_server_that_runs(campus):
    campus.hub.running.add(CLAUDINE)
    assert not frames(campus.browser(AMINA).get(f"{ROOT}/").text)
    assert not frames(campus.browser(CLAUDINE).get(f"{ROOT}/").text), "she only teaches"


def test_a_lab_that_is_not_open_cannot_be_opened(campus):
    page = campus.browser(AMINA).get(f"{ROOT}/open/{COURSE}/bars")
    assert page.status_code == 404
    assert "The lab bars is not open in this course." in page.text


def test_a_class_that_fetches_a_lab_has_it_packed_once_and_a_changed_or_large_one_again(monkeypatch):
    packed = []
    monkeypatch.setattr(file_bundles, "pack_files", lambda files: packed.append(dict(files)) or b"zip")
    file_bundles._small_pack.cache_clear()
    first, second = {"a.ipynb": b"1", "b.csv": b"2"}, {"a.ipynb": b"1", "b.csv": b"3"}
    for files in (first, dict(reversed(first.items())), second):
        assert file_bundles.pack_for_many(files) == b"zip"
    assert packed == [first, second]
    large = {"data.bin": bytes(file_bundles.SMALL_SET + 1)}
    for _ in range(2):
        file_bundles.pack_for_many(large)
    assert packed == [first, second, large, large]
    file_bundles._small_pack.cache_clear()
