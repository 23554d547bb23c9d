"""The verbs' parts that need no engine: what they decide, and what they write for others to read."""

from __future__ import annotations

import configparser
import contextlib
import os
import re
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.isomo_settings import Ports, Settings, parse_settings
from hub.ops import (
    base_image,
    docker_daemon,
    docker_network,
    host_firewall,
    local_images,
    process_list,
    startup_checks,
    terminal_output,
)
from hub.ops.verbs import logs
from hub.verb_errors import IsomoError
from hub.verb_options import UsageError, parse_options

DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm", "PRETTY_NAME": "Debian 12"}
FEDORA = {"ID": "fedora", "PRETTY_NAME": "Fedora 41"}


@pytest.fixture
def settings(tmp_path) -> Settings:
    return parse_settings({"state": str(tmp_path / "my state"), "project": "try"})


def free_ports(settings: Settings) -> Settings:
    """`settings` on ports that the kernel gives: others on this machine may hold the usual ones."""
    with contextlib.ExitStack() as held:
        places = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(6)]
        first, second, *rest = (place.getsockname()[1] for place in places)
    names = ("hub", "campus", "proxy_api", "learner_proxy_api")
    return settings.model_copy(
        update={
            "address": f"http://127.0.0.1:{first}",
            "learner_address": f"http://127.0.0.1:{second}",
            "ports": Ports(**dict(zip(names, rest, strict=True))),
        }
    )


@pytest.fixture
def found(settings) -> list[process_list.Program]:
    environ = {"LANG": "fr_FR.UTF-8", "SSL_CERT_FILE": '/etc/100% "office".pem', "SECRET": "x"}
    return process_list.program_list(settings, environ, {"lab": "try-lab:1", "grader": "try-grader:2"})


# The engine


@pytest.mark.parametrize(
    ("release", "uid", "apt", "may"),
    [
        (DEBIAN, 0, True, True),
        ({"ID": "ubuntu", "ID_LIKE": "debian"}, 0, True, True),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, 0, True, True),
        (DEBIAN, 1000, True, False),
        (DEBIAN, 0, False, False),
        (FEDORA, 0, True, False),
        ({}, 0, True, False),
    ],
)
def test_an_engine_is_installed_on_debian_and_ubuntu_as_root_alone(release, uid, apt, may):
    assert docker_daemon.can_install(release, uid, apt) is may


def test_where_no_engine_can_be_installed_it_is_said_what_to_do():
    assert "Run ./isomo up as root" in docker_daemon.why_not(DEBIAN, 1000)
    assert "this is Fedora 41. Install Docker" in docker_daemon.why_not(FEDORA, 0)
    assert "./isomo up --evaluate" in docker_daemon.evaluate_hint()


def test_an_engine_that_is_missing_is_installed_after_saying_so_and_started(settings, monkeypatch, capsys):
    """The machine that runs this has an engine: here apt and its start are only written down."""
    done: list[str] = []
    there = iter([False, True])

    def connect(timeout: int = 60) -> str:
        if not next(there):
            raise docker_daemon.NoEngineError("The Docker engine does not answer.", "")
        return "client"

    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(docker_daemon, "connect_engine", connect)
    monkeypatch.setattr(docker_daemon, "os_release", lambda: DEBIAN)
    monkeypatch.setattr(docker_daemon.os, "geteuid", lambda: 0)
    monkeypatch.setattr(docker_daemon.shutil, "which", {"apt-get": "/usr/bin/apt-get"}.get)
    monkeypatch.setattr(
        docker_daemon,
        "apt_install",
        lambda packages, _what: done.append(capsys.readouterr().out + str(packages)),
    )
    monkeypatch.setattr(docker_daemon, "start_engine", lambda _settings: done.append("started"))
    assert docker_daemon.ensure_engine(settings) == "client"
    said, started = done
    assert "none found. Installing docker.io from the packages of Debian 12" in said
    assert "docker.io" in said.splitlines()[-1]
    assert started == "started"


def test_the_pid_file_of_an_engine_that_crashed_is_not_in_the_way(tmp_path):
    file = tmp_path / "dockerd.pid"
    file.write_text(str(os.getpid()))
    docker_daemon.clear_stale_pid(file)
    assert not file.exists()


# The base image


