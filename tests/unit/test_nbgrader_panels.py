"""nbgrader's assignment panel, asked as its JupyterLab part asks it, against a campus that is really served."""

from __future__ import annotations

import logging

import pytest

from graders.nbgrader.exchange.assignment_panel import Panel
from tests.support.nbgrader_desk import Desk
from tests.support.served_campus import served
from tests.support.small_stores import COURSE, LAB, RIGHT

AMINA = "amina.k"


@pytest.fixture
def campus(tmp_path):
    with served(tmp_path / "campus") as (made, url):
        made.url = url
        yield made


@pytest.fixture
def panel(tmp_path, campus, monkeypatch):
    desk = Desk(tmp_path, campus.url, AMINA, campus.hub.token(AMINA))
    for name, value in desk.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(desk.home)
    made = Panel(log=logging.getLogger("panel"))
    made.root_dir = str(desk.home)
    made.desk = desk
    return made


def test_it_lists_fetches_and_hands_in(panel, campus):
    (found,) = panel.list_assignments(COURSE)["value"]
    assert (found["course_id"], found["assignment_id"], found["status"]) == (COURSE, LAB, "released")
    assert panel.list_courses() == {"success": True, "value": [COURSE]}
    assert panel.fetch_assignment(COURSE, LAB)["success"]
    (found,) = panel.list_assignments(COURSE)["value"]
    assert (found["status"], found["path"]) == ("fetched", f"labs/{LAB}")
    assert found["notebooks"] == [{"notebook_id": LAB, "path": f"labs/{LAB}/{LAB}.ipynb"}]
    assert panel.submit_assignment(COURSE, LAB) == {"success": True}
    submitted = panel.list_assignments(COURSE)["value"][1]
    assert (submitted["status"], len(submitted["submissions"])) == ("submitted", 1)
    assert not submitted["submissions"][0]["has_exchange_feedback"]


def test_a_refusal_is_told_in_the_campus_own_words(panel, campus):
    panel.desk.has(RIGHT, LAB)
    campus.store.courses.close(COURSE, LAB)
    answer = panel.submit_assignment(COURSE, LAB)
    assert not answer["success"]
    assert answer["value"].startswith("The lab Sums is closed and takes no more work.")


def test_so_is_a_campus_that_is_away(panel, monkeypatch):
    monkeypatch.setenv("ISOMO_CAMPUS_URL", "http://127.0.0.1:9/services/campus")
    answer = panel.list_assignments(COURSE)
    assert answer == {
        "success": False,
        "value": "The campus does not answer just now. Nothing was lost; try again in a minute.",
    }
