"""Verb `doctor`: looks for what could go wrong, and says of each thing what to do."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509

from hub.isomo_settings import CHECKOUT, Settings
from hub.ops import (
    docker_daemon,
    docker_network,
    health_checks,
    home_checks,
    host_firewall,
    hub_rights_check,
    local_images,
    machine_capacity,
    process_supervisor,
    startup_checks,
    swarm_checks,
    terminal_output,
    this_installation,
)
from hub.ops.backup_run import LATE, last_report
from hub.ops.verb_sentences import _, plural_sentence
from hub.private_files import readable_by_others
from hub.settings_checks import setting_problems
from hub.store import Store
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options

Grade = Literal["good", "look", "bad"]
SIGNS: dict[Grade, str] = {"good": "✓", "look": "!", "bad": "✗"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do if it is not well."""

    grade: Grade
    what: str
    text: str
    do: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def engine_and_bridge(settings: Settings) -> Iterator[Finding]:
    """Yield the engine, the learners' network, the images."""
    if settings.evaluate:
        yield Finding(
            "look", _("Engine"), _("not used: learners are not isolated"), _("For people: ./isomo up")
        )
        return
    try:
        client = docker_daemon.connect_engine(timeout=10)
    except IsomoError as error:
        yield Finding("bad", _("Engine"), error.message, error.tip)
        return
    yield Finding(
        "good", _("Engine"), _("{version} answers").format(version=docker_daemon.engine_version(client))
    )
    found = docker_network.find_network(client, settings)
    if found is None:
        yield Finding("look", _("Network"), _("not made yet"), _("Run ./isomo up"))
    elif docker_network.fits_settings(found.attrs, settings):
        yield Finding("good", _("Network"), f"{settings.network.name}, {settings.network.subnet}")
    else:
        yield Finding(
            "bad", _("Network"), _("not as isomo.toml wants it"), _("Run ./isomo down, then ./isomo up")
        )
    missing = local_images.missing_images(
        client, local_images.image_names(settings), local_images.needed_images(settings)
    )
    old = local_images.old_images(client, settings)
    if missing:
        names = ", ".join(missing)
        yield Finding("look", _("Images"), _("to be made: {names}").format(names=names), _("Run ./isomo up"))
    else:
        yield Finding("good", _("Images"), _("up to date"))
    if old:
        text = _("{count} of earlier versions take up disk").format(count=len(old))
        yield Finding("look", _("Old images"), text, _("Remove them: ./isomo doctor --prune"))
    yield check_disk(Path(client.info()["DockerRootDir"]), 2 * 10**9, _("Engine's disk"))


def bridge_filter(settings: Settings) -> Iterator[Finding]:
    """Check that the kernel applies firewall rules to what passes a bridge; if not, neighbours can talk."""
    if settings.evaluate:
        return
    switch = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
    if switch.exists() and switch.read_text().strip() == "1":
        yield Finding("good", _("Bridge filter"), _("learners' containers cannot talk to each other"))
    else:
        yield Finding(
            "bad",
            _("Bridge filter"),
            _("off: learners' containers could talk to each other"),
            _("Run: modprobe br_netfilter && sysctl -w net.bridge.bridge-nf-call-iptables=1"),
        )


def check_firewall(settings: Settings) -> Iterator[Finding]:
    """Yield the firewall rules around learners' containers."""
    if settings.evaluate or os.geteuid():
        return
    try:
        missing = [
            plan.tool for plan in host_firewall.firewall_plans(settings) if not host_firewall.is_up(plan)
        ]
    except IsomoError as error:
        yield Finding("bad", _("Firewall"), error.message, error.tip)
        return
    if missing:
        text = _("rules are missing ({tools})").format(tools=", ".join(missing))
        yield Finding("look", _("Firewall"), text, _("Run ./isomo up; its guard keeps them in place"))
    else:
        yield Finding("good", _("Firewall"), _("learners' containers reach hub and campus only"))


