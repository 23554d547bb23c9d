"""`python -m graders.agent.remote_worker`: a grader on another machine.

It knows the campus' address and the graders' token, from ISOMO_CAMPUS_URL and ISOMO_GRADER_TOKEN. With ISOMO_QUEUE
(`postgresql://…`) it is told of work by the queue; without, it asks the campus.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from types import FrameType

from graders.agent.agent_loop import Agent
from graders.agent.agent_sentences import _
from graders.agent.draft_checks import DraftChecks
from graders.agent.engine_launchers import engine_starter
from graders.agent.remote_drafts import RemoteDrafts
from graders.agent.remote_store import RemoteDesk
from graders.agent.submission_limits import core_count, limits_of
from hub.isomo_settings import SettingsError, load_settings
from hub.verb_errors import IsomoError

log = logging.getLogger("agent")
NEEDED = ("ISOMO_CAMPUS_URL", "ISOMO_GRADER_TOKEN")


def command(argv: list[str]) -> int:
    """Run a remote worker: the command behind `./isomo worker --join`."""
    del argv
    return main()


def main() -> int:
    """Grade until told to stop; a sentence and 1 if that cannot begin."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = load_settings()
        url, token = map(required_variable, NEEDED)
    except (IsomoError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    name, most = f"{socket.gethostname()}/{os.getpid()}", core_count(settings)
    start, limits = engine_starter(settings, purpose=name), limits_of(settings)
    agent = Agent(RemoteDesk(url, token), start, name, most, limits=limits)
    drafts = DraftChecks(RemoteDrafts(url, token), start, name, limits)
    log.info("begin worker=%s", name)
    drafts.start()
    try:
        grade_until_stopped(agent, most)
    finally:
        drafts.stop()
    return 0


def grade_until_stopped(agent: Agent, most: int) -> None:
    """Grade until told to stop: what the queue tells of, or what the campus has."""
    if address := os.environ.get("ISOMO_QUEUE"):
        with agent.serving():
            asyncio.run(listen_to_queue(agent, address, most))
        return

    def ended(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=agent.hurry).start()

    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGINT, ended)
    agent.run()


def required_variable(variable: str) -> str:
    """Return the value of an environment variable. Raises IsomoError if it is empty or not set."""
    found = os.environ.get(variable, "")
    if not found:
        raise IsomoError(
            _("{variable} is not set.").format(variable=variable),
            _("./isomo worker on the campus' machine shows what to type here."),
        )
    return found


async def listen_to_queue(agent: Agent, address: str, most: int) -> None:
    """Grade what the queue tells of, until told to stop."""
    from graders.agent.task_queue import QUEUE, app_for, prepare_queue

    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    await prepare_queue(address)
    async with app_for(address, agent.take).open_async() as app:
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=most + 1,
                delete_jobs="always",
                shutdown_graceful_timeout=5,
                install_signal_handlers=False,
            )
        )

        def ended() -> None:
            # The engine first: a task that waits for it would keep the queue's worker from ending.
            threading.Thread(target=agent.hurry).start()
            working.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended)
        with contextlib.suppress(asyncio.CancelledError):
            await working


if __name__ == "__main__":
    sys.exit(main())
