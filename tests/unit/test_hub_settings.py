"""`isomo.toml`: what may be in it, and what is said about what may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.isomo_settings import CHECKOUT, Settings, SettingsError, load_settings, parse_settings

GOLDEN = [
    (
        {"learner": {"memory": "1 gig"}},
        'isomo.toml: learner.memory is "1 gig". Write a number and a unit, for example "1 GiB" or "768 MiB".',
    ),
    (
        {"learner": {"memory": 1024}},
        'isomo.toml: learner.memory is 1024. Write a number and a unit, for example "1 GiB" or "768 MiB".',
    ),
    ({"adress": "http://x:1"}, "isomo.toml: adress is not a setting. Did you mean address?"),
    (
        {"learner": {"memry": "1 GiB"}},
        "isomo.toml: learner.memry is not a setting. Did you mean learner.memory?",
    ),
    (
        {"network": {"zork": 1}},
        "isomo.toml: network.zork is not a setting. [network] may hold: name, bridge, subnet.",
    ),
    (
        {"grading": {"cell_seconds": 0}},
        "isomo.toml: grading.cell_seconds is 0. Write a whole number of seconds from 1 to 3600, for example 60.",
    ),
    (
        {"grading": {"submission_seconds": "60"}},
        'isomo.toml: grading.submission_seconds is "60". '
        "Write a whole number of seconds from 1 to 3600, for example 60.",
    ),
    (
        {"grading": {"release_size": "2 GB"}},
        'isomo.toml: grading.release_size is "2 GB". Write a size from "100 kB" to "1 GB", for example "100 MB".',
    ),
    (
        {"grading": {"submission_size": 20}},
        'isomo.toml: grading.submission_size is 20. Write a size from "100 kB" to "1 GB", for example "100 MB".',
    ),
    (
        {"grading": {"cell_output": "1 GiB"}},
        'isomo.toml: grading.cell_output is "1 GiB". Write a size from "10 KiB" to "16 MiB", for example "1 MiB".',
    ),
    (
        {"grading": {"submission_memory": "lots"}},
        'isomo.toml: grading.submission_memory is "lots". '
        'Write a number and a unit, for example "1 GiB" or "768 MiB".',
    ),
    (
        {"grading": {"submission_memory": "4 GiB"}},
        "isomo.toml: grading.submission_memory is 4 GiB, more than grading.memory, 2 GiB. "
        "Lower the first or raise the second.",
    ),
    (
        {"grading": {"cell_seconds": 90}},
        "isomo.toml: grading.cell_seconds is 90, more than grading.submission_seconds, 60. "
        "Lower the first or raise the second.",
    ),
    (
        {"grading": {"submission_secs": 90}},
        "isomo.toml: grading.submission_secs is not a setting. Did you mean grading.submission_seconds?",
    ),
    (
        {"learner": 3},
        "isomo.toml: learner is 3. Write it as a section: its name in brackets on a line, its settings below.",
    ),
    (
        {"evaluate": "yes"},
        'isomo.toml: evaluate is "yes". Write true or false, without quotation marks.',
    ),
    (
        {"ports": {"hub": "8081"}},
        'isomo.toml: ports.hub is "8081". Write a port number from 1024 to 65535, for example 8081.',
    ),
    (
        {"languages": "en"},
        'isomo.toml: languages is "en". Write a list of language codes, for example ["en", "fr", "rw"].',
    ),
    (
        {"languages": ["English"]},
        'isomo.toml: languages is ["English"]. '
        'Write a list of language codes, for example ["en", "fr", "rw"].',
    ),
    (
        {"languages": ["en", 3]},
        'isomo.toml: languages is ["en", 3]. Write a list of language codes, for example ["en", "fr", "rw"].',
    ),
    (
        {"address": "labs.example.gov"},
        'isomo.toml: address is "labs.example.gov". '
        'Write http:// or https://, a name and a port, for example "https://labs.example.gov:8000".',
    ),
    (
        {"database": "mysql://x/y"},
        'isomo.toml: database is "mysql://x/y". '
        'Write "sqlite", or an address such as "postgresql://isomo@db/isomo".',
    ),
    (
        {"network": {"subnet": "8.8.8.0/24"}},
        'isomo.toml: network.subnet is "8.8.8.0/24". Write a private network, for example "10.213.0.0/16".',
    ),
    (
        {"timezone": "Mars/Base"},
        'isomo.toml: timezone is "Mars/Base". Write a time zone by its name, for example "Africa/Kigali".',
    ),
    (
        {"tls": {"key": "a.pem"}},
        "isomo.toml: tls.certificate is missing. "
        'Write a path in quotation marks, for example "/etc/isomo/file.pem".',
    ),
    (
        {"ca_bundle": 3},
        'isomo.toml: ca_bundle is 3. Write a path in quotation marks, for example "/etc/isomo/file.pem".',
    ),
    (
        {"learner": {"processes": 1}},
        "isomo.toml: learner.processes is 1. Write a whole number from 16 to 32768, for example 256.",
    ),
    (
        {"address": "http://h:8000", "learner_address": "http://h:8000"},
        "isomo.toml: learner_address is the same as address. Give learners' servers another port or "
        "another name, so that nothing in a notebook can act on the campus.",
    ),
    (
        {"ports": {"hub": 8001}},
        "isomo.toml: port 8001 is used twice. Give each of address, learner_address and [ports] its own.",
    ),
]


@pytest.mark.parametrize(("values", "sentence"), GOLDEN)
def test_a_wrong_setting_names_the_field_what_was_found_and_what_would_be_right(values, sentence):
    with pytest.raises(SettingsError) as caught:
        parse_settings(values)
    assert str(caught.value) == sentence


def test_every_mistake_gets_its_sentence():
    with pytest.raises(SettingsError) as caught:
        parse_settings({"learner": {"memory": "x", "cpu": "y"}, "zork": 1})
    assert len(str(caught.value).splitlines()) == 3


def test_with_no_file_the_defaults_run(monkeypatch, tmp_path):
    monkeypatch.delenv("ISOMO_SETTINGS", raising=False)
    monkeypatch.setenv("ISOMO_STATE", str(tmp_path))
    settings = load_settings()
    assert settings.state == tmp_path
    assert settings.database_url == f"sqlite:///{tmp_path}/isomo.sqlite"
    assert settings.hub_database_url == f"sqlite:///{tmp_path}/jupyterhub.sqlite"


def test_the_state_directory_is_in_the_checkout_unless_told():
    assert Settings().state == CHECKOUT / ".isomo" / "state"


def test_learners_get_the_next_port_unless_told():
    assert (
        parse_settings({"address": "https://labs.example.gov:8000"}).learner_address
        == "https://labs.example.gov:8001"
    )
    assert (
        parse_settings({"address": "https://labs.example.gov"}).learner_address
        == "https://labs.example.gov:444"
    )


def test_the_gateway_is_the_first_address_of_the_network():
    settings = parse_settings({"network": {"subnet": "10.77.0.0/16"}})
    assert settings.gateway == "10.77.0.1"
    assert settings.campus_url == "http://10.77.0.1:8082/services/campus"
    assert settings.hub_api_url == "http://10.77.0.1:8081/hub/api"


def test_only_a_local_address_listens_on_this_machine_alone():
    assert Settings().listen == "127.0.0.1"
    assert parse_settings({"address": "http://localhost:9000"}).listen == "127.0.0.1"
    assert parse_settings({"address": "https://labs.example.gov:8000"}).listen == ""


def test_evaluating_stays_on_this_machine_whatever_the_address():
    settings = parse_settings({"address": "https://labs.example.gov:8000", "evaluate": True})
    assert settings.listen == "127.0.0.1"
    assert settings.inner_host == "127.0.0.1"


def test_postgresql_holds_both_in_one_database():
    settings = parse_settings({"database": "postgresql://isomo@db/isomo"})
    assert settings.database_url == "postgresql+psycopg://isomo@db/isomo"
    assert settings.hub_database_url == (
        "postgresql+psycopg://isomo@db/isomo?options=-csearch_path%3Djupyterhub"
    )


def test_relative_paths_start_at_the_file(tmp_path, monkeypatch):
    monkeypatch.delenv("ISOMO_STATE", raising=False)
    file = tmp_path / "isomo.toml"
    file.write_text('state = "here"\nca_bundle = "ca.pem"\n[tls]\nkey = "k.pem"\ncertificate = "/c.pem"\n')
    settings = load_settings(file)
    assert settings.state == tmp_path / "here"
    assert settings.ca_bundle == tmp_path / "ca.pem"
    assert settings.tls is not None
    assert (settings.tls.key, settings.tls.certificate) == (tmp_path / "k.pem", Path("/c.pem"))


def test_a_named_file_that_is_missing_is_said(tmp_path):
    with pytest.raises(SettingsError, match=r"does not exist\. Make it, or run without ISOMO_SETTINGS"):
        load_settings(tmp_path / "nothing.toml")


def test_a_file_that_is_not_toml_is_said(tmp_path):
    file = tmp_path / "isomo.toml"
    file.write_text("address = http://x")
    with pytest.raises(SettingsError, match=r"isomo.toml is not TOML: .* Text needs quotation marks"):
        load_settings(file)


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        Settings().project = "other"  # type: ignore[misc]


def test_the_terminal_hears_its_own_language(monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    with pytest.raises(SettingsError, match="Écrivez un nombre et une unité"):
        parse_settings({"learner": {"memory": "1 gig"}})
