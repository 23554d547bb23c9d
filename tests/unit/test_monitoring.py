"""Health and metrics of the campus, who may read them, and that dashboard and alerts name metrics that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.isomo_settings import CHECKOUT
from hub.ops.backup_run import Report, keep_report
from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_stores import hand_in

MONITORING = CHECKOUT / "hub" / "ops" / "monitoring"
OWN = re.compile(r"\bisomo_[a-z_]+")


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path, backup={"repository": str(tmp_path / "repository")})


def token(campus) -> dict[str, str]:
    kept = (campus.settings.state / "keys" / "monitor_token").read_text()
    return {"Authorization": f"Bearer {kept}"}


def read(campus) -> dict[str, float]:
    answer = campus.client().get(f"{ROOT}/metrics", headers=token(campus))
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    found: dict[str, float] = {}
    for sample in (sample for family in families for sample in family.samples):
        found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


def test_figures_follow_what_happens(campus):
    before = read(campus)
    hand_in(campus.store)
    campus.browser("amina.k").get(f"{ROOT}/")
    after = read(campus)
    assert after["isomo_attempts_total"] - before["isomo_attempts_total"] == 1
    assert (after["isomo_attempts_waiting"], after["isomo_sessions"]) == (1, 1)
    assert after["isomo_disk_free_bytes"] > 0
    assert after["isomo_campus_requests_total"] > before.get("isomo_campus_requests_total", 0)


def test_a_failed_backup_is_a_figure(campus):
    assert "isomo_backup_well" not in read(campus)
    keep_report(campus.settings, Report("2026-11-28T02:00:00+00:00", well=False, problem="full"))
    found = read(campus)
    assert found["isomo_backup_well"] == 0
    assert found["isomo_backup_age_seconds"] > 0


def test_nobody_but_the_monitoring_system_reads_metrics(campus):
    for client in (campus.client(), campus.program("amina.k"), campus.browser("admin")):
        assert client.get(f"{ROOT}/metrics").status_code == 404
    assert (
        campus.client()
        .get(f"{ROOT}/metrics", headers={"Authorization": "Bearer \xc3\xa9".encode("latin-1")})
        .status_code
        == 404
    )


def test_metrics_name_no_person(campus):
    campus.browser("amina.k").get(f"{ROOT}/courses/amina.k")
    campus.client().request("AMINA", f"{ROOT}/amina.k")
    text = campus.client().get(f"{ROOT}/metrics", headers=token(campus)).text
    assert "amina" not in text.lower()


def test_health_needs_no_account_and_tells_nothing_but_health(campus, monkeypatch):
    answer = campus.client().get(f"{ROOT}/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": True, "disk": True})
    monkeypatch.setattr("hub.campus.api.monitoring_api.free_bytes", lambda _path: 1000)
    answer = campus.client().get(f"{ROOT}/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")


@pytest.mark.parametrize("file", ["alerts.yml", "grafana-dashboard.json"])
def test_dashboard_and_alerts_name_only_metrics_that_there_are(campus, file):
    keep_report(campus.settings, Report("2026-11-28T02:00:00+00:00", well=True))
    campus.client().get(f"{ROOT}/health")
    text = campus.client().get(f"{ROOT}/metrics", headers=token(campus)).text
    # The certificate has figures only with [tls], the queue only with PostgreSQL, processes where some run.
    there = set(OWN.findall(text)) | {"isomo_certificate_seconds_left"}
    named = set(OWN.findall((MONITORING / file).read_text("utf-8")))
    assert named
    assert named - there == set()


def test_the_dashboard_is_one_that_grafana_reads():
    board = json.loads((MONITORING / "grafana-dashboard.json").read_text("utf-8"))
    assert {"title", "panels", "schemaVersion", "templating"} <= set(board)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert all(panel["targets"] for panel in board["panels"])


def test_each_alert_says_what_happened_and_what_to_type():
    text = (MONITORING / "alerts.yml").read_text("utf-8")
    assert text.count("- alert:") == text.count("summary:") == text.count("action:") == 10


def test_what_is_announced_is_on_each_page_of_the_campus_until_its_end(campus):
    campus.store.announcements.publish({"en": "Upgrade at 18:00 <today>", "fr": "Mise à jour"}, 1)
    assert "Upgrade at 18:00 &lt;today&gt;" in campus.browser("amina.k").get(f"{ROOT}/").text
    assert campus.store.announcements.current("fr") == "Mise à jour"
    assert campus.store.announcements.current("rw") == "Upgrade at 18:00 <today>"
    campus.store.announcements.publish({"en": "Later"}, -1)
    assert campus.store.announcements.current("en") == ""


def test_the_files_for_the_offices_monitoring_hold_no_secret():
    assert {path.name for path in Path(MONITORING).iterdir()} == {
        *("alerts.yml", "grafana-dashboard.json", "prometheus.yml"),
    }
    assert "credentials_file" in (MONITORING / "prometheus.yml").read_text("utf-8")