def several_machines(settings: Settings) -> Iterator[Finding]:
    """Yield the machines of the Swarm, if learners' servers run on several."""
    if settings.spawner != "swarm" or settings.evaluate:
        return
    try:
        client = docker_daemon.connect_engine(timeout=60)
    except IsomoError:
        return  # `engine_and_bridge` says so.
    for each in swarm_checks.swarm_checks(client, settings):
        yield Finding(each.grade, each.what, each.text, each.do)


def rights_of_hub(settings: Settings) -> Iterator[Finding]:
    """Yield what the hub could do on this machine if it was taken over."""
    states = process_supervisor.machine_supervisor(settings).states()
    for each in hub_rights_check.hub_rights(settings, states, os.environ):
        yield Finding(each.grade, each.what, each.text, each.do)


def check_disk(path: Path, needed: int, what: str) -> Finding:
    """Free space at `path`."""
    free = startup_checks.free_bytes(path)
    text = _("{free} free at {path}").format(free=terminal_output.bytes_text(free), path=path)
    if free < startup_checks.STATE_BYTES:
        return Finding("bad", what, text, _("Free some space now: submissions may be refused"))
    if free < needed:
        return Finding(
            "look",
            what,
            text,
            _("Free some space soon, at least {amount}").format(amount=terminal_output.bytes_text(needed)),
        )
    return Finding("good", what, text)


def state_disk(settings: Settings) -> Iterator[Finding]:
    """Room for people's work."""
    yield check_disk(settings.state, 2 * 10**9, _("Disk"))


def report_capacity(settings: Settings) -> Iterator[Finding]:
    """Report how many learners this machine carries at once, and what limits it."""
    found = machine_capacity.this_machine(settings)
    text = plural_sentence(
        "about {count} learner at work at once; {limit} limits it",
        "about {count} learners at work at once; {limit} limits it",
        found.learners,
    ).format(count=found.learners, limit=found.limit)
    text += "\n" + _("by memory {memory}, by processor {processor}, by disk {disk}").format(
        memory=found.memory, processor=found.processor, disk=found.disk
    )
    if found.learners < 2:
        yield Finding(
            "look", _("Learners"), text, _("Lower learner.memory in isomo.toml, or add what limits it")
        )
    else:
        yield Finding("good", _("Learners"), text)


def second_steps(settings: Settings) -> Iterator[Finding]:
    """Yield the administrators whose password alone opens everything."""
    try:
        store = Store.open(settings)
        names = [
            name
            for name in store.second_factors.administrators_without()
            if store.people.password_hash(name) and not store.people.disabled(name)
        ]
    except Exception:  # `check_database` says what is wrong with it.
        return
    if names:
        text = _("a password alone opens the account of: {names}").format(names=", ".join(names))
        do = _("Ask them: Change your password, Second step of signing in")
        yield Finding("look", _("Administrators"), text, do)


def check_ports(settings: Settings) -> Iterator[Finding]:
    """Yield the ports that somebody else holds."""
    running = {
        state.name for state in process_supervisor.machine_supervisor(settings).states() if state.running
    }
    if not settings.evaluate and not docker_network.is_reachable(settings):
        running |= {"hub", "campus"}  # Their address is not there before the network is.
    try:
        startup_checks.ports_free(settings, running)
    except IsomoError as error:
        yield Finding("bad", _("Ports"), error.message, error.tip)
        return
    yield Finding("good", _("Ports"), _("free, or Isomo's own"))


def check_processes(settings: Settings) -> Iterator[Finding]:
    """Check that all processes that must run do, and answer."""
    states = process_supervisor.machine_supervisor(settings).states()
    if not states:
        yield Finding("look", _("Processes"), _("Isomo is not running"), _("Start it: ./isomo up"))
        return
    down = {state.name for state in states if not state.running} | set(health_checks.silent_parts(settings))
    for name in sorted(down):
        text = _("{name} does not answer").format(name=name)
        yield Finding("bad", _("Processes"), text, _("See why: ./isomo logs {name}").format(name=name))
    if not down:
        yield Finding("good", _("Processes"), ", ".join(state.name for state in states))


