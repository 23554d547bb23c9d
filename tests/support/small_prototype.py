"""A small prototype, trained once, that tests copy: the triage template on its first 1,500 cases."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from starlette.testclient import TestClient

from labs.datasets.learners_data import ready_data
from labs.prototype_kit.application import scoring_client
from labs.prototype_kit.application.application_service import Service
from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.frozen_versions import APPROVED
from labs.prototype_kit.application.person_identity import HeaderIdentity
from labs.prototype_kit.application.request_guard import FORM_KEY, form_key
from labs.prototype_kit.application.web_routes import make_application
from labs.prototype_kit.impact_note import QUESTIONS, write_impact
from labs.prototype_kit.model_evaluation import evaluate
from labs.prototype_kit.project_start import start_project
from labs.prototype_kit.version_sharing import make_version, service_folder
from tests.support.warm_scoring import WarmChild

ROWS = 1500
HEADER = "X-Remote-User"
PEOPLE = {"team": ["deborah"], "approver": "aline", "reviewers": ["remy"], "users": ["colin"]}
OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
"""Headers that a browser sends with a form of our own page."""
CASE = {
    "channel": "agent",
    "service": "judgment",
    "circumstance": "none noted",
    "prior_contacts": "2",
    "days_waiting": "5",
    "attachments_n": "1",
}


def as_person(name: str) -> dict[str, str]:
    """Return the headers of a person who uses our own page."""
    return {HEADER: name, **OUR_PAGE}


def small_project(place: Path, template: str = "triage", rows: int = ROWS, name: str = "desk") -> Path:
    """Return an untrained project with the first `rows` cases of its template."""
    ready_data()
    folder = start_project(name, template, place)
    path = folder / "data" / "data.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: rows + 1]), "utf-8")
    return folder


def name_people(folder: Path, **people: object) -> None:
    """Write who takes part into `prototype.toml`."""
    path = folder / "prototype.toml"
    text = path.read_text("utf-8")
    for key, value in {**PEOPLE, **people}.items():
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value!r}".replace("'", '"'), text)
    path.write_text(text, "utf-8")


def answer_all(folder: Path, tier: str = "low") -> None:
    """Answer every question of the impact note."""
    path = write_impact(folder)
    text = re.sub(r"(?m)^tier = .*$", f'tier = "{tier}"', path.read_text("utf-8"))
    for question in QUESTIONS:
        text = re.sub(rf"(?m)^{question.key} = .*$", f'{question.key} = "An answer of one sentence."', text)
    path.write_text(text, "utf-8")


def trained_project(place: Path) -> Path:
    """Return a trained project with people and answers, ready to share."""
    folder = small_project(place)
    name_people(folder)
    answer_all(folder)
    evaluate(folder)
    return folder


def approve(folder: Path, number: int = 1) -> None:
    """Let the approver approve a version."""
    store = CaseStore(service_folder(folder))
    store.event("aline", APPROVED, number, "read and tried")
    store.close()


def shared_copy(trained: Path, place: Path) -> Path:
    """Return a copy of a trained project with version 1 approved."""
    folder = place / trained.name
    shutil.copytree(trained, folder)
    make_version(folder)
    approve(folder)
    return folder


class Browser(TestClient):
    """A browser that sends the forms of our own pages: each carries the key of its person."""

    def post(self, url: str, data: dict[str, str] | None = None, **more: Any) -> Any:
        """Send a form, or what a program sends."""
        if "json" not in more and "content" not in more:
            name = {**self.headers, **more.get("headers", {})}.get(HEADER, self.headers.get(HEADER, ""))
            data = {FORM_KEY: form_key(self.app.state.service.form_secret, name), **(data or {})}  # type: ignore[attr-defined]
        return super().post(url, data=data, **more)


@contextmanager
def application(folder: Path, *, starts_python: bool = False, **more: float) -> Iterator[TestClient]:
    """Serve a project's application to a test client; the header X-Remote-User names the person.

    Its models are in processes that are forked warm, unless `starts_python`: then they start as they do in use.
    """
    service = Service(service_folder(folder), HeaderIdentity(HEADER), **more)
    kind = subprocess.Popen if starts_python else WarmChild
    processes = SimpleNamespace(Popen=kind, PIPE=subprocess.PIPE)
    served = Browser(make_application(service), follow_redirects=False)
    with patch.object(scoring_client, "subprocess", processes), served as client:
        client.headers[HEADER] = "colin"
        client.headers["Accept"] = "text/html"
        yield client


def ask_case(client: TestClient, case: dict[str, str] = CASE, who: str = "colin") -> int:
    """Ask one case by the form and return the number of the case."""
    answer = client.post("/", data=case, headers=as_person(who))
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rsplit("/", 1)[1])
