"""Verb `status`: what runs, and where."""

from __future__ import annotations

from hub.errors import IsomoError
from hub.ops import answers, context, engine, say, supervise
from hub.ops.words import _
from hub.settings import Settings


def command(argv: list[str]) -> int:
    """`status`: exit code 0 where everything runs and answers, else 3."""
    context.no_words("status", argv)
    settings = context.current()
    keeper = supervise.supervisor(settings)
    states = keeper.states()
    if not states:
        say.plain(_("Isomo is not running. Start it: ./isomo up"))
        return 3
    silent = answers.silent(settings)
    say.line(_("Address"), settings.address)
    for state in states:
        say.line(state.name, described(state, state.name in silent))
    fine = engine_line(settings)
    if settings.evaluate:
        say.plain(
            _("Learners are not isolated from each other or from this machine: this is for looking only.")
        )
    return 0 if fine and not silent and all(state.running for state in states) else 3


def described(state: supervise.State, silent: bool) -> str:
    """One process in words."""
    if not state.running:
        return _("not running; ./isomo logs {name} says why").format(name=state.name)
    text = _("running for {time} (process {pid})").format(time=say.duration(state.since), pid=state.pid)
    return (
        _("{text}, but it does not answer; ./isomo logs {name}").format(text=text, name=state.name)
        if silent
        else text
    )


def engine_line(settings: Settings) -> bool:
    """Say how the engine is, and how many learners' servers run. Returns whether it answers."""
    if settings.evaluate:
        return True
    try:
        client = engine.connect(timeout=10)
        running = [each for each in engine.ours(client, settings, "lab") if each.status == "running"]
        found = engine.version(client)
    except IsomoError as error:
        say.line(_("Docker engine"), f"{error.message}\n{STOPPED()}")
        return False
    say.line(_("Docker engine"), _("{version} answers").format(version=found))
    say.line(_("Learners' servers"), str(len(running)))
    return True


def STOPPED() -> str:  # noqa: N802 - a sentence, said in the language of the moment
    """What an engine that stopped means, and what to do."""
    return _(
        "Nobody can open a lab until it runs again; work that was saved is kept. Start it with ./isomo up: pages, "
        "marks and receipts go on meanwhile."
    )
