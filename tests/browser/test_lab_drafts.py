"""A trainer writes a lab in a real browser: by keyboard alone, on a phone, in French, and without a fault of axe-core.

The check runs in this process: that it runs in the grader's container is tried in
`tests/container/test_lab_draft_container.py`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from graders.agent import draft_work
from hub.campus.request_context import COOKIE
from hub.store.lab_drafts import DraftResult, findings_of
from labs.authoring.draft_check import check_draft
from labs.datasets.learners_data import DATA, ready_data
from tests.support.desk_served import look
from tests.support.hub_run import free_ports
from tests.support.page_faults import axe_script, faults, wide
from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_stores import COURSE, LEARNERS, TRAINER

pytestmark = pytest.mark.browser

PATIENCE = 60_000
MOST_STOPS = 150
"""Presses of Tab that reach any control of a page."""
WAITS = "p.said[role=status]"
NAME = "who-waits"
DRAFT = f"/courses/{COURSE}/drafts/{NAME}"


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility checker."""
    return axe_script()


@pytest.fixture(autouse=True)
def data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The learners' data, where a check in this process finds it."""
    ready_data()
    monkeypatch.setenv("ISOMO_DATA", str(DATA))


@pytest.fixture
def campus(tmp_path: Path) -> Iterator[Campus]:
    """A campus that answers at its address."""
    (port,) = free_ports(1)
    made = Campus(tmp_path / "state", address=f"http://127.0.0.1:{port}")
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


def at(campus: Campus, path: str) -> str:
    """Return the whole address of a page."""
    return f"{campus.settings.address}{ROOT}{path}"


@pytest.fixture
def visit(browser: Any, campus: Campus) -> Iterator[Any]:
    """Opens a page of the campus as somebody."""
    contexts = []

    def opened(name: str, path: str, **more: Any) -> Any:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **more}
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        cookie = campus.browser(name).cookies[COOKIE]
        context.add_cookies([{"name": COOKIE, "value": cookie, "domain": "127.0.0.1", "path": ROOT}])
        page = context.new_page()
        page.goto(at(campus, path))
        return page

    yield opened
    for context in contexts:
        context.close()


def check(campus: Campus, folder: Path) -> list[Any]:
    """Check the draft that waits, as an agent does, and return its findings."""
    drafts = campus.store.lab_drafts
    job = drafts.claim("test", 600)
    place = folder / f"00-{job.lab}"
    for name, data in job.files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    report = draft_work.plain_report(check_draft(place))
    assert drafts.record(job, DraftResult(report.findings, report.figures, report.kept, report.built))
    return findings_of(drafts.get(COURSE, job.lab))


def reach(page: Any, wanted: Any) -> None:
    """Press Tab until `wanted` has the focus."""
    for _ in range(MOST_STOPS):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no key reaches {wanted}")


def press(page: Any, role: str, name: str) -> None:
    """Reach a link or button by keyboard and press it."""
    wanted = page.get_by_role(role, name=name).first
    reach(page, wanted)
    page.keyboard.press("Enter")


def write(page: Any, label: str, text: str) -> None:
    """Reach a field by keyboard and write into it in the place of what it had."""
    reach(page, page.get_by_label(label).first)
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def test_a_lab_is_written_checked_released_renamed_and_withdrawn_by_keyboard_alone(
    campus: Campus, visit: Any, tmp_path: Path
) -> None:
    page = visit(TRAINER, f"/courses/{COURSE}")
    press(page, "link", "New lab")
    write(page, "Short name", NAME)
    write(page, "Title", "Who waits longest?")
    press(page, "button", "Begin the draft")
    page.locator(WAITS).wait_for()
    assert check(campus, tmp_path / "one") == []
    page.get_by_text("found nothing wrong").wait_for()

    press(page, "link", "lab.toml")
    text = page.get_by_label("Text of this file").input_value()
    write(page, "Text of this file", text.replace("minutes = 20", 'minutes = "twenty"'))
    press(page, "button", "Save and check")
    page.locator(WAITS).wait_for()
    assert len(check(campus, tmp_path / "two")) == 1
    finding = page.get_by_text("`minutes` is 'twenty'. Write a number, without quotation marks.")
    finding.wait_for()
    press(page, "link", "lab.toml:")
    page.locator("pre.code", has_text='minutes = "twenty"').wait_for()
    write(page, "Text of this file", text)
    press(page, "button", "Save and check")
    page.locator(WAITS).wait_for()
    assert check(campus, tmp_path / "three") == []

    press(page, "link", "Preview as a learner")
    page.get_by_role("heading", name="Who waits longest?").first.wait_for()
    press(page, "link", "Back to the draft")
    press(page, "button", "Release")
    page.get_by_role("heading", name="Who waits longest?").wait_for()
    press(page, "link", "Rename or withdraw")
    write(page, "Title · English", "Who waits?")
    press(page, "button", "Save")
    page.get_by_role("heading", name="Who waits?").wait_for()
    learner = visit(LEARNERS[0], "/")
    learner.get_by_text("Who waits?").first.wait_for()

    press(page, "link", "Rename or withdraw")
    reach(page, page.locator("summary", has_text="Withdraw the lab"))
    page.keyboard.press("Enter")
    press(page, "button", "Withdraw it now")
    page.get_by_role("heading", name="Who waits?").wait_for()
    learner.goto(at(campus, "/"))
    assert learner.get_by_text("Who waits?").count() == 0
    press(page, "link", "Rename or withdraw")
    press(page, "button", "Put it back on the lists")
    page.get_by_role("heading", name="Who waits?").wait_for()
    learner.goto(at(campus, "/"))
    learner.get_by_text("Who waits?").first.wait_for()


