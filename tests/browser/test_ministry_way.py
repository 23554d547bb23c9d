"""A ministry from its first roster to a verified certificate, each person at their own pages, in two languages.

The hub is pretended (tests/support/pretended_campus.py), and results come as a grader sends them.
"""

from __future__ import annotations

import threading
import time

import pytest
import uvicorn

from hub.campus.request_context import COOKIE, campus_sentence
from hub.store import GradedRecord
from tests.support.hub_run import free_ports
from tests.support.pretended_campus import ROOT, Campus, attempts_url, build_lab, zipped
from tests.support.small_stores import RIGHT

pytestmark = pytest.mark.browser

LEARNERS = [f"learner.{letter}" for letter in "abcdefghijklmnopqrst"]
PASSED = {"grade_id": "add", "outcome": "passed", "score": 2.0, "max_score": 2.0, "message": "", "flags": []}
ROLES = {"diane.t": "trainer", "chantal.m": "coordinator"}


@pytest.fixture
def campus(tmp_path):
    (port,) = free_ports(1)
    made = Campus(tmp_path, address=f"http://127.0.0.1:{port}")
    build_lab(made.settings.state)
    config = uvicorn.Config(
        made.app, port=port, log_level="error", proxy_headers=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield made
    server.should_exit = True
    thread.join(20)


@pytest.fixture(params=["en", "fr"])
def language(request):
    return request.param


@pytest.fixture
def visit(browser, campus, language):
    """Opens a page as somebody, or as nobody."""
    contexts = {}

    def opened(name, path):
        if name not in contexts:
            contexts[name] = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
            if name:
                campus.store.people.set_language(name, language)
                cookie = campus.browser(name).cookies[COOKIE]
                contexts[name].add_cookies(
                    [{"name": COOKIE, "value": cookie, "domain": "127.0.0.1", "path": ROOT}]
                )
        page = contexts[name].new_page()
        page.goto(f"{campus.settings.address}{ROOT}{path}")
        return page

    yield opened
    for each in contexts.values():
        each.close()


@pytest.fixture
def words(language):
    """Says a sentence of the pages in their reader's language."""
    return lambda text, **facts: campus_sentence(language, text) % facts


def set_up(visit, words):
    """The administrator makes an institution and a course, and imports who is in it."""
    page = visit("admin", "/institutions")
    page.click(f"summary:text-is('{words('Make an institution')}')")
    page.fill("details[open] [name=title]", "Ministry of Health")
    page.fill("details[open] [name=name]", "health")
    page.click(f"button:text-is('{words('Make')}')")
    page = visit("admin", "/courses")
    page.click(f"summary:text-is('{words('Make a course')}')")
    page.fill("details[open] [name=title]", "Intake of May")
    page.fill("details[open] [name=name]", "may")
    page.select_option("details[open] [name=institution]", "health")
    page.click(f"button:text-is('{words('Make')}')")
    rows = ["username;name;institution;role;course;part;class"]
    rows += [f"{name};{name.title()};health;learner;may;learner;Class A" for name in LEARNERS]
    rows += ["diane.t;Diane T;health;trainer;may;trainer;", "chantal.m;Chantal M;health;coordinator;;;"]
    page = visit("admin", "/roster")
    page.fill("textarea", "\n".join(rows))
    page.click(f"text={words('Show what would change')}")
    page.click(f"text={words('Import it now')}")


def work_through(campus):
    """Twenty learners hand in, and their work is checked."""
    for name in LEARNERS:
        sent = campus.program(name).post(attempts_url("may", "bars"), content=zipped({"bars.ipynb": RIGHT}))
        assert sent.status_code == 201, sent.text
        graded = GradedRecord([PASSED], notebook=b"{}", feedback_html=b"<p></p>", engine="test")
        assert campus.store.record_grading(campus.store.claim_ungraded("test", 60), graded)


def certify(visit, words):
    """The trainer returns feedback, signs the marks off and issues certificates."""
    page = visit("diane.t", "/courses/may/labs/bars")
    page.click(f"summary:has-text('{words('Return feedback to all')}')")
    page.click("details.sure[open] button.danger")
    page = visit("diane.t", "/courses/may/marks")
    page.click(f"text={words('Sign off as final')}")
    assert words("These marks are final.") in page.inner_text("main")
    page = visit("diane.t", "/courses/may/certificates")
    page.click(f"text={words('Issue certificates: %(number)s', number=20)}")


def test_a_ministry_is_set_up_taught_certified_reported_and_verified(campus, visit, words):
    set_up(visit, words)
    page = visit("diane.t", "/courses/may")
    page.click(f"button:has-text('{words('Release')}')")
    work_through(campus)
    certify(visit, words)
    page = visit(LEARNERS[0], "/")
    assert words("Your certificate") in page.inner_text("main")
    code = page.inner_text(".told code")
    said = words("%(done)s of %(people)s handed in “%(lab)s”", done=20, people=20, lab="")
    shown = visit("chantal.m", "/overview").inner_text("main")
    assert said.partition("“")[0].partition("«")[0].strip() in shown
    assert not [name for name in LEARNERS if name.title() in shown]
    page = visit("", "/verify")
    page.fill("[name=code]", code)
    page.click(f"button:text-is('{words('Check')}')")
    shown = page.inner_text("main")
    assert words("Valid.") in shown
    assert LEARNERS[0].title() in shown
