"""The campus' pages in a real browser: on a phone, by keyboard, without scripts, and while grading goes on.

The hub is pretended (tests/support/pretended_campus.py); a real one is in the whole journey.
"""

from __future__ import annotations

import threading
import time

import nbformat
import pytest
import uvicorn

from hub.campus.request_context import COOKIE
from hub.store import GradedRecord
from tests.support.hub_run import free_ports
from tests.support.page_faults import axe_script, faults, wide
from tests.support.pretended_campus import API, ROOT, Campus, attempts_url, build_lab, work
from tests.support.small_stores import COURSE, LAB, LEARNERS, TRAINER

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 640}
LAB_PAGE = f"{ROOT}/courses/{COURSE}/labs/{LAB}"
HOSTILE = (
    b"<h1>Your notebook</h1><script>document.body.innerHTML = 'it ran'</script><img src=x onerror=alert(1)>"
)


def grade(campus):
    task = {
        "grade_id": "add_test",
        "outcome": "passed",
        "score": 2.0,
        "max_score": 2.0,
        "message": "",
        "flags": [],
    }
    graded = GradedRecord(tasks=[task], notebook=b"{}", feedback_html=HOSTILE, engine="test")
    assert campus.store.record_grading(campus.store.claim_ungraded("test", 60), graded)


