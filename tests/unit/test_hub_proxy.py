"""The two proxies' commands, the routes between them, and the pages they show alone."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientResponseError

from hub.hub_process.hub_proxies import TwoOriginProxy, proxy_env, proxy_options, write_error_pages
from hub.isomo_settings import parse_settings


def _options(settings, which):
    words = proxy_options(settings, which)
    return dict(zip(words[::2], words[1::2], strict=True))


def test_each_proxy_has_its_own_port_and_api(tmp_path):
    settings = parse_settings({"state": str(tmp_path), "address": "http://127.0.0.1:8000"})
    campus, learner = _options(settings, "campus"), _options(settings, "learner")
    assert (campus["--port"], campus["--api-port"]) == ("8000", "8083")
    assert (learner["--port"], learner["--api-port"]) == ("8001", "8084")
    assert campus["--api-ip"] == learner["--api-ip"] == "127.0.0.1"
    assert campus["--ip"] == "127.0.0.1"


def test_a_public_address_listens_for_everybody(tmp_path):
    settings = parse_settings({"state": str(tmp_path), "address": "https://labs.example.gov:8000"})
    assert _options(settings, "campus")["--ip"] == "0.0.0.0"


def test_a_proxy_started_anew_knows_where_people_go(tmp_path):
    settings = parse_settings({"state": str(tmp_path)})
    assert _options(settings, "campus")["--default-target"] == f"http://{settings.gateway}:8081"
    assert _options(settings, "learner")["--default-target"] == (
        f"http://{settings.gateway}:8081/hub/gate/learner"
    )


def test_key_and_certificate_are_used_when_the_address_is_https(tmp_path):
    tls = {"key": "/k.pem", "certificate": "/c.pem"}
    https = parse_settings({"state": str(tmp_path), "address": "https://labs.example.gov:8000", "tls": tls})
    assert _options(https, "learner")["--ssl-key"] == "/k.pem"
    assert _options(https, "campus")["--ssl-cert"] == "/c.pem"
    http = parse_settings({"state": str(tmp_path), "tls": tls})
    assert "--ssl-key" not in _options(http, "campus")


def test_the_token_is_passed_where_other_users_cannot_list_it(tmp_path):
    settings = parse_settings({"state": str(tmp_path)})
    assert proxy_env("s3cret") == {"CONFIGPROXY_AUTH_TOKEN": "s3cret"}
    assert "s3cret" not in " ".join(proxy_options(settings, "campus"))


def test_while_nothing_answers_a_proxy_says_so_in_every_language(tmp_path):
    folder = write_error_pages(parse_settings({"state": str(tmp_path)}))
    page = (folder / "503.html").read_text()
    assert '<p lang="en">This part of Isomo is not answering. Your work is kept.' in page
    assert '<p lang="fr">Cette partie d’Isomo ne répond pas.' in page
    assert {file.name for file in folder.iterdir()} == {"404.html", "503.html", "error.html"}


class Asked:
    """Stands for one proxy's API."""

    def __init__(self, routes=None):
        self.routes = routes or {}
        self.requests = []

    async def api_request(self, path, method="GET", body=None):
        self.requests.append((method, path))
        if method == "GET" and path.rstrip("/") not in self.routes:
            raise ClientResponseError(None, (), status=404)

    async def get_all_routes(self):
        return dict(self.routes)

    async def add_route(self, spec, target, data):
        self.routes[spec.rstrip("/")] = {"target": target, "data": data}


@pytest.fixture
def proxy(monkeypatch):
    campus = Asked({"/user": {}})

    async def api_request(self, path, method="GET", body=None):
        return await campus.api_request(path, method, body)

    monkeypatch.setattr("jupyterhub.proxy.ConfigurableHTTPProxy.api_request", api_request)
    made = TwoOriginProxy(should_start=False, auth_token="x", learners=Asked({"/hub": {}}))
    made.campus = campus
    return made


def test_routes_of_servers_go_to_the_learners_proxy_and_all_others_to_the_campus(proxy):
    asyncio.run(proxy.add_route("/user/amina.k/", "http://10.213.0.2:8888", {}))
    asyncio.run(proxy.add_route("/services/campus/", "http://10.213.0.1:8082", {}))
    asyncio.run(proxy.add_route("/user/", "http://10.213.0.1:8081/hub/gate/campus", {}))
    assert proxy.learners.requests == [("POST", "/user/amina.k")]
    assert proxy.campus.requests == [("POST", "/services/campus"), ("POST", "/user")]


def test_a_name_that_is_too_long_or_strange_gets_no_route(proxy):
    class User:
        name = "a" * 33

    with pytest.raises(ValueError, match=r"a{33}"):
        asyncio.run(proxy.add_user(User()))


@pytest.mark.parametrize("forgetful", ["campus", "learners"])
def test_a_proxy_that_was_restarted_gets_its_routes_back(proxy, monkeypatch, forgetful):
    checked = []

    async def check(users, services):
        checked.append(users)

    monkeypatch.setattr(proxy, "check_routes", check)

    class App:
        users = "users"
        _service_map = "services"

    proxy.app = App()
    asyncio.run(proxy._restore())
    assert checked == []
    getattr(proxy, forgetful).routes.clear()
    asyncio.run(proxy._restore())
    assert checked == ["users"]
