"""The task queue between machines: Procrastinate, on the PostgreSQL that is there anyway.

It carries numbers only: which attempt, which run. The truth is in the store (law 4), so a message that is lost,
doubled or late does no harm: the worker that gets it claims the attempt first, and what still waits is put in again.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable

import procrastinate
from procrastinate import exceptions, jobs
from sqlalchemy.exc import SQLAlchemyError

from graders.agent.agent_sentences import _
from hub.isomo_settings import Settings, SettingsError, load_settings
from hub.store import Store
from hub.verb_errors import IsomoError

log = logging.getLogger("queue")
QUEUE = "grading"
SCHEMA = "procrastinate"
"""The queue's tables have a separate schema, so that a grader's database user needs no other."""
MAKING = 0x150105
"""The advisory lock in which the tables are made; any number that nobody else takes."""
LOOK = 0.2
AGAIN = 20.0
"""Seconds after which what still waits is put in once more."""
DEAD = 60.0
"""Seconds without a sign of life after which a worker's messages are thrown away."""
MOST = 500


def app_for(address: str, grade: Callable[[int], None] | None = None) -> procrastinate.App:
    """Return the queue at `address` (`postgresql://…`); a worker says what to do with an attempt."""
    connector = procrastinate.PsycopgConnector(
        conninfo=address, kwargs={"options": f"-csearch_path={SCHEMA}"}, min_size=1, max_size=6
    )
    app = procrastinate.App(connector=connector)

    @app.task(name="grade", queue=QUEUE)
    def task(attempt: int, run: int) -> None:
        del run  # It tells messages apart; which run is due, the store knows.
        if grade is None:
            raise RuntimeError("this process only puts work in")
        grade(attempt)

    return app


async def prepare_queue(address: str) -> None:
    """Make the queue's schema and tables, if they are not there. Of several that come at once, one does."""
    import psycopg

    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        # Held until this connection ends.
        await connection.execute("SELECT pg_advisory_lock(%s)", (MAKING,))
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        found = await connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.procrastinate_jobs",))
        row = await found.fetchone()
        if row is None or row[0] is None:
            async with app_for(address).open_async() as app:
                await app.schema_manager.apply_schema_async()


class Feeder:
    """Puts what waits into the queue, again and again."""

    def __init__(self, store: Store, app: procrastinate.App) -> None:
        self._store = store
        self._app = app
        self._sent: dict[tuple[int, int], float] = {}

    async def feed(self) -> None:
        """Until stopped. A database that is away is waited for."""
        cleaned = 0.0
        while True:
            try:
                for attempt, run in await asyncio.to_thread(self._store.gradings.waiting, MOST):
                    await self._send(attempt, run)
                if time.monotonic() - cleaned > DEAD:
                    await self._clean()
                    cleaned = time.monotonic()
                await asyncio.sleep(LOOK)
            except (SQLAlchemyError, exceptions.ConnectorException, OSError) as error:
                log.warning("store-away reason=%r", str(error)[:300])
                await asyncio.sleep(1)

    async def _send(self, attempt: int, run: int) -> None:
        now = time.monotonic()
        if now - self._sent.get((attempt, run), -AGAIN) < AGAIN:
            return
        self._sent = {key: sent for key, sent in self._sent.items() if now - sent < AGAIN}
        task = self._app.tasks["grade"].configure(queueing_lock=f"{attempt}/{run}")
        try:
            await task.defer_async(attempt=attempt, run=run)
        except exceptions.AlreadyEnqueued:
            log.debug("queued-already attempt=%s run=%s", attempt, run)
        self._sent[attempt, run] = now

    async def _clean(self) -> None:
        """Throw away what dead workers held; the store knows what is still to be done."""
        for job in await self._app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=DEAD):
            log.warning("worker-died job=%s", job.id)
            await self._app.job_manager.finish_job(job, status=jobs.Status.FAILED, delete_job=True)


def address_of(settings: Settings) -> str:
    """Return the queue's PostgreSQL. Raises IsomoError if the store is no such database."""
    if settings.database == "sqlite":
        raise IsomoError(
            _(
                "Grading on several machines needs PostgreSQL, and this installation keeps its data in SQLite."
            ),
            _('Write database = "postgresql://…" into isomo.toml, then type ./isomo up.'),
        )
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


async def feed_queue(settings: Settings, store: Store) -> None:
    """Feed the queue of an installation."""
    address = address_of(settings)
    await prepare_queue(address)
    async with app_for(address).open_async() as app:
        log.info("begin")
        await Feeder(store, app).feed()


def main() -> int:
    """`python -m graders.agent.task_queue`: feed until told to stop; a sentence and 1 if that cannot begin."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    try:
        settings = load_settings()
        asyncio.run(feed_queue(settings, Store.open(settings)))
    except (IsomoError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