def test_the_base_is_made_from_the_hosts_own_mirrors(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb http://mirror.office/debian bookworm main\n")
    (tmp_path / "sources.list.d" / "other.list").write_text("deb http://mirror.office/other stable main\n")
    (tmp_path / "sources.list.d" / "debian.sources").write_text(
        "Types: deb\nURIs: http://mirror.office/debian\nSuites: bookworm bookworm-updates\n"
    )
    found = base_image.apt_sources("bookworm", tmp_path)
    assert [path.name for path in found] == ["sources.list", "debian.sources"]
    command = local_images.base_command("bookworm", tmp_path / "base.tar", found)
    assert command[-2:] == [str(path) for path in found]
    assert any("rm -rf $1/etc/apt/sources.list" in word for word in command), "no mirror's name stays inside"


def test_a_registry_that_did_not_answer_is_left_alone_for_a_day(tmp_path):
    note = tmp_path / "registry-away.json"
    assert not base_image.asked_lately(note, 1000.0)
    note.write_text('{"at": 1000.0}')
    assert base_image.asked_lately(note, 1000.0 + 23 * 3600)
    assert not base_image.asked_lately(note, 1000.0 + 25 * 3600)
    note.write_text("half a fi")
    assert not base_image.asked_lately(note, 1000.0)


# Ports, disk, rights


def test_a_port_that_is_held_is_named_and_one_of_an_address_yet_to_come_is_not(settings):
    settings = free_ports(settings)
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        taken = settings.model_copy(update={"ports": settings.ports.model_copy(update={"proxy_api": port})})
        with pytest.raises(IsomoError, match=rf"Port {port} is taken by .*process {os.getpid()}") as refused:
            startup_checks.ports_free(taken, set())
        assert "choose other ports in isomo.toml" in refused.value.tip
        startup_checks.ports_free(taken, {"proxy"})
    assert startup_checks.can_bind("198.51.100.7", 8081), "the learners' network is made later"


@pytest.fixture
def usual_ports() -> Iterator[None]:
    """Somebody listens on the ports of an installation with the default settings."""
    with contextlib.ExitStack() as held:
        for port in (8000, 8001, 8081):
            with contextlib.suppress(OSError):  # Then another program holds it already.
                held.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


def test_an_installation_on_other_ports_does_not_mind_who_holds_the_usual_ones(settings, usual_ports):
    startup_checks.ports_free(free_ports(settings), set())
    with pytest.raises(IsomoError, match=r"Port 8000 is taken by [\s\S]*Port 8001 is taken by"):
        startup_checks.ports_free(settings, set())


def test_without_the_right_to_set_firewall_rules_only_a_look_is_offered(settings, monkeypatch):
    monkeypatch.setattr(startup_checks.os, "geteuid", lambda: 1000)
    with pytest.raises(IsomoError, match="only root may") as refused:
        startup_checks.require_privileges(settings)
    assert "./isomo up --evaluate" in refused.value.tip
    startup_checks.require_privileges(settings.model_copy(update={"evaluate": True}))


@pytest.mark.parametrize("verb", ["up", "down", "status", "demo", "doctor"])
def test_a_word_that_a_verb_does_not_know_is_said_with_those_it_knows(verb):
    with pytest.raises(UsageError, match=f"{verb} does not know 'fast'") as refused:
        parse_options(verb, ["fast"])
    assert refused.value.tip == f"Type ./isomo {verb} --help to see what it takes."


def test_a_log_that_there_is_not_is_said_with_those_there_are(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOMO_STATE", str(tmp_path))
    with pytest.raises(IsomoError, match="There are no logs yet"):
        logs.command([])
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "hub.log").touch()
    with pytest.raises(IsomoError, match="There is no log called hob") as refused:
        logs.command(["hob"])
    assert refused.value.tip == "There are: hub."


# Supervision


def test_supervisor_reads_back_what_was_meant(settings, found):
    """Spaces, quotation marks and percent signs survive supervisor's own reading of its file."""
    from supervisor.datatypes import dict_of_key_value_pairs

    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"), strict=False)
    parser.read_string(process_list.supervisor_config(settings, found))
    for program in found:
        section = parser[f"program:{program.name}"]
        assert shlex.split(section["command"].replace("%%", "%")) == list(program.argv)
        env = dict_of_key_value_pairs(section["environment"])
        assert env["LANG"] == "fr_FR.UTF-8"
        assert env["ISOMO_STATE"] == str(settings.state)
        assert env["SSL_CERT_FILE"].replace("%%", "%") == '/etc/100% "office".pem'
        assert section["autorestart"] == "true"


def test_systemd_reads_back_what_was_meant(settings, found):
    for program in found:
        unit = process_list.systemd_unit(settings, program)
        command = re.search(r"^ExecStart=(.*)$", unit, re.M)[1]
        assert shlex.split(command.replace("%%", "%").replace("$$", "$")) == list(program.argv)
        assert f'Environment="ISOMO_STATE={settings.state}"' in unit
        assert "Restart=always" in unit
        assert "WantedBy=multi-user.target" in unit, "started again with the machine"


def test_processes_get_what_they_need_of_the_environment_and_no_more(found):
    for program in found:
        assert "SECRET" not in program.env
        assert ("ISOMO_LAB_IMAGE" in program.env) == (program.name in ("hub", "engine-filter"))
    assert found[0].name == "guard", "no container before its firewall"


def test_a_process_is_started_anew_when_its_settings_change_and_only_then(settings, found):
    again = process_list.program_list(settings, {"LANG": "fr_FR.UTF-8"}, {})
    assert process_list.program_list(settings, {"LANG": "fr_FR.UTF-8"}, {}) == again
    other = process_list.program_list(
        settings.model_copy(update={"idle_minutes": 5}), {"LANG": "fr_FR.UTF-8"}, {}
    )
    assert all(one.stamp != two.stamp for one, two in zip(again, other, strict=True))


# The network


def test_only_hub_and_campus_pass_the_firewall_and_only_from_the_learners_bridge(settings):
    four, six = host_firewall.firewall_plans(settings)
    assert four.jump[:2] == six.jump[:2] == ["-i", settings.network.bridge]
    accepted = [rule[rule.index("--dport") + 1] for rule in four.rules if "--dport" in rule]
    assert accepted == [str(settings.ports.hub), str(settings.ports.campus)]
    assert four.rules[-1] == ["-j", "DROP"]
    assert six.rules == (["-j", "DROP"],)


@pytest.mark.parametrize(
    ("entry", "stands"),
    [
        ("-P INPUT ACCEPT\n-A INPUT -i isomo0 -j TRY-IN", True),
        ("-A INPUT -i other0 -j OTHER-IN\n-A INPUT -i isomo0 -j TRY-IN", True),
        ("-A INPUT -j ACCEPT\n-A INPUT -i isomo0 -j TRY-IN", False),
        ("-P INPUT ACCEPT", False),
    ],
)
def test_a_rule_before_ours_that_accepts_would_make_ours_worthless(settings, entry, stands):
    assert host_firewall.reaches_chain(host_firewall.firewall_plans(settings)[0], entry) is stands


def test_a_network_that_somebody_else_made_is_not_taken_for_ours(settings):
    ours = {
        "Internal": True,
        "IPAM": {"Config": [{"Subnet": settings.network.subnet}]},
        "Options": docker_network.bridge_options(settings),
    }
    assert docker_network.fits_settings(ours, settings)
    assert not docker_network.fits_settings({**ours, "Internal": False}, settings)
    assert not docker_network.fits_settings({**ours, "Options": {}}, settings)
    assert not docker_network.fits_settings(
        {**ours, "IPAM": {"Config": [{"Subnet": "10.99.0.0/16"}]}}, settings
    )


# What is said


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (130, "2 min 10 s"), (11100, "3 h 5 min")]
)
def test_durations_are_said_as_people_say_them(seconds, words):
    assert terminal_output.duration_text(seconds) == words


def test_further_lines_stand_below_the_first():
    assert terminal_output.aligned_lines("Docker engine", "away\nstart it").splitlines() == [
        "Docker engine      away",
        "                   start it",
    ]


def test_a_long_step_says_that_it_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(terminal_output, "EVERY", 0.01)
    with terminal_output.long_step("Making the image").running() as step:
        step.detail = "fetching packages"
        while "fetching packages" not in (said := capsys.readouterr().err):
            pass
    assert "Making the image … 0 s (fetching packages)" in said


def test_where_supervisor_listens_fits_into_a_sockets_path(tmp_path):
    deep = parse_settings({"state": str(tmp_path / ("x" * 120))})
    assert len(str(process_list.supervisor_socket(deep))) < 107
    assert isinstance(process_list.supervisor_socket(deep), Path)