def test_a_file_is_removed_only_after_a_question_and_written_again(
    campus: Campus, visit: Any, tmp_path: Path
) -> None:
    page = visit(TRAINER, f"/courses/{COURSE}/drafts")
    write(page, "Short name", NAME)
    press(page, "button", "Begin the draft")
    page.locator(WAITS).wait_for()
    check(campus, tmp_path)
    drafts = campus.store.lab_drafts
    before = drafts.files(drafts.get(COURSE, NAME))
    page.goto(at(campus, f"{DRAFT}/file?name=hidden.py"))
    question = page.locator("summary", has_text="Remove the file hidden.py")
    reach(page, question)
    page.keyboard.press("Enter")
    page.get_by_text("hidden.py is removed from the draft, and the other files stay.").wait_for()
    assert drafts.files(drafts.get(COURSE, NAME)) == before, "a question removes nothing"
    press(page, "button", "Remove it now")
    page.get_by_role("heading", name="Files", exact=True).wait_for()
    kept = drafts.files(drafts.get(COURSE, NAME))
    assert kept == {name: data for name, data in before.items() if name != "hidden.py"}
    write(page, "Name of a new file", "hidden.py")
    press(page, "button", "Write a new file")
    page.get_by_label("Text of this file").wait_for()
    assert page.locator("summary", has_text="Remove the file").count() == 0, "it is not there yet"
    write(page, "Text of this file", before["hidden.py"].decode())
    press(page, "button", "Save")
    page.locator("summary", has_text="Remove the file hidden.py").wait_for()
    assert drafts.files(drafts.get(COURSE, NAME))["hidden.py"] == before["hidden.py"]


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (360, "dark"),
        pytest.param(360, "light", marks=pytest.mark.full),
        pytest.param(1280, "dark", marks=pytest.mark.full),
    ],
)
def test_pages_in_french_fit_a_phone_and_axe_finds_no_fault(
    campus: Campus, visit: Any, axe: str, tmp_path: Path, width: int, scheme: str
) -> None:
    campus.store.people.set_language(TRAINER, "fr")
    viewport = {"width": width, "height": 800}
    page = visit(TRAINER, f"/courses/{COURSE}/drafts", viewport=viewport, color_scheme=scheme)

    def sound(name: str, path: str) -> None:
        page.goto(at(campus, path))
        look(page, f"draft-{name}-{width}-{scheme}")
        assert (wide(page), faults(page, axe)) == (0, []), name

    sound("begin", f"/courses/{COURSE}/drafts")
    page.get_by_label("Nom court").fill(NAME)
    page.get_by_label("Titre").fill("Qui attend le plus longtemps au guichet du secteur ?")
    page.get_by_role("button", name="Commencer").click()
    page.locator(WAITS).wait_for()
    sound("waiting", DRAFT)
    assert check(campus, tmp_path / "one") == []
    sound("good", DRAFT)
    sound("preview", f"{DRAFT}/preview")
    page.goto(at(campus, f"{DRAFT}/file?name=lab.toml"))
    field = page.get_by_label("Texte de ce fichier")
    field.fill(field.input_value().replace("minutes = 20", 'minutes = "vingt"'))
    page.get_by_role("button", name="vérifier").click()
    page.locator(WAITS).wait_for()
    (found,) = check(campus, tmp_path / "two")
    sound("findings", DRAFT)
    page.get_by_text("`minutes` vaut 'vingt'. Écrivez un nombre, sans guillemets.").wait_for()
    sound("file", f"{DRAFT}/file?name=lab.toml&line={found.line}")
    page.locator("summary", has_text="Supprimer le fichier lab.toml").click()
    look(page, f"draft-remove-{width}-{scheme}")
    assert (wide(page), faults(page, axe)) == (0, [])
    lab = campus.store.courses.labs(COURSE)[0].lab
    sound("name", f"/courses/{COURSE}/labs/{lab}/name")