def check_database(settings: Settings) -> Iterator[Finding]:
    """Check that the store can be read, is of this version, and whole."""
    try:
        Store.open(settings)
        whole = settings.database != "sqlite" or sqlite_whole(settings.state / "isomo.sqlite")
    except IsomoError as error:
        yield Finding("look", _("Database"), error.message, error.tip)
    except Exception as error:  # Any driver has its own errors.
        text = _("cannot be read: {reason}").format(reason=str(error).splitlines()[0])
        yield Finding("bad", _("Database"), text, _("Check database in isomo.toml, and that its server runs"))
    else:
        if whole:
            yield Finding("good", _("Database"), _("whole, and of this version"))
        else:
            yield Finding(
                "bad", _("Database"), _("the file is damaged"), _("Run ./isomo down, and restore a backup")
            )


def sqlite_whole(path: Path) -> bool:
    """Return whether SQLite finds its own file whole."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def check_clock(settings: Settings) -> Iterator[Finding]:
    """Check that the clock can be right: receipts carry its time."""
    del settings
    now = time.time()
    built = (CHECKOUT / "pyproject.toml").stat().st_mtime
    shown = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if now < built - 86400:
        text = _("{now}, which is before this version of Isomo was installed").format(now=shown)
        yield Finding(
            "bad", _("Clock"), text, _("Set it: receipts carry its time (timedatectl set-ntp true)")
        )
    else:
        yield Finding("good", _("Clock"), shown)


def check_certificates(settings: Settings) -> Iterator[Finding]:
    """Yield the office's certificate authority, and our own certificate."""
    if settings.ca_bundle:
        yield check_certificate(settings.ca_bundle, _("Authority"), "ca_bundle")
    if settings.tls and settings.address.startswith("https:"):
        yield check_certificate(settings.tls.certificate, _("Certificate"), "tls.certificate")


