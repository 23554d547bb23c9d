"""The gate: it redirects between the two origins, to nowhere else, and tells programs the truth."""

from __future__ import annotations

import json

from tornado.testing import AsyncHTTPTestCase
from tornado.web import Application

from hub.hub_process.origin_redirects import gate_handlers
from hub.isomo_settings import parse_settings

SETTINGS = parse_settings(
    {"address": "https://campus.example:8000", "learner_address": "https://labs.example:8001"}
)


class Gate(AsyncHTTPTestCase):
    """Drives the handlers as the proxies do."""

    def get_app(self):
        return Application(
            [(f"/hub{path}", handler, args) for path, handler, args in gate_handlers(SETTINGS)]
        )

    def ask(self, path, method="GET", **headers):
        body = "" if method == "POST" else None
        return self.fetch(path, method=method, headers=headers, body=body, follow_redirects=False)

    def goes_to(self, path, **headers):
        answer = self.ask(path, **headers)
        assert answer.code == 302, answer.code
        return answer.headers["Location"]

    def test_a_server_asked_of_the_campus_is_at_the_learners_origin(self):
        assert self.goes_to("/hub/gate/campus/user/amina.k/lab?x=1%2F2") == (
            "https://labs.example:8001/user/amina.k/lab?x=1%2F2"
        )

    def test_a_server_that_does_not_run_is_the_hubs_to_start(self):
        assert self.goes_to("/hub/gate/learner/user/amina.k/lab/tree/a%20b.ipynb") == (
            "https://campus.example:8000/hub/user/amina.k/lab/tree/a%20b.ipynb"
        )

    def test_an_application_that_does_not_run_is_the_campus_to_start(self):
        project = "https://campus.example:8000/services/campus/projects/letters-desk/open"
        there = "/hub/gate/learner/user/_applications/letters-desk"
        assert self.goes_to(there) == project
        assert self.goes_to(f"{there}/") == project
        assert self.goes_to(f"{there}/queue") == f"{project}?page=queue"
        assert self.goes_to(f"{there}/cases/3?x=//evil.example") == f"{project}?page=cases"
        assert self.goes_to("/hub/gate/learner/user/_applications//evil.example").startswith(
            "https://campus.example:8000/hub/user/_applications"
        )

    def test_pages_of_the_campus_asked_of_the_learners_origin_are_at_the_campus(self):
        assert self.goes_to("/hub/gate/learner/hub/home") == "https://campus.example:8000/hub/home"
        assert self.goes_to("/hub/gate/learner/") == "https://campus.example:8000/"
        assert self.goes_to("/hub/gate/learner/anything/else") == "https://campus.example:8000/"

    def test_a_redirect_never_leaves_the_two_origins(self):
        for path in ("//evil.example/", "/user//evil.example", "/user/@evil.example/", "/\\evil.example"):
            answer = self.ask(f"/hub/gate/learner{path}")
            location = answer.headers.get("Location", "https://campus.example:8000/")
            assert location.startswith("https://campus.example:8000/"), location
            assert self.ask(f"/hub/gate/campus{path}").code == 404

    def test_a_name_longer_than_a_user_name_can_be_is_no_page(self):
        assert self.ask(f"/hub/gate/campus/user/{'a' * 33}/lab").code == 404

    def test_a_program_hears_that_the_server_is_not_running(self):
        for headers in (
            {"Sec-Fetch-Mode": "cors"},
            {"Accept": "application/json"},
            {"Upgrade": "websocket"},
        ):
            answer = self.ask("/hub/gate/learner/user/amina.k/api/contents", **headers)
            assert answer.code == 424
            assert json.loads(answer.body)["message"].startswith("This server is not running.")

    def test_what_would_be_saved_is_refused_not_redirected(self):
        assert self.ask("/hub/gate/learner/user/amina.k/api/contents/x", method="POST").code == 424

    def test_it_speaks_french(self):
        answer = self.ask(
            "/hub/gate/learner/user/a/api", **{"Sec-Fetch-Mode": "cors", "Accept-Language": "fr"}
        )
        assert json.loads(answer.body)["message"].startswith("Ce serveur ne tourne pas.")


del AsyncHTTPTestCase
