"""The data team's whole way in Chromium: from a spreadsheet to an application that is used, watched and stopped.

A real hub, both proxies and the campus; servers are plain processes here, so that the way takes a minute.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.project_places import team_folder
from hub.shared_names import APPLICATIONS
from labs.prototype_kit.application.data_contract import read_contract
from labs.prototype_kit.model_evaluation import evaluate
from labs.prototype_kit.version_sharing import CAMPUS_PROJECT, make_version
from tests.support.hub_run import Hub
from tests.support.lab_terminal import LabTerminal
from tests.support.pretended_campus import ROOT
from tests.support.small_prototype import CASE, answer_all

pytestmark = pytest.mark.browser

PATIENCE = 120_000
DESK = (1280,)
NAMES = ("Uwera Chantal", "Kabano Éric", "Mukamana Béatrice", "Habimana Jean-Pierre")
PEOPLE = (
    ("deborah", "data-team"),
    ("aline", "coordinator"),
    ("colin", "learner"),
    ("remy", "learner"),
    ("mallory", "learner"),
    ("root.admin", "administrator"),
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    made = Hub(tmp_path_factory.mktemp("data-team"), settings_more={"prototypes": True})
    for name, role in PEOPLE:
        made.town.add(name, role=role)
    made.town.add("delphine", role="data-team", language="fr")
    made.town.add("claude", language="fr")
    try:
        made.start()
        made.start_campus()
        made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
        yield made
    finally:
        made.stop_all()


class Person:
    """Somebody at a browser, signed in by a one-time link."""

    def __init__(self, hub: Hub, browser: Any, name: str, language: str = "en", width: int = 1280) -> None:
        self.hub, self.name = hub, name
        self.context = browser.new_context(locale=f"{language}-GB" if language == "en" else language)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(hub.town.link(name))
        self.page.click("#welcome_submit")
        self.page.wait_for_url(f"**{ROOT}/**")

    def campus(self, path: str) -> Any:
        """Go to a page of the campus."""
        self.page.goto(f"{self.hub.settings.address}{ROOT}{path}")
        return self.page

    def text(self) -> str:
        """Return what is to be read on the page."""
        return str(self.page.inner_text("body"))

    def picture(self, name: str, widths: tuple[int, ...] = (1280, 360)) -> None:
        """Take pictures, in the folder that ISOMO_PICTURES names, at a desk's width and at a phone's."""
        if not os.environ.get("ISOMO_PICTURES"):
            return
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            path = Path(os.environ["ISOMO_PICTURES"]) / f"{name}-{width}.png"
            self.page.screenshot(path=path, full_page=True)
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide at {width}"
        self.page.set_viewport_size({"width": 1280, "height": 900})


def begin(person: Person, name: str, title: str, template: str) -> Path:
    """Make a project on the campus and open its folder once; return the project's folder."""
    page = person.campus("/projects")
    if not page.is_visible("[name=title]"):  # folded once somebody has a project
        page.click("details:has([name=title]) > summary")
    page.fill("[name=title]", title)
    page.fill("[name=name]", name)
    page.select_option("[name=template]", template)
    person.picture(f"{name}-begin")
    page.click("form[action$='/projects'] button:not(.link)")
    page.wait_for_url(f"**/projects/{name}")
    page.goto(f"{person.hub.settings.address}{ROOT}/projects/{name}/work")
    folder = team_folder(person.hub.settings.state, name) / name
    person.hub.wait_until((folder / "prototype.toml").exists, "the project's folder")
    return folder


def name_people(person: Person, name: str, people: dict[str, str]) -> None:
    """Give people their parts on the project's page."""
    page = person.campus(f"/projects/{name}")
    for username, part in people.items():
        page.fill("form[action$='/people'] [name=username]", username)
        page.select_option("form[action$='/people'] [name=part]", part)
        page.click("form[action$='/people'] button")
        page.wait_for_selector(f"li span:text-is('{username}')")


