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
import time
from types import FrameType
from typing import Any

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
RESERVE = "ISOMO_RESERVE"
"""Variable of a grader that helps only while more submissions wait than it says."""
LOOK_SECONDS = 2.0
CALM_SECONDS = 60.0
"""Seconds without anything to grade until a grader of the reserve lets go of its engine."""


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
            asyncio.run(listen_to_queue(agent, address, most, int(os.environ.get(RESERVE) or 0)))
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


async def listen_to_queue(agent: Agent, address: str, most: int, reserve: int = 0) -> None:
    """Grade what the queue tells of, until told to stop.

    Args:
        agent: what grades.
        address: the queue's PostgreSQL.
        most: submissions at a time.
        reserve: submissions that may wait before this grader helps; with 0 it always does.
    """
    from graders.agent.task_queue import QUEUE, app_for, prepare_queue

    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    await prepare_queue(address)
    async with app_for(address, agent.take).open_async() as app:
        ended, working = asyncio.Event(), asyncio.create_task(asyncio.sleep(0))

        def end() -> None:
            # The engine first: a task that waits for it would keep the queue's worker from ending.
            threading.Thread(target=agent.hurry).start()
            ended.set()
            working.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, end)
        while not ended.is_set():
            if reserve and not await _is_needed(app, reserve, ended):
                break
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=most + 1,
                    delete_jobs="always",
                    shutdown_graceful_timeout=5,
                    install_signal_handlers=False,
                )
            )
            calm = asyncio.create_task(_end_when_calm(app, agent, working)) if reserve else None
            with contextlib.suppress(asyncio.CancelledError):
                await working
            if calm is not None and not ended.is_set():
                await calm
                await asyncio.to_thread(agent.rest)
                log.info("rest")


async def _is_needed(app: Any, reserve: int, ended: asyncio.Event) -> bool:
    """Wait until more than `reserve` submissions wait; return False if told to stop before."""
    while not ended.is_set():
        waiting = await _waiting(app)
        if waiting > reserve:
            log.info("help waiting=%s", waiting)
            return True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), LOOK_SECONDS)
    return False


async def _end_when_calm(app: Any, agent: Agent, working: asyncio.Task[None]) -> None:
    """End the queue's worker once nothing has waited, and nothing been graded here, for a while."""
    since = time.monotonic()
    while time.monotonic() - since < CALM_SECONDS:
        await asyncio.sleep(LOOK_SECONDS)
        if agent.is_busy or await _waiting(app):
            since = time.monotonic()
    working.cancel()


async def _waiting(app: Any) -> int:
    """Return how many submissions wait in the queue; 0 while its database is away."""
    from procrastinate.exceptions import ConnectorException

    from graders.agent.task_queue import QUEUE

    try:
        found = await app.job_manager.list_queues_async(queue=QUEUE)
    except (ConnectorException, OSError) as error:
        log.warning("queue-away reason=%r", str(error)[:300])
        return 0
    return sum(int(each["todo"]) for each in found)


if __name__ == "__main__":
    sys.exit(main())
