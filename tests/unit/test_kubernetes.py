"""Files for a cluster: each is valid, follows its settings, holds no secret, and says what it cannot say."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.agent.linux_calls import container_seccomp
from hub.isomo_settings import Settings, parse_settings
from hub.memory_sizes import Size
from hub.ops.kubernetes_files import (
    MANIFESTS,
    SECRETS_SCRIPT,
    VALUES,
    image_names,
    rendered_files,
    write_files,
)
from hub.ops.kubernetes_gaps import GAPS, gap_sentences, value_of
from hub.ops.kubernetes_settings import settings_file
from hub.ops.verbs import kubernetes
from hub.shared_names import CAMPUS
from hub.verb_errors import IsomoError

ROOT = Path(__file__).resolve().parents[2]
CHART_SCHEMA = ROOT / "tests" / "support" / "jupyterhub_chart_schema.json"
OLDEST, NEWEST = "1.33", "1.36"
"""The first release with user namespaces in pods switched on, and the one that made them final."""
PLAIN: dict[str, Any] = {
    "address": "https://campus.example.gov",
    "learner_address": "https://labs.example.gov",
    "database": "postgresql://isomo:s3cret@db.example.gov/isomo?sslmode=require&password=s4cret",
    "tls": {"key": "/etc/isomo/key.pem", "certificate": "/etc/isomo/chain.pem"},
    "kubernetes": {"registry": "images.example.gov/isomo"},
}
FULL: dict[str, Any] = {
    **PLAIN,
    "ca_bundle": "/etc/isomo/ca.pem",
    "backup": {"repository": "sftp:host:/isomo", "password_file": "/etc/isomo/backup"},
    "grading": {"queue": True},
    "mail": {
        "host": "m.example.gov",
        "sender": "a@example.gov",
        "username": "isomo",
        "password_file": "/etc/isomo/mail",
    },
    "oidc": {"issuer": "https://login.example.gov", "client_id": "isomo", "secret_file": "/etc/isomo/oidc"},
    "kubernetes": {
        "registry": "images.example.gov:5000/a/b",
        "graders": 3,
        "home_storage": "fast",
        "shared_storage": "nfs",
        "ingress": "nginx",
    },
}


def settings_from(*changes: dict[str, Any], base: dict[str, Any] = PLAIN) -> Settings:
    values = deepcopy(base)
    for change in changes:
        for name, value in change.items():
            *sections, last = name.split(".")
            target = values
            for section in sections:
                target = target.setdefault(section, {})
            target[last] = value
    return parse_settings(values, name="isomo.toml", folder=Path("/"))


def files(chosen: Settings) -> dict[str, str]:
    return rendered_files(
        chosen, image_names(chosen, {"lab": "isomo-lab:0123"}), json.dumps(container_seccomp())
    )


def documents(text: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text))


def name_of(document: dict[str, Any]) -> str:
    place = document["metadata"].get("namespace", "")
    apart = "graders/" if place.endswith("-graders") else ""
    return f"{apart}{document['kind']}/{document['metadata']['name']}"


def pod_of(document: dict[str, Any]) -> dict[str, Any] | None:
    """The pod that a document starts, or nothing."""
    if document["kind"] == "Deployment":
        return document["spec"]["template"]["spec"]
    if document["kind"] == "CronJob":
        return document["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return None


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("base", [PLAIN, FULL], ids=["plain", "full"])
def test_every_document_is_valid_for_the_releases_that_the_page_names(version: str, base: Any) -> None:
    for document in documents(files(settings_from(base=base))[MANIFESTS]):
        kubernetes_validate.validate(document, version, strict=True)


def test_a_document_with_a_wrong_field_is_not_valid() -> None:
    """The check can fail."""
    document = documents(files(settings_from())[MANIFESTS])[0] | {"specs": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, NEWEST, strict=True)


@pytest.mark.parametrize("base", [PLAIN, FULL], ids=["plain", "full"])
def test_the_charts_own_schema_knows_every_value(base: Any) -> None:
    schema = json.loads(CHART_SCHEMA.read_text("utf-8"))
    values = yaml.safe_load(files(settings_from(base=base))[VALUES])
    assert [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(values)] == []
    values["singleuser"]["memmory"] = {}
    assert list(jsonschema.Draft7Validator(schema).iter_errors(values))


def test_no_file_holds_a_secret() -> None:
    text = "\n".join(files(settings_from(base=FULL)).values())
    assert "s3cret" not in text
    assert "s4cret" not in text
    assert "db.example.gov/isomo?sslmode=require" in text


def test_every_pod_keeps_the_restricted_standard_and_graders_widen_it_by_what_a_sandbox_needs() -> None:
    seen = set()
    for document in documents(files(settings_from(base=FULL))[MANIFESTS]):
        pod = pod_of(document)
        if pod is None:
            continue
        name = name_of(document)
        seen.add(name)
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        kind = pod["securityContext"]["seccompProfile"]["type"]
        assert kind == ("Localhost" if name == "graders/Deployment/grader" else "RuntimeDefault"), name
        unconfined = pod["securityContext"].get("appArmorProfile")
        # Only a grader's sandbox mounts anything.
        assert (unconfined == {"type": "Unconfined"}) == ("grader" in name), name
        assert all(set(volume) & {"hostPath"} == set() for volume in pod.get("volumes", [])), name
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            rules = container["securityContext"]
            unmasked = rules.pop("procMount", "")
            assert rules == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            }, name
            # The kernel gives a whole /proc only to a pod with users of its own.
            assert (unmasked == "Unmasked") == (pod.get("hostUsers") is False) == ("grader" in name), name
            assert set(container["resources"]) == {"requests", "limits"}, name
    assert len(seen) == 4


def test_learners_servers_reach_hub_campus_and_names_only_and_nothing_reaches_graders() -> None:
    made = files(settings_from(base=FULL))
    rules = yaml.safe_load(made[VALUES])["singleuser"]["networkPolicy"]
    assert {name for name, allowed in rules["egressAllowRules"].items() if allowed} == {
        "dnsPortsKubeSystemNamespace"
    }
    (campus,) = rules["egress"]
    assert campus["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "campus"
    policies = {name_of(each): each.get("spec") for each in documents(made[MANIFESTS])}
    for place in ("NetworkPolicy", "graders/NetworkPolicy"):
        closed = policies[f"{place}/nothing-unless-allowed"]
        assert closed == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert "ingress" not in policies["graders/NetworkPolicy/grader"]


def test_each_pod_of_the_chart_that_asks_the_cluster_may_do_so_although_all_is_closed() -> None:
    """The chart has rules for hub and proxy; without ours its first job would wait for ever."""
    made = files(settings_from())
    policies = {name_of(each): each["spec"] for each in documents(made[MANIFESTS]) if "spec" in each}
    for name in ("user-scheduler", "image-puller"):
        rules = policies[f"NetworkPolicy/chart-{name}"]
        assert rules["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == name
        assert {port["port"] for rule in rules["egress"] for port in rule["ports"]} == {53, 443, 6443}
    hub = yaml.safe_load(made[VALUES])["hub"]["networkPolicy"]
    assert {port["port"] for rule in hub["egress"] for port in rule["ports"]} == {5432, 443, 6443}


def test_no_server_of_a_learner_is_moved_and_a_new_version_of_graders_fits_the_quota() -> None:
    chosen = settings_from({"kubernetes.most_servers": 77, "kubernetes.graders": 5})
    made = {name_of(each): each for each in documents(files(chosen)[MANIFESTS])}
    assert made["PodDisruptionBudget/servers"]["spec"]["minAvailable"] == 77
    strategy = made["graders/Deployment/grader"]["spec"]["strategy"]["rollingUpdate"]
    quota = made["graders/ResourceQuota/isomo-graders"]["spec"]["hard"]
    assert int(quota["pods"]) == 5 + strategy["maxSurge"]


# Setting -> (another value, documents and parts of the values that follow it). The settings file itself and the stamps
# that restart pods follow every setting.
EVERY_HOST_POD = {"Deployment/campus", "CronJob/backup", "values.hub"}
FOLLOWED: dict[str, tuple[Any, set[str]]] = {
    "address": ("https://other.example.gov", {"values.hub", "values.ingress"}),
    "learner_address": ("https://work.example.gov", {"Ingress/learner-proxy"}),
    "languages": (["fr", "en"], {"values.singleuser"}),
    "timezone": ("Europe/Paris", {"CronJob/backup"}),
    "database": ("postgresql://isomo@other:5433/isomo", {"values.hub", "NetworkPolicy/campus"}),
    "ca_bundle": ("/etc/isomo/ca.pem", EVERY_HOST_POD),
    "tls.key": ("/etc/isomo/other.pem", set()),
    "tls.certificate": ("/etc/isomo/other.pem", set()),
    "second_factor": (True, set()),
    "idle_minutes": (90, {"values.cull"}),
    "learner.memory": ("2 GiB", {"values.singleuser", "ResourceQuota/isomo-servers"}),
    "learner.cpu": (2.0, {"values.singleuser"}),
    "learner.home_quota": ("3 GiB", {"values.singleuser"}),
    "grading.memory": ("3 GiB", {"graders/Deployment/grader", "graders/ResourceQuota/isomo-graders"}),
    "grading.cpu": (3.0, {"graders/Deployment/grader"}),
    "grading.queue": (True, {"graders/Deployment/grader", "graders/NetworkPolicy/grader"}),
    "start.idle_kernel_minutes": (30, {"values.singleuser"}),
    "backup.repository": ("s3:other/isomo", set()),
    "backup.password_file": ("/etc/isomo/backup", EVERY_HOST_POD),
    "backup.hour": (5, {"CronJob/backup"}),
    "kubernetes.registry": (
        "other.example.gov",
        {
            *EVERY_HOST_POD,
            *("values.singleuser", "values.proxy", "Deployment/learner-proxy", "graders/Deployment/grader"),
        },
    ),
    "kubernetes.most_servers": (
        200,
        {"values.hub", "ResourceQuota/isomo-servers", "PodDisruptionBudget/servers"},
    ),
    "kubernetes.graders": (4, {"graders/Deployment/grader", "graders/ResourceQuota/isomo-graders"}),
    "kubernetes.home_storage": ("fast", {"values.singleuser"}),
    "kubernetes.shared_storage": ("nfs", {"PersistentVolumeClaim/isomo-state"}),
    "kubernetes.ingress": ("nginx", {"values.ingress", "Ingress/learner-proxy"}),
    "mail": ({"host": "m", "sender": "a@b.c", "port": 2525}, {"NetworkPolicy/campus"}),
    "oidc": (FULL["oidc"], EVERY_HOST_POD),
}
IN_EVERY_NAME = {"project", "ports.campus"}
"""Settings that are part of names all over the files."""
READ_BY_PROCESSES = re.compile(
    r"(grading\.(submission_seconds|cell_seconds|submission_memory|cell_output|submission_size|release_size|appeal_days)"
    r"|backup\.keep_\w+|reports\.\w+|retention\.\w+|mail\.\w+|oidc\.\w+|lti\.\w+)"
)
"""Settings that campus, hub or graders read from the file and no document repeats."""
WITH_BACKUP = {**PLAIN, "backup": {"repository": "sftp:host:/isomo"}}


def leaves(model: Any, prefix: str = "") -> list[str]:
    """Full names of all settings."""
    found = []
    for name, field in model.model_fields.items():
        options = [field.annotation, *getattr(field.annotation, "__args__", ())]
        inner = [each for each in options if hasattr(each, "model_fields")]
        found += leaves(inner[0], f"{prefix}{name}.") if inner else [f"{prefix}{name}"]
    return found


def test_every_setting_is_followed_or_told_and_none_is_forgotten() -> None:
    """A new setting is decided here before it is merged."""
    told = {name for gap in GAPS for name in gap.settings} | {"evaluate"}
    known = {*FOLLOWED, *IN_EVERY_NAME, *told}
    undecided = [
        name for name in leaves(Settings) if name not in known and not READ_BY_PROCESSES.fullmatch(name)
    ]
    assert undecided == []


@cache
def parts(chosen: Settings) -> dict[str, str]:
    """Every document and every part of the values by its name; stamps and the settings file are left out."""
    made = {name: re.sub(r"isomo/settings: '?\w*'?", "", text) for name, text in files(chosen).items()}
    found = {f"values.{key}": yaml.dump(value) for key, value in yaml.safe_load(made[VALUES]).items()}
    for document in documents(made[MANIFESTS]):
        if not name_of(document).endswith("ConfigMap/isomo-settings"):
            found[name_of(document)] = yaml.dump(document)
    return found


def differing(one: dict[str, str], other: dict[str, str]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.sets(st.sampled_from(sorted(FOLLOWED)), min_size=1, max_size=4))
def test_changing_settings_changes_exactly_the_documents_that_follow_them(names: set[str]) -> None:
    before = settings_from(base=WITH_BACKUP)
    after = settings_from(*({name: FOLLOWED[name][0]} for name in names), base=WITH_BACKUP)
    expected = set().union(*(FOLLOWED[name][1] for name in names))
    assert differing(parts(before), parts(after)) == expected
    assert settings_file(before) != settings_file(after) or names <= {"tls.key", "tls.certificate"}


@pytest.mark.parametrize("name", sorted(FOLLOWED))
def test_each_setting_alone_changes_what_follows_it(name: str) -> None:
    before = settings_from(base=WITH_BACKUP)
    after = settings_from({name: FOLLOWED[name][0]}, base=WITH_BACKUP)
    assert differing(parts(before), parts(after)) == FOLLOWED[name][1]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    memory=st.integers(256, 8192),
    cpu=st.floats(0.1, 64, allow_nan=False),
    servers=st.integers(1, 100_000),
    graders=st.integers(1, 1000),
    language=st.sampled_from(["en", "fr", "rw"]),
    client=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20),
)
def test_pods_read_the_settings_that_the_administrator_wrote(
    memory: int, cpu: float, servers: int, graders: int, language: str, client: str
) -> None:
    """The file in the cluster gives back every setting, whatever it holds."""
    chosen = settings_from(
        {"learner.memory": f"{memory} MiB", "learner.cpu": cpu, "languages": [language]},
        {"kubernetes.most_servers": servers, "kubernetes.graders": graders, "oidc.client_id": client},
        base=FULL,
    )
    made = yaml.safe_load_all(files(chosen)[MANIFESTS])
    text = next(each for each in made if each["kind"] == "ConfigMap")["data"]["isomo.toml"]
    again = parse_settings(_toml(text), name="isomo.toml", folder=Path("/"))
    told = {
        "database",
        "state",
        *(f"{section}" for section in ("tls", "ca_bundle", "backup", "mail", "oidc")),
    }
    assert again.model_dump(exclude=told) == chosen.model_dump(exclude=told)
    assert again.oidc is not None
    assert again.oidc.client_id == client
    assert str(again.oidc.secret_file) == "/etc/isomo/secrets/isomo-oidc/secret-file"


def _toml(text: str) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(text)


def test_a_quota_has_room_for_the_servers_that_may_run_and_no_more() -> None:
    chosen = settings_from({"learner.memory": "1 GiB", "kubernetes.most_servers": 50})
    quota = next(
        each for each in documents(files(chosen)[MANIFESTS]) if name_of(each) == "ResourceQuota/isomo-servers"
    )
    hard = quota["spec"]["hard"]
    services = int(Size.parse("4 GiB"))
    assert int(hard["requests.memory"]) == 50 * int(Size.parse("512 MiB")) + services
    assert yaml.safe_load(files(chosen)[VALUES])["hub"]["activeServerLimit"] == 50


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"evaluate": True}, "evaluate"),
        ({"database": "sqlite"}, "SQLite"),
        ({"learner_address": "https://campus.example.gov:444"}, "same name"),
        ({"learner_address": "https://labs.example.gov:8443"}, "80 and 443"),
    ],
)
def test_settings_that_no_cluster_can_follow_are_refused_in_a_sentence(change: Any, said: str) -> None:
    with pytest.raises(IsomoError, match=said):
        files(settings_from(change))


def test_a_cluster_without_a_place_of_images_is_refused() -> None:
    with pytest.raises(IsomoError, match="registry"):
        files(settings_from(base={name: value for name, value in PLAIN.items() if name != "kubernetes"}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"learner.processes": 999}, "podPidsLimit: 999"),
        ({"trainer.memory": "4 GiB"}, r"\[trainer\]"),
        ({"grading.home_quota": "5 GiB"}, "graders have no home"),
        ({"start.class_minutes": 5}, "no server starts ahead"),
        ({"ports.hub": 9001}, "8081 and 8001"),
        ({"network.subnet": "10.9.0.0/16"}, "network policies hold learners apart"),
        ({"state": "/srv/other"}, "/srv/other"),
        ({"prototypes": True}, "data teams do not start"),
        ({"backup.repository": "/mnt/backup"}, "no backup is made"),
    ],
)
def test_a_setting_that_a_cluster_does_not_follow_is_told(change: Any, said: str) -> None:
    assert [text for text in gap_sentences(settings_from(change)) if re.search(said, text)]


def test_nothing_is_told_of_settings_that_do_not_matter() -> None:
    """With what a cluster follows, only the limit of processes is left to say."""
    same = {f"trainer.{name}": value_of(Settings(), f"learner.{name}") for name in ("cpu", "processes")}
    chosen = settings_from(
        {"start.class_minutes": 0, "start.home_page": False, "trainer.memory": "1 GiB", **same},
        {"state": str(Settings().state)},
    )
    assert len(gap_sentences(chosen)) == 1


def test_the_script_makes_every_secret_that_the_files_name_and_holds_no_value(tmp_path: Path) -> None:
    """kubectl is a program of ours here, which writes down what it was asked to make."""
    made = files(settings_from(base=FULL))
    write_files(made, tmp_path / "out")
    (tmp_path / "keys").mkdir()
    for name in ("password", "queue"):
        (tmp_path / name).write_text("s3cret")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "kubectl").write_text('#!/bin/sh\necho "$@" >> "$LOG"\ncat > /dev/null\n')
    (tmp_path / "isomo").write_text("#!/bin/sh\necho export ISOMO_GRADER_TOKEN=s3cret\n")
    for program in (programs / "kubectl", tmp_path / "isomo"):
        program.chmod(0o755)
    env = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "LOG": str(tmp_path / "log"),
        "ISOMO_STATE": str(tmp_path),
        "DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
        "QUEUE_ADDRESS_FILE": str(tmp_path / "queue"),
    }
    script = tmp_path / "out" / SECRETS_SCRIPT
    assert script.stat().st_mode & stat.S_IXUSR
    subprocess.run(["sh", str(script)], env=env, cwd=tmp_path, check=True, stdin=subprocess.DEVNULL)
    asked = (tmp_path / "log").read_text()
    assert "s3cret" not in asked
    made_names = set(re.findall(r"create secret generic (\S+)", asked))
    text = made[VALUES] + made[MANIFESTS]
    wanted = set(re.findall(r"(?:secretName|existingSecret): ([\w-]+)", text))
    for reference in re.findall(r"secretKeyRef:\s+name: ([\w-]+)", text):
        wanted.add(reference)
    # The chart makes `hub` by itself.
    assert wanted - {"hub"} == made_names


def test_the_verb_writes_the_files_and_says_what_a_cluster_does_not_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "isomo.toml"
    file.write_text(
        'address = "http://campus.example.gov"\nlearner_address = "http://labs.example.gov"\n'
        'database = "postgresql://isomo@db/isomo"\n[kubernetes]\nregistry = "images.example.gov"\n'
    )
    monkeypatch.setenv("ISOMO_SETTINGS", str(file))
    monkeypatch.setenv("ISOMO_STATE", str(tmp_path / "state"))
    assert kubernetes.command(["render", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [str(tmp_path / "out" / each.name) for each in _listed(tmp_path / "out")]
    assert "podPidsLimit" in said.err
    assert "never run on a cluster" in said.err
    assert json.loads((tmp_path / "out" / "grader-seccomp.json").read_text()) == container_seccomp()
    assert kubernetes.command(["render", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"folder", "files", "gaps"}
    assert kubernetes.command(["render"]) == 0
    assert f"{CAMPUS}" in capsys.readouterr().out


def _listed(folder: Path) -> list[Path]:
    order = ["values.yaml", "manifests.yaml", "make-secrets.sh", "grader-seccomp.json"]
    assert {each.name for each in folder.iterdir()} == set(order)
    return [folder / name for name in order]


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(IsomoError, match="could not be written"):
        write_files({"values.yaml": ""}, tmp_path / "file")