@pytest.fixture
def campus(tmp_path):
    (port,) = free_ports(1)
    made = Campus(tmp_path, address=f"http://127.0.0.1:{port}")
    build_lab(made.settings.state)
    server = uvicorn.Server(
        uvicorn.Config(
            made.app, port=port, log_level="error", proxy_headers=False, timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield made
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def visit(browser, campus):
    """Opens a page as somebody; what the page asks for and complains about is in `asked` and `said`."""
    contexts = []

    def opened(name, path, **more):
        context = browser.new_context(**{"viewport": PHONE, "locale": "en-GB", **more})
        contexts.append(context)
        cookie = campus.browser(name).cookies[COOKIE]
        context.add_cookies([{"name": COOKIE, "value": cookie, "domain": "127.0.0.1", "path": ROOT}])
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.goto(f"{campus.settings.address}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def receipt(campus):
    return campus.program(LEARNERS[0]).post(attempts_url(), content=work()).json()["receipt"]


def test_a_kept_comment_without_a_blank_fits_a_phone(campus, visit, receipt):
    waiting = {
        "grade_id": "add_test",
        "outcome": "not-yet",
        "score": None,
        "max_score": 2.0,
        "message": "",
        "flags": [],
    }
    graded = GradedRecord(tasks=[waiting], notebook=b"{}", feedback_html=HOSTILE, engine="test")
    assert campus.store.record_grading(campus.store.claim_ungraded("test", 60), graded)
    campus.store.saved_comments.save(COURSE, LAB, "add_test", "x" * 300, TRAINER)
    page = visit(TRAINER, f"{ROOT}/courses/{COURSE}/desk?lab={LAB}&task=add_test")
    assert page.locator(".bank button").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def pages_of_everybody(receipt):
    """Return a person and an address for each page."""
    return (
        (LEARNERS[0], "/"),
        (LEARNERS[0], f"/receipts/{receipt}"),
        (LEARNERS[0], "/api/docs"),
        (TRAINER, f"/courses/{COURSE}"),
        (TRAINER, f"/courses/{COURSE}/labs/{LAB}"),
        (TRAINER, f"/courses/{COURSE}/marks"),
        (TRAINER, f"/courses/{COURSE}/desk"),
        (TRAINER, f"/courses/{COURSE}/certificates"),
        (LEARNERS[0], "/me"),
        ("admin", "/system"),
        (LEARNERS[0], "/verify"),
        (TRAINER, f"/courses/{COURSE}/desk/second?lab={LAB}&task=add_test"),
        (TRAINER, f"/courses/{COURSE}/desk/alike?lab={LAB}&task=add_test"),
        (TRAINER, f"/courses/{COURSE}/appeals"),
        (TRAINER, f"/courses/{COURSE}/labs/{LAB}/schedule"),
        (TRAINER, f"/courses/{COURSE}/labs/{LAB}/regrade"),
        (TRAINER, f"/courses/{COURSE}/library/bars"),
        (TRAINER, "/"),
        ("coord", "/overview"),
        ("admin", "/people"),
        ("admin", f"/people/{LEARNERS[0]}"),
        ("admin", "/institutions"),
        ("admin", "/institutions/minict"),
        ("admin", "/courses"),
        ("admin", f"/courses/{COURSE}/settings"),
        (TRAINER, f"/courses/{COURSE}/settings"),
        ("admin", "/roster"),
        ("admin", "/audit"),
        (TRAINER, f"/courses/{COURSE}/people"),
        (TRAINER, f"/courses/{COURSE}/classes/1"),
    )


def people_with_long_names(campus):
    """Grade what was handed in, and add people for the pages that need some."""
    grade(campus)
    campus.store.people.add("coord", "C", roles=("coordinator",), institution="minict")
    campus.store.people.add("long.n", "N" * 190 + " مرحبا", institution="minict")
    campus.store.courses.add_member(COURSE, "long.n", "learner")


def test_pages_fit_a_phone_load_nothing_from_elsewhere_and_complain_of_nothing(
    campus, visit, receipt, monkeypatch
):
    # The learners' proxy, from which My labs fetches the desk's files, does not run here.
    monkeypatch.setattr("hub.campus.web.first_page.addresses_to_prefetch", lambda _address: [])
    people_with_long_names(campus)
    for language in ("en", "fr"):
        for name, path in pages_of_everybody(receipt):
            campus.store.people.set_language(name, language)
            page = visit(name, f"{ROOT}{path}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
                path,
                language,
            )
            assert all(url.startswith((campus.settings.address, "data:")) for url in page.asked), page.asked
            assert page.said == [], (path, page.said)


@pytest.mark.parametrize(("scheme", "language", "width"), [("light", "fr", 320), ("dark", "en", 1280)])
def test_axe_finds_no_fault_on_any_page(campus, visit, receipt, monkeypatch, scheme, language, width):
    monkeypatch.setattr("hub.campus.web.first_page.addresses_to_prefetch", lambda _address: [])
    people_with_long_names(campus)
    axe = axe_script()
    found = {}
    for name, path in pages_of_everybody(receipt):
        campus.store.people.set_language(name, language)
        page = visit(name, f"{ROOT}{path}", color_scheme=scheme, viewport={"width": width, "height": 800})
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        found[name, path] = faults(page, axe)
        page.context.close()
    assert {place: each for place, each in found.items() if each} == {}


def test_the_back_button_shows_the_page_before_a_form_and_sends_nothing_again(campus, visit):
    page = visit(TRAINER, f"{ROOT}/courses/{COURSE}/people")
    page.goto(f"{campus.settings.address}{ROOT}/courses/{COURSE}/settings")
    page.locator("[name=title]").fill("AI for all")
    page.get_by_role("button", name="Save").click()
    page.locator("[name=title][value='AI for all']").wait_for()
    noted = len(campus.store.audit.newest())
    page.go_back()
    page.locator("h1").wait_for()
    page.go_back()
    page.wait_for_url("**/people")
    assert campus.store.courses.get(COURSE).title == "AI for all"
    assert len(campus.store.audit.newest()) == noted


def test_code_in_a_labs_text_wraps_on_a_phone(campus, visit):
    text = "Fill the gaps:\n\n```python\nmodel = make_pipeline(" + "OneHotEncoder(), " * 20 + ")\n```\n"
    for page in (campus.settings.state / "labs" / "bars").glob("*/release/*/bars.ipynb"):
        notebook = nbformat.reads(page.read_text(), as_version=4)
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text))
        page.write_text(nbformat.writes(notebook))
    page = visit(TRAINER, f"{ROOT}/courses/{COURSE}/library/bars")
    assert page.locator(".rubric pre").count() == 1
    assert wide(page) == 0


def test_a_lab_is_reached_and_opened_with_the_keyboard_alone(campus, visit):
    page = visit(LEARNERS[0], f"{ROOT}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").startswith("Go on")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.on("request", lambda request: page.asked.append(request.url))
    page.keyboard.press("Enter")
    page.wait_for_url("**/hub/spawn/amina.k**")


def test_feedback_is_shown_and_nothing_in_it_runs(campus, visit, receipt):
    grade(campus)
    campus.program(TRAINER).put(f"{API}/courses/{COURSE}/labs/{LAB}/feedback")
    page = visit(LEARNERS[0], f"{ROOT}/")
    page.click("text=Read your feedback")
    frame = page.frame_locator("iframe")
    assert frame.locator("h1").inner_text() == "Your notebook"
    assert "it ran" not in frame.locator("body").inner_text()
    page.said.clear()
    page.click("text=Show it on a page of its own")
    page.wait_for_url("**/feedback")
    page.wait_for_timeout(500)
    assert any("Blocked script execution" in each for each in page.said), page.said


def test_a_trainer_sees_work_become_graded_without_doing_anything(campus, visit, receipt):
    page = visit(TRAINER, LAB_PAGE)
    assert "Being checked" in page.inner_text("#submissions")
    page.wait_for_timeout(1500)  # The first message of the live view tells what the page shows already.
    grade(campus)
    page.wait_for_selector("#submissions >> text=Checked, feedback not returned yet", timeout=20_000)
    page.click(
        "summary:has-text('Return feedback to all')"
    )  # A question that is not answered changes nothing.
    assert "Checked, feedback not returned yet" in page.inner_text("#submissions")
    page.click("text=Return it now")
    page.wait_for_selector("#submissions >> text=Feedback returned")
    assert "Learners whose feedback was returned: 1." in page.inner_text("[role=status]")


def test_the_live_table_keeps_focus_ticks_and_what_was_typed(campus, visit, receipt):
    page = visit(TRAINER, LAB_PAGE, viewport={"width": 1280, "height": 800})
    page.wait_for_timeout(1500)  # The first message of the live view tells what the page shows already.
    page.check(f"#pick-{LEARNERS[1]}".replace(".", "\\."))
    page.fill("#search-name", "half a na")
    page.focus(f"#look-{LEARNERS[0]}".replace(".", "\\."))
    grade(campus)
    page.wait_for_selector("#submissions >> text=Checked, feedback not returned yet", timeout=20_000)
    assert page.evaluate("document.activeElement.id") == f"look-{LEARNERS[0]}"
    assert page.is_checked(f"#pick-{LEARNERS[1]}".replace(".", "\\."))
    assert page.input_value("#search-name") == "half a na"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_line_of_the_trainers_tables_is_forty_pixels_high_and_nothing_is_cut(
    campus, visit, receipt, language
):
    grade(campus)
    campus.store.people.set_language(TRAINER, language)
    for path in (LAB_PAGE, f"{ROOT}/courses/{COURSE}/marks"):
        page = visit(TRAINER, path, viewport={"width": 1280, "height": 800})
        heights = page.evaluate(
            "[...document.querySelectorAll('table.lines tbody tr')].map(row => row.offsetHeight)"
        )
        assert 0 < max(heights) <= 41, (path, heights)
        assert page.evaluate(
            "[...document.querySelectorAll('.wide')].every(box => box.scrollWidth <= box.clientWidth)"
        ), path


def test_an_answer_is_marked_with_two_keys(campus, visit):
    """Points and Enter: two keys for an answer that gets one digit."""
    for name in LEARNERS:
        campus.program(name).post(attempts_url(), content=work())
        task = {
            "grade_id": "add",
            "outcome": "not-yet",
            "score": None,
            "max_score": 2.0,
            "message": "",
            "flags": [],
        }
        graded = GradedRecord(tasks=[task], notebook=b"{}", feedback_html=b"", engine="test")
        assert campus.store.record_grading(campus.store.claim_ungraded("test", 60), graded)
    page = visit(
        TRAINER, f"{ROOT}/courses/{COURSE}/desk?lab={LAB}&task=add", viewport={"width": 1280, "height": 800}
    )
    for left in (1, 0):
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        said = f"Answers that wait: {left}" if left else "No answer to this task waits any more."
        page.wait_for_selector(f"text={said}")
    assert [each.score for each in campus.store.marks.lab_points(COURSE, LAB).values()] == [2.0, 2.0]


def test_a_learner_sees_waiting_work_move_on(campus, visit, receipt):
    page = visit(LEARNERS[0], f"{ROOT}/")
    assert "Being checked" in page.inner_text("main")
    grade(campus)
    campus.program(TRAINER).put(f"{API}/courses/{COURSE}/labs/{LAB}/feedback")
    page.wait_for_selector("text=Read your feedback", timeout=20_000)


def test_everything_works_without_scripts(campus, visit):
    page = visit(TRAINER, f"{ROOT}/courses/{COURSE}", java_script_enabled=False)
    page.click("button:has-text('Release')")
    page.wait_for_url("**/labs/bars")
    page.click("summary:has-text('Close now')")
    page.click("text=Close the lab")
    assert "The lab is closed and takes no more work." in page.inner_text("main")
    admin = visit("admin", f"{ROOT}/people", java_script_enabled=False)
    admin.fill("[name=q]", "bosco")
    admin.click("button:has-text('Find')")
    assert "1 found" in admin.inner_text("#people")


def test_an_administrator_finds_somebody_while_typing_and_invites_another(campus, visit):
    page = visit("admin", f"{ROOT}/people")
    page.type("[name=q]", "bosco")
    page.wait_for_selector("text=1 found")
    page.click("text=Invite somebody")
    page.fill("[name=username]", "david.h")
    page.fill("[name=display_name]", "David H.")
    page.click("text=Make a sign-in link")
    assert f"{campus.settings.address}/hub/welcome/" in page.inner_text(".code")


def test_a_roster_is_pasted_looked_at_and_imported_and_slips_are_printed(campus, visit):
    page = visit("admin", f"{ROOT}/roster")
    page.fill("textarea", f"Nom;Courriel;Cours;Classe\nÉlodie Uwera;e@x.rw;{COURSE};Class B\n;bad;;")
    page.click("text=Show what would change")
    assert "Row 3 (bad) has no name. Write the name as it is to be shown." in page.inner_text("main")
    assert campus.store.people.get("elodie.u") is None
    page.click("text=Import it now")
    assert "The roster was imported: 1 new people, 1 enrolments." in page.inner_text("[role=status]")
    page.reload()
    assert page.locator("[role=status]").count() == 0
    page.goto(f"{campus.settings.address}{ROOT}/courses/{COURSE}/people")
    page.click("text=Class B >> nth=0")
    page.click("text=Slips for those without a password (1)")
    assert page.locator(".slip svg").count() == 1
    assert f"{campus.settings.address}/hub/welcome/" in page.inner_text(".slip")
    assert page.said == []


def test_the_language_changes_on_the_page_one_is_on(campus, visit, receipt):
    page = visit(LEARNERS[0], f"{ROOT}/receipts/{receipt}")
    page.click("text=Français")
    page.wait_for_selector(f"text=Récépissé {receipt}")
    assert page.url.endswith(f"/receipts/{receipt}")


def test_what_was_typed_survives_the_end_of_a_session_and_goes_once_it_was_kept(campus, visit, receipt):
    grade(campus)
    desk = f"{ROOT}/courses/{COURSE}/desk?lab={LAB}&task=add_test&receipt={receipt}"
    page = visit(TRAINER, desk)
    page.fill("#desk-score", "1.5")
    page.fill("#desk-comment", "Half a sentence")
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.click("#desk button:not([type=button])")
    page.wait_for_selector("text=Sign in first")
    page.context.add_cookies(kept)
    page.goto(f"{campus.settings.address}{desk}")
    assert page.input_value("#desk-comment") == "Half a sentence"
    page.dblclick("#desk button:not([type=button])")
    page.wait_for_selector("text=No answer to this task waits any more")
    (mark,) = campus.store.results.result_for(campus.store.attempts.get(receipt).id).marks.values()
    assert (mark.score, mark.comment) == (1.5, "Half a sentence")
    assert page.evaluate("Object.keys(sessionStorage).length") == 0


def test_the_live_page_follows_two_learners_by_itself_and_keeps_a_half_written_message(campus, visit):
    number = campus.store.classes.add_class(COURSE, "Class B")
    campus.store.enrolments.put_in_class(COURSE, LEARNERS, number)
    here = f"{ROOT}/courses/{COURSE}/classes/{number}/live"
    page = visit(TRAINER, here, viewport={"width": 1280, "height": 900})
    page.wait_for_selector("text=Nobody is stuck.")
    miss = {"kind": "check", "task": "add", "outcome": "not-yet", "key": "too-high"}
    report = f"{API}/courses/{COURSE}/labs/{LAB}/live"
    amina, bosco = (campus.program(name) for name in LEARNERS)
    amina.post(report, json={"events": [miss] * 3})
    page.wait_for_selector("text=1 person")
    page.locator("#live-now textarea").type("Look at the")
    bosco.post(report, json={"events": [miss] * 3})
    page.wait_for_selector("text=2 people")
    assert page.input_value("#live-now textarea") == "Look at the"
    page.locator("#live-now textarea").type(" sign.")
    page.click("#live-now form button")
    page.wait_for_selector("text=Your message was sent. Learners who read it on their first page: 2.")
    assert [each["text"] for each in bosco.post(report, json={}).json()["messages"]] == ["Look at the sign."]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_what_changes_between_the_live_page_and_its_first_event_is_shown(campus, visit):
    number = campus.store.classes.add_class(COURSE, "Class B")
    campus.store.enrolments.put_in_class(COURSE, LEARNERS, number)
    page = visit(TRAINER, f"{ROOT}/courses/{COURSE}/classes/{number}/live")
    learner = campus.program(LEARNERS[0])
    miss = {"kind": "check", "task": "add", "outcome": "not-yet", "key": "too-high"}

    def late(route):
        learner.post(f"{API}/courses/{COURSE}/labs/{LAB}/live", json={"events": [miss] * 3})
        route.continue_()

    page.route("**/live/events", late)
    page.reload()
    page.wait_for_selector("text=1 person")


def test_a_letter_in_the_field_of_the_points_inserts_a_kept_comment(campus, visit, receipt):
    grade(campus)
    campus.store.saved_comments.save(COURSE, LAB, "add_test", "Name the table.", TRAINER)
    page = visit(TRAINER, f"{ROOT}/courses/{COURSE}/desk?lab={LAB}&task=add_test&receipt={receipt}")
    page.fill("#desk-score", "")
    page.keyboard.press("a")
    assert page.input_value("#desk-comment") == "Name the table."
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=No answer to this task waits any more")
    (mark,) = campus.store.results.result_for(campus.store.attempts.get(receipt).id).marks.values()
    assert (mark.score, mark.comment) == (1.0, "Name the table.")
