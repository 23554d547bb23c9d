"""JupyterHub's configuration, setter by setter, without a hub."""

from __future__ import annotations

import pytest
from traitlets.config import Config

from hub.hub_process import jupyterhub_setup
from hub.hub_process.container_spawner import EvaluationSpawner, LabSpawner
from hub.hub_process.store_authenticator import Accounts
from hub.isomo_settings import CHECKOUT, parse_settings
from hub.secret_keys import Secrets
from hub.shared_names import APPLICATIONS


@pytest.fixture
def made(tmp_path):
    def make(**values):
        settings = parse_settings({"state": str(tmp_path), **values})
        secrets = Secrets.load(settings)
        c = Config()
        jupyterhub_setup.configure_hub(c, settings, secrets, directory=lambda: None, image="isomo-lab:abc")
        return c, settings, secrets

    return make


def test_the_config_file_is_at_most_thirty_lines():
    assert len((CHECKOUT / "jupyterhub_config.py").read_text().splitlines()) <= 30


def test_each_setter_has_a_sentence_and_a_place_of_its_own():
    assert len(set(jupyterhub_setup.SETTERS)) == len(jupyterhub_setup.SETTERS)
    assert all(setter.__doc__ for setter in jupyterhub_setup.SETTERS)


def test_a_restart_leaves_servers_proxies_and_cookies_alone(made):
    c, _, secrets = made()
    assert c.JupyterHub.cleanup_servers is False
    assert c.JupyterHub.cleanup_proxy is False
    assert c.TwoOriginProxy.should_start is False
    assert c.JupyterHub.cookie_secret == secrets.cookie_secret


def test_the_hub_listens_on_the_bridge_not_on_every_interface(made):
    c, settings, _ = made(address="https://labs.example.gov:8000")
    assert c.JupyterHub.hub_bind_url == f"http://{settings.gateway}:8081"
    assert c.JupyterHub.public_url == "https://labs.example.gov:8000/"


def test_only_our_image_may_be_started(made):
    c, _, _ = made()
    assert c.LabSpawner.image == "isomo-lab:abc"
    assert c.LabSpawner.allowed_images == ["isomo-lab:abc"]


def test_a_server_may_use_the_exchange_and_nothing_more(made):
    c, _, _ = made()
    server = next(role for role in c.JupyterHub.load_roles if role["name"] == "server")
    assert server["scopes"] == [
        "users:activity!user",
        "access:servers!server",
        "access:services!service=campus",
    ]


def test_no_role_may_enter_somebody_elses_server_or_become_somebody_else(made):
    c, _, _ = made()
    for role in c.JupyterHub.load_roles:
        for scope in role["scopes"]:
            assert scope not in (
                "access:servers",
                "admin:users",
                "admin:servers",
                "tokens",
                "self",
                "inherit",
            )
            if scope.startswith(("access:servers", "tokens")):
                assert "!" in scope


def test_with_projects_the_campus_shares_applications_and_nothing_of_a_learner(made):
    without, _, _ = made()
    c, _, _ = made(prototypes=True)
    before = {role["name"]: set(role["scopes"]) for role in without.JupyterHub.load_roles}
    more = {
        role["name"]: set(role["scopes"]) - before.get(role["name"], set())
        for role in c.JupyterHub.load_roles
        if set(role["scopes"]) - before.get(role["name"], set())
    }
    of_applications = {f"{scope}!user={APPLICATIONS}" for scope in ("servers", "access:servers", "shares")}
    assert more == {
        "campus": of_applications,
        "group-administrator": {f"access:servers!user={APPLICATIONS}"},
    }
    again, _, _ = made()
    assert {role["name"]: set(role["scopes"]) for role in again.JupyterHub.load_roles} == before


def test_every_role_of_the_store_is_a_group_with_a_role(made):
    c, _, _ = made()
    groups = [group for role in c.JupyterHub.load_roles for group in role.get("groups", [])]
    assert groups == ["learner", "trainer", "data-team", "coordinator", "administrator"]
    assert c.Accounts.manage_groups is True
    assert c.JupyterHub.authenticator_class is Accounts


def test_the_campus_signs_people_in_through_the_hub_without_asking_them(made):
    c, settings, secrets = made()
    campus = c.JupyterHub.services[0]
    assert campus["oauth_client_id"] == "service-campus"
    assert campus["oauth_redirect_uri"] == f"{settings.address}/services/campus/oauth_callback"
    assert campus["api_token"] == secrets.campus_token
    assert campus["oauth_no_confirm"] is True
    assert "admin" not in campus


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(made):
    c, _, _ = made()
    tornado = c.JupyterHub.tornado_settings
    assert tornado["xsrf_cookie_kwargs"]["httponly"] is True
    assert tornado["cookie_options"]["samesite"] == "Lax"
    assert "frame-ancestors 'none'" in tornado["headers"]["Content-Security-Policy"]


def test_containers_unless_evaluating(made):
    assert made()[0].JupyterHub.spawner_class is LabSpawner
    c, _, _ = made(evaluate=True)
    assert c.JupyterHub.spawner_class is EvaluationSpawner
    assert c.EvaluationSpawner.ip == "127.0.0.1"


def test_both_sides_of_the_gate_are_routed(made):
    c, settings, _ = made()
    assert c.TwoOriginProxy.extra_routes == {"/user/": f"http://{settings.gateway}:8081/hub/gate/campus"}
    assert [path for path, *_ in c.JupyterHub.extra_handlers][:2] == [
        r"/gate/campus(?:/.*)?",
        r"/gate/learner(?:/.*)?",
    ]


def test_the_session_inside_a_cookie_does_not_reach_the_log(made, caplog):
    import logging

    made()
    with caplog.at_level(logging.INFO, logger="tornado.application"):
        logging.getLogger("tornado.application").info("Setting new xsrf cookie for %r", "s3ssion")
        logging.getLogger("tornado.application").info("something else")
    assert "s3ssion" not in caplog.text
    assert "something else" in caplog.text
