"""The host's firewall rules: what a learner's container may reach on the host, as commands.

An internal network has no route out, yet everything that the host listens on answers through its gateway. So
what comes from the bridge passes our chain, first of all: the hub's and the campus' ports, nothing else.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from hub.isomo_settings import Settings
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError

Rule = list[str]


@dataclass(frozen=True)
class Plan:
    """Rules of one family (`iptables` or `ip6tables`)."""

    tool: str
    chain: str
    jump: Rule
    rules: tuple[Rule, ...]


def chain_name(settings: Settings) -> str:
    """Our chain's name; names of chains end at 28 characters."""
    return f"{settings.project.upper()}-IN"[:28]


def firewall_plans(settings: Settings) -> list[Plan]:
    """Return the rules that must be in both families of the firewall."""
    chain = chain_name(settings)
    jump = ["-i", settings.network.bridge, "-j", chain]
    back = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"]
    ours = ["-d", f"{settings.gateway}/32", "-p", "tcp"]
    ports = [
        [*ours, "-m", "tcp", "--dport", str(port), "-j", "ACCEPT"]
        for port in (settings.ports.hub, settings.ports.campus)
    ]
    drop = ["-j", "DROP"]
    # Nothing of ours speaks IPv6 on the bridge; link-local addresses would reach the host all the same.
    return [Plan("iptables", chain, jump, (back, *ports, drop)), Plan("ip6tables", chain, jump, (drop,))]


def expected_chain(plan: Plan) -> list[str]:
    """Our chain as `-S CHAIN` prints it."""
    return [f"-N {plan.chain}", *(" ".join(["-A", plan.chain, *rule]) for rule in plan.rules)]


def restore_script(plan: Plan) -> str:
    """Our chain for `iptables-restore --noflush`: replaced as a whole, in one step."""
    lines = [
        "*filter",
        f":{plan.chain} - [0:0]",
        *(" ".join(["-A", plan.chain, *rule]) for rule in plan.rules),
    ]
    return "\n".join([*lines, "COMMIT", ""])


def run_firewall_command(command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run one firewall command."""
    try:
        return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=30)
    except FileNotFoundError as error:
        raise IsomoError(
            _(
                "The program {name} is missing; it keeps learners' containers off this machine's services."
            ).format(name=command[0]),
            _("Install the package iptables, then run ./isomo up again."),
        ) from error


def is_up(plan: Plan) -> bool:
    """Return whether our rules are as they must be."""
    chain = run_firewall_command([plan.tool, "-w", "-S", plan.chain])
    entry = run_firewall_command([plan.tool, "-w", "-S", "INPUT"])
    return (
        chain.returncode == 0
        and reaches_chain(plan, entry.stdout)
        and chain.stdout.splitlines() == expected_chain(plan)
    )


def reaches_chain(plan: Plan, entry: str) -> bool:
    """Return whether INPUT leads our bridge to our chain before anything could accept what comes from it."""
    for line in entry.splitlines():
        if not line.startswith("-A INPUT "):
            continue
        if line == " ".join(["-A", "INPUT", *plan.jump]):
            return True
        # Other installations' jumps speak of other bridges only.
        if not line.startswith("-A INPUT -i ") or not line.endswith("-IN"):
            return False
    return False


def put_up(plan: Plan) -> None:
    """Bring the rules up. Raises IsomoError if the kernel or the user does not allow it."""
    done = run_firewall_command([f"{plan.tool}-restore", "-w", "--noflush"], restore_script(plan))
    if done.returncode == 0:
        done = run_firewall_command([plan.tool, "-w", "-I", "INPUT", "1", *plan.jump])
    if done.returncode:
        raise IsomoError(
            _("The firewall rules could not be set ({tool}: {reason}).").format(
                tool=plan.tool, reason=done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "?"
            ),
            _("Run ./isomo up as root, on a machine whose kernel has iptables."),
        )
    remove_doubles(plan)


def remove_doubles(plan: Plan) -> None:
    """Leave only the first of our jumps."""
    line = " ".join(["-A", "INPUT", *plan.jump])
    entry = [
        each
        for each in run_firewall_command([plan.tool, "-w", "-S", "INPUT"]).stdout.splitlines()
        if each.startswith("-A")
    ]
    places = [number for number, each in enumerate(entry, 1) if each == line]
    for number in reversed(places[1:]):
        run_firewall_command([plan.tool, "-w", "-D", "INPUT", str(number)])


def take_down(plan: Plan) -> None:
    """Remove our rules."""
    while run_firewall_command([plan.tool, "-w", "-D", "INPUT", *plan.jump]).returncode == 0:
        pass
    run_firewall_command([plan.tool, "-w", "-F", plan.chain])
    run_firewall_command([plan.tool, "-w", "-X", plan.chain])


def ensure_rules(settings: Settings) -> list[str]:
    """Bring up what is missing; return the tools whose rules were missing."""
    missing = [plan for plan in firewall_plans(settings) if not is_up(plan)]
    for plan in missing:
        put_up(plan)
    return [plan.tool for plan in missing]


def remove_rules(settings: Settings) -> None:
    """Remove all rules of this installation."""
    for plan in firewall_plans(settings):
        take_down(plan)