def check_certificate(path: Path, what: str, setting: str) -> Finding:
    """Report how long the first certificate in a file is still good."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())[0]
    except OSError as error:
        text = _("{path} cannot be read ({reason})").format(path=path, reason=error.strerror)
        return Finding(
            "bad", what, text, _("Name a file that exists: {setting} in isomo.toml").format(setting=setting)
        )
    except (ValueError, IndexError):
        text = _("{path} holds no certificate").format(path=path)
        return Finding(
            "bad", what, text, _("It must be a PEM file, which begins with -----BEGIN CERTIFICATE-----")
        )
    end = found.not_valid_after_utc
    text = _("good until {date}").format(date=f"{end:%Y-%m-%d}")
    if end < datetime.now(UTC):
        return Finding("bad", what, _("ended on {date}").format(date=f"{end:%Y-%m-%d}"), _("Get a new one"))
    if end < datetime.now(UTC) + timedelta(days=21):
        return Finding("look", what, text, _("Get a new one before that day"))
    return Finding("good", what, text)


def check_keys(settings: Settings) -> Iterator[Finding]:
    """Check that others on this machine cannot read the keys."""
    folder = settings.state / "keys"
    if not folder.exists():
        return
    if folder.stat().st_mode & 0o077:
        yield Finding(
            "bad", _("Keys"), _("others may read {path}").format(path=folder), f"chmod 700 {folder}"
        )
    else:
        yield Finding("good", _("Keys"), _("readable by their owner only"))


def open_files(settings: Settings) -> Iterator[Finding]:
    """Check that others on this machine cannot read databases, gradebooks and logs."""
    found = readable_by_others(settings.state)
    if not found:
        return
    text = _("others on this machine may read: {names}").format(names=", ".join(map(str, found[:5])))
    if len(found) > 5:
        text += _(" and {count} more").format(count=len(found) - 5)
    yield Finding("bad", _("Private files"), text, _("Run ./isomo up, which closes them to others"))


def settings_file(settings: Settings) -> Iterator[Finding]:
    """Check that the settings can work on this machine."""
    problems = setting_problems(settings)
    for sentence in problems:
        yield Finding("bad", _("Settings"), sentence, _("Change isomo.toml, then run ./isomo up"))
    if not problems:
        yield Finding("good", _("Settings"), _("in order"))


def check_backups(settings: Settings) -> Iterator[Finding]:
    """Check that there is a backup of last night."""
    report = last_report(settings)
    if settings.backup.repository is None:
        text = _("no place for backups is set: what the disk loses is lost")
        yield Finding("look", _("Backup"), text, _("Add [backup] with a repository to isomo.toml"))
    elif report is None:
        yield Finding("look", _("Backup"), _("none was made yet"), _("Make one: ./isomo backup"))
    elif not report.well:
        text = _("the last one failed: {problem}").format(problem=report.problem)
        yield Finding("bad", _("Backup"), text, _("Try again: ./isomo backup"))
    else:
        text = _("{size}, {time} ago").format(
            size=terminal_output.bytes_text(report.size),
            time=terminal_output.duration_text(report.age.total_seconds()),
        )
        late = report.age > LATE
        if report.problem and not late:
            text += "\n" + _("old ones could not be removed: {problem}").format(problem=report.problem)
            yield Finding("look", _("Backup"), text, _("Try again: ./isomo backup"))
            return
        yield Finding(
            "bad" if late else "good", _("Backup"), text, _("Make one: ./isomo backup") if late else ""
        )


def sizes_of_homes(settings: Settings) -> Iterator[Finding]:
    """Yield which limit homes have, and the homes that are large."""
    for each in home_checks.home_checks(settings):
        yield Finding(each.grade, each.what, each.text, each.do)


CHECKS: tuple[Check, ...] = (
    settings_file,
    engine_and_bridge,
    bridge_filter,
    check_firewall,
    several_machines,
    rights_of_hub,
    check_processes,
    check_ports,
    state_disk,
    report_capacity,
    check_database,
    check_keys,
    second_steps,
    open_files,
    check_backups,
    sizes_of_homes,
    check_certificates,
    check_clock,
)


def examine_installation(settings: Settings) -> Iterator[Finding]:
    """Everything that is looked at."""
    for check in CHECKS:
        yield from check(settings)


def command(argv: list[str]) -> int:
    """`doctor [--prune] [--json]`: exit code 0 if nothing is bad, else 4."""
    options = parse_options("doctor", argv)
    settings = this_installation.current_settings()
    gone = prune_images(settings) if options.prune else None
    if options.json:
        return say_json(list(examine_installation(settings)))
    if gone is not None:
        terminal_output.print_fact(_("Removed"), ", ".join(gone) or _("no image"))
    grades = []
    for finding in examine_installation(settings):
        grades.append(finding.grade)
        text = f"{finding.text}\n→ {finding.do}" if finding.do else finding.text
        terminal_output.print_fact(f"{SIGNS[finding.grade]} {finding.what}", text)
    bad, look = grades.count("bad"), grades.count("look")
    if bad:
        terminal_output.print_sentence(_("{bad} errors, {look} warnings.").format(bad=bad, look=look))
        return 4
    terminal_output.print_sentence(
        _("Nothing to mend; {look} to look at.").format(look=look) if look else _("All is well.")
    )
    return 0


def say_json(findings: list[Finding]) -> int:
    """Print all findings as one JSON object; returns the exit code."""
    grades = [each.grade for each in findings]
    bad, look = grades.count("bad"), grades.count("look")
    terminal_output.print_sentence(
        json.dumps({"bad": bad, "look": look, "findings": [asdict(each) for each in findings]})
    )
    return 4 if bad else 0


def prune_images(settings: Settings) -> list[str]:
    """Remove images of earlier versions and their packages; returns the names of the images."""
    from hub.ops import image_builder, image_wheels

    gone = image_builder.remove_old(docker_daemon.connect_engine(), settings)
    shutil.rmtree(image_wheels.WHEELS, ignore_errors=True)
    return gone
