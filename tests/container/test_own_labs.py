"""Labs of a trainer's own, the whole way: released, opened in the learner's server, handed in, graded, returned.

Hub, campus, proxies, learner's server and grading agent are real ones.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urljoin

import httpx
import pytest

from tests.container.test_campus_served import signed_in
from tests.support.course_labs import as_notebook, lab_zip, plain_cell, problem, release_url, task_cells
from tests.support.grading_agent import Agent
from tests.support.hub_run import Hub, open_server
from tests.support.pretended_campus import API, ROOT, form_key, zipped
from tests.support.small_stores import COURSE, TRAINER, fill

AMINA = "amina.k"
NAMES = ("PS1", "lab_1", "ps.1", "Problem Set 1", "été 1", "(a) [b]", "a+b", "lab#1", "50%")


class Course:
    """A learner's server and browser, a trainer's, and an agent that grades what arrives."""

    def __init__(self, hub: Hub, agent: Agent) -> None:
        self.hub, self.agent, self.store = hub, agent, hub.town.store
        self.amina = signed_in(hub, AMINA)
        del self.amina.headers["Origin"]
        open_server(self.amina, AMINA)
        self.trainer = signed_in(hub, TRAINER)
        self.env = next(env for env in hub.servers().values() if env["JUPYTERHUB_USER"] == AMINA)
        inner = hub.settings.campus_url.removesuffix(ROOT)
        token = {"Authorization": f"token {self.env['JUPYTERHUB_API_TOKEN']}"}
        self.learner = httpx.Client(base_url=inner, headers=token, timeout=60)

    def release(self, name: str, release: dict[str, bytes], source: dict[str, bytes] | None = None) -> None:
        """Release a lab as the trainer does, through the public proxy."""
        address = release_url(quote(name, safe=""))
        answer = self.trainer.put(address, content=lab_zip(release, source))
        assert answer.status_code == 200, answer.text

    def opened(self, name: str) -> httpx.Response:
        """Press *Open the lab* on the learner's page; return the last answer."""
        answer = self.amina.get(f"{ROOT}/open/{COURSE}/{quote(name, safe='')}")
        while answer.status_code in (302, 303):
            answer = self.amina.get(urljoin(str(answer.url), answer.headers["location"]))
        return answer

    def graded(self, name: str, files: dict[str, bytes]) -> dict[str, object]:
        """Hand in, wait until it is graded, return it to the learner; what the learner then reads."""
        url = f"{API}/courses/{COURSE}/labs/{quote(name, safe='')}/attempts"
        answer = self.learner.post(url, content=zipped(files))
        assert answer.status_code == 201, answer.text
        self.agent.wait_for(lambda: self.store.progress(COURSE, name).graded == 1, 180)
        page = f"{ROOT}/courses/{COURSE}/labs/{quote(name, safe='')}"
        key = form_key(self.trainer.get(page).text)
        assert self.trainer.post(f"{page}/return", data={"key": key}).status_code == 303
        attempt = self.learner.get(f"{API}/attempts/{answer.json()['receipt']}").json()
        feedback = self.learner.get(f"{API}/attempts/{answer.json()['receipt']}/feedback")
        return {**attempt, "page": feedback.text}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    hub = Hub(tmp_path_factory.mktemp("labs"))
    fill(hub.town.store)
    agent = Agent(tmp_path_factory.mktemp("agent"), hub.town.store)
    try:
        hub.start()
        hub.start_campus()
        hub.wait_for(f"{hub.settings.campus_url}/api/openapi.json")
        with agent:
            yield Course(hub, agent)
    finally:
        hub.stop_all()


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_of_any_usual_name_goes_the_whole_way(course, name):
    course.release(name, {f"{name}.ipynb": problem("a")})
    page = course.opened(name)
    assert page.status_code == 200, page.text
    assert str(page.url).endswith(f"/doc/tree/labs/{quote(name, safe='')}/{quote(name, safe='')}.ipynb")
    assert (Path(course.env["HOME"]) / "labs" / name / f"{name}.ipynb").is_file()
    result = course.graded(name, {f"{name}.ipynb": problem("a", "a = 1")})
    assert (result["score"], result["max_score"]) == (2.0, 2.0)


def test_a_name_that_leads_elsewhere_opens_nothing(course):
    base = f"{course.hub.settings.learner_address}/user/{AMINA}/isomo/open/{COURSE}"
    for name in ("%2E%2E%2Fx", ".isomo", "a%2Fb", "a%5Cb"):
        answer = course.amina.get(f"{base}/{name}")
        assert answer.status_code == 404, name


def test_several_notebooks_are_opened_graded_and_fed_back_though_one_is_damaged(course):
    files = {f"problem{n}.ipynb": problem("a") for n in (1, 2, 3)}
    course.release("ps2", files)
    page = course.opened("ps2")
    for name in files:
        assert f"/doc/tree/labs/ps2/{name}" in page.text
        assert (Path(course.env["HOME"]) / "labs" / "ps2" / name).is_file()
    result = course.graded(
        "ps2",
        {
            "problem1.ipynb": problem("a", "a = 1"),
            "problem2.ipynb": b"{",
            "problem3.ipynb": problem("a", "a = 2"),
        },
    )
    verdicts = {each["grade_id"]: (each["score"], each["outcome"]) for each in result["verdicts"]}
    assert verdicts == {
        "problem1/task": (2.0, "passed"),
        "problem2/task": (0.0, "not-attempted"),
        "problem3/task": (0.0, "not-yet"),
    }
    assert (result["score"], result["max_score"], result["problem"]) == (2.0, 6.0, None)
    assert "problem2.ipynb: This file is not a notebook" in result["page"]


def test_a_helper_notebook_and_forty_megabytes_of_data_reach_learner_and_grader(course):
    helper = as_notebook([plain_cell("def helped():\n    return 1")])
    data = bytes(range(256)) * 160_000
    read = "%run helpers.ipynb\nsize = len(open('data/été 2024.bin', 'rb').read())"
    cells = task_cells("with help", read, f"assert (helped(), size) == (1, {len(data)})")
    lab = {"ps3.ipynb": as_notebook(cells), "helpers.ipynb": helper, "data/été 2024.bin": data}
    course.release("ps3", lab)
    assert course.opened("ps3").status_code == 200
    home = Path(course.env["HOME"]) / "labs" / "ps3"
    assert (home / "data" / "été 2024.bin").stat().st_size == len(data)
    assert (home / "helpers.ipynb").read_bytes() == helper
    result = course.graded("ps3", {"ps3.ipynb": as_notebook(cells)})
    assert (result["score"], result["max_score"]) == (2.0, 2.0)


def test_a_kernel_of_somebodys_own_is_graded_as_python(course):
    own = {"kernelspec": {"name": "python 3.12 (venv)", "display_name": "venv"}, "colab": {"provenance": []}}
    course.release("ps4", {"ps4.ipynb": problem("a")})
    assert course.graded("ps4", {"ps4.ipynb": problem("a", "a = 1", own)})["score"] == 2.0