def own_spreadsheet(folder: Path, path: Path, rows: int) -> Path:
    """Write cases as an office has them: Windows-1252, semicolons, and the names of people."""
    with (folder / "data" / "data.csv").open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file))
    with path.open("w", encoding="cp1252", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(["demandeur", *known[0]])
        for n in range(rows):
            out.writerow([NAMES[n % len(NAMES)], *known[n % len(known)].values()])
    return path


def answer_findings(folder: Path) -> None:
    """Answer the scan in intake.toml, and give columns the roles that the template's contract names."""
    roles = {column.name: column.role for column in read_contract(folder / "contract.toml").columns}
    path = folder / "data" / "intake.toml"
    text = path.read_text("utf-8")
    assert 'encoding = "cp1252"' in text
    assert not any(name in text for name in NAMES)
    text = re.sub(r'(?m)^(".*: [a-z-]+") = ""$', r'\1 = "remove"', text)
    for name, role in roles.items():
        text = re.sub(rf'(name = "{name}"\n(?:.*\n)*?role = )"\w+"', rf'\1"{role}"', text)
    path.write_text(text, "utf-8")


def open_application(person: Person, name: str, page: str = "") -> Any:
    """Open a project's application from the campus."""
    person.campus(f"/projects/{name}/open" + (f"?page={page}" if page else ""))
    person.page.wait_for_url(f"{person.hub.settings.learner_address}/user/{APPLICATIONS}/{name}/**")
    return person.page


def ask(page: Any, case: dict[str, str]) -> str:
    """Ask about one case in the form; return its address."""
    for column, value in case.items():
        field = page.locator(f"form.case [name='{column}']")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.click("form.case button")
    page.wait_for_url("**/cases/*")
    return str(page.url)


def batch_file(path: Path, rows: int, days: int = 5) -> Path:
    """Write a batch of cases."""
    with path.open("w", encoding="cp1252", newline="") as file:
        out = csv.DictWriter(file, list(CASE), delimiter=";")
        out.writeheader()
        out.writerows(CASE | {"days_waiting": str(days + n % 9)} for n in range(rows))
    return path


def answer_batch(page: Any, file: Path) -> list[dict[str, str]]:
    """Bring a file to the application; return the rows that come back."""
    page.set_input_files("#file", file)
    with page.expect_download() as found:
        page.click("form.case button")
    with Path(found.value.path()).open(encoding="utf-8-sig", newline="") as answered:
        return list(csv.DictReader(answered))


def build_version(person: Person, name: str, folder: Path, spreadsheet: Path, place: str = "") -> LabTerminal:
    """Do in the project's JupyterLab what a data officer does there: data, evaluate, card, share.

    `folder` is the project's folder, `place` the same folder in the terminal, if it has another path there.
    """
    page = person.page
    page.goto(f"{person.hub.settings.address}{ROOT}/projects/{name}/work")
    terminal = LabTerminal(person.hub, page, folder, place or str(folder))
    terminal.bring(spreadsheet)
    assert terminal.type(f"isomo prototype data {spreadsheet.name}") == 0
    person.picture("terminal-data", DESK)
    assert terminal.type("isomo prototype data --confirm") != 0, "used while a finding has no answer"
    person.picture("terminal-unanswered", DESK)
    answer_findings(folder)
    assert terminal.type("isomo prototype data --confirm") == 0
    data = (folder / "data" / "data.csv").read_text("utf-8")
    assert data.count("\n") == spreadsheet.read_text("cp1252").count("\n")
    assert not any(each in data for each in NAMES)
    assert terminal.type("isomo prototype evaluate") == 0
    person.picture("terminal-evaluate", DESK)
    assert "95%" in (folder / "report.html").read_text("utf-8")
    assert terminal.type("isomo prototype card") == 0
    assert terminal.type("isomo prototype share") != 0, "shared while an answer of the impact note is missing"
    person.picture("terminal-card", DESK)
    answer_all(folder)
    assert terminal.type("isomo prototype card && isomo prototype share") == 0
    person.campus(f"/projects/{name}")
    assert "waits for the approver" in person.text()
    return terminal


def approve_version(person: Person, name: str, why: str) -> None:
    """Read the card in the application and approve the version."""
    page = open_application(person, name, "versions")
    page.click("summary")
    person.picture("application-versions")
    page.fill("section.version [name=why]", why)
    page.click("section.version form button")
    page.wait_for_selector(".live")


def try_cases(person: Person, name: str, count: int) -> str:
    """Ask about some cases and contest the last; return its address."""
    page = open_application(person, name)
    address = ""
    for n in range(count):
        page.goto(f"{person.hub.settings.learner_address}/user/{APPLICATIONS}/{name}/")
        address = ask(page, CASE | {"days_waiting": str(n)})
    person.picture("application-case")
    page.click("details summary")
    page.fill("#note", "The mother is ill.")
    page.click("details form button")
    page.wait_for_selector("text=A person will look at this case.")
    return address


def decide_contested(person: Person, name: str) -> None:
    """Decide the contested case as its reviewer."""
    page = open_application(person, name, "queue")
    assert "The mother is ill." in person.text()
    person.picture("application-queue")
    page.check("[name=label] >> nth=0")
    page.fill("form.case [name=note]", "Called her.")
    page.click("form.case button")
    page.wait_for_url("**/queue")


def switch_off(person: Person, name: str) -> None:
    """Switch the application off on the project's page."""
    page = person.campus(f"/projects/{name}")
    person.picture("project-administrator")
    page.fill("form[action$='/switch'] [name=why]", "The forms changed.")
    page.click("form[action$='/switch'] button")
    page.wait_for_selector("text=is switched off")


@pytest.mark.parametrize(
    ("rows", "batch"),
    [(1500, 500), pytest.param(40_000, 10_000, marks=pytest.mark.full)],
    ids=["small", "40000-rows"],
)
def test_from_a_spreadsheet_to_an_application_that_is_used_watched_and_stopped(
    hub, browser, tmp_path, rows, batch
):
    name = f"letters-{rows}"
    deborah = Person(hub, browser, "deborah")
    folder = begin(deborah, name, "Letters desk", "triage")
    name_people(deborah, name, {"aline": "approver", "remy": "reviewer", "colin": "user"})
    deborah.picture("project-new")
    build_version(deborah, name, folder, own_spreadsheet(folder, tmp_path / "own.csv", rows))
    aline = Person(hub, browser, "aline")
    approve_version(aline, name, "Read the card and tried it.")

    colin = Person(hub, browser, "colin")
    contested = try_cases(colin, name, 3 if rows == 1500 else 10)
    page = open_application(colin, name, "batch")
    answered = answer_batch(page, batch_file(tmp_path / "batch.csv", batch))
    assert len(answered) == batch
    assert all(row["decision"] for row in answered)
    decide_contested(Person(hub, browser, "remy"), name)
    colin.page.goto(contested)
    assert "Called her." in colin.text()

    # Cases whose like the model has never met.
    page = open_application(colin, name, "batch")
    answer_batch(page, batch_file(tmp_path / "drift.csv", 1000, days=400))
    open_application(aline, name, "month")
    assert "the approver can switch the application off" in aline.text()
    aline.picture("application-month")

    mallory = Person(hub, browser, "mallory")
    mallory.page.goto(f"{hub.settings.learner_address}/user/{APPLICATIONS}/{name}/")
    mallory.page.wait_for_selector("text=you are not invited to this application")
    assert "Ask its approver: aline." in mallory.text()
    mallory.picture("application-not-invited")

    switch_off(Person(hub, browser, "root.admin"), name)
    colin.campus(f"/projects/{name}/open")
    assert "The forms changed." in colin.text()


@pytest.mark.full
def test_the_same_way_in_french_with_routing(hub, browser, monkeypatch):
    delphine = Person(hub, browser, "delphine", "fr")
    folder = begin(delphine, "courrier", "Courrier de l’office", "routing")
    name_people(delphine, "courrier", {"aline": "approver", "claude": "user", "remy": "reviewer"})
    data = folder / "data" / "data.csv"
    with data.open(encoding="utf-8", newline="") as file:
        letters = list(csv.reader(file))[:601]
    with data.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(letters)
    evaluate(folder)
    answer_all(folder)
    monkeypatch.setenv(CAMPUS_PROJECT, "courrier")
    make_version(folder)
    delphine.campus("/projects/courrier")
    assert "attend d’être approuvée" in delphine.text()
    delphine.picture("project-fr")
    aline = Person(hub, browser, "aline", "fr")
    approve_version(aline, "courrier", "Lue et essayée.")
    claude = Person(hub, browser, "claude", "fr")
    page = open_application(claude, "courrier")
    page.fill("form.case textarea", "Mfite ikibazo cy’amazi, nta mazi dufite kuva ejo.")
    page.click("form.case button")
    page.wait_for_url("**/cases/*")
    assert "Est-ce juste" in claude.text()
    claude.picture("case-fr")
