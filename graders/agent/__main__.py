"""`python -m graders.agent`: grade what arrives, until told to stop."""

from __future__ import annotations

import fcntl
import logging
import signal
import socket
import sys
import threading
from types import FrameType

from graders.agent.agent_loop import Agent
from graders.agent.agent_sentences import _
from graders.agent.draft_checks import DraftChecks
from graders.agent.engine_launchers import engine_starter
from graders.agent.submission_limits import core_count, limits_of
from hub.isomo_settings import Settings, SettingsError, load_settings
from hub.store import Store
from hub.verb_errors import IsomoError

log = logging.getLogger("agent")


def main() -> int:
    """Serve until told to stop; a sentence and 1 if that cannot begin."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = load_settings()
        store = Store.open(settings)
    except (IsomoError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    lock = (settings.state / "run").joinpath("agent.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.stderr.write(_("Another grading agent runs here already.") + "\n")
            return 1
        return run_daemon(store, settings)


def run_daemon(store: Store, settings: Settings) -> int:
    """Run the daemon. It alone has this name on this machine, so what it held when killed is free at once."""
    name = f"{socket.gethostname()}/agent"
    log.info("begin worker=%s again=%s", name, store.gradings.abandon(name))
    limits, start = limits_of(settings), engine_starter(settings)
    agent = Agent(store.proposal_desk(), start, name, core_count(settings), limits=limits)
    drafts = DraftChecks(store.lab_drafts, start, name, limits)

    def ended(_number: int, _frame: FrameType | None) -> None:
        # In a separate thread: the one that was interrupted may hold a lock that hurrying needs.
        threading.Thread(target=agent.hurry).start()

    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGINT, ended)
    drafts.start()
    agent.run()
    drafts.stop()
    log.info("end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
