"""The campus' own rounds: they queue and send mails, and each night remove what is kept too long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.campus.application_shares import take_ended_shares
from hub.campus.built_labs import complete_releases
from hub.campus.data_retention import apply_retention
from hub.campus.mail_news import queue_news
from hub.campus.mail_sender import send_waiting
from hub.campus.platform_scores import ScoreSender
from hub.campus.request_context import Campus
from hub.hub_process.hub_turn import has_turn

log = logging.getLogger("housekeeping")
EVERY_SECONDS = 30.0
CALENDAR_EVERY = timedelta(minutes=10)
"""Mails about deadlines and classes may come some minutes later than those about feedback."""
NIGHT_HOUR = 3


class Housekeeping:
    """A thread that makes a round every half minute until it is told to stop."""

    def __init__(self, campus: Campus) -> None:
        self._campus = campus
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="housekeeping")
        self._last_night = ""
        self._last_calendar = datetime.min.replace(tzinfo=UTC)
        self._scores = ScoreSender(campus.store)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round of now; one that waits for a mail server is not waited for."""
        self._stop.set()
        self._thread.join(2)

    def _run(self) -> None:
        self._tried(self.at_start)
        while not self._stop.wait(EVERY_SECONDS):
            self._tried(lambda: self.one_round(datetime.now(ZoneInfo(self._campus.settings.timezone))))

    def _tried(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:  # The next round must come whatever happened in this one.
            log.exception("housekeeping-failed")

    def at_start(self) -> None:
        """Complete what an older version of Isomo left out, from the labs that this one has built."""
        complete_releases(self._campus.settings.state / "labs", self._campus.store.courses)

    def one_round(self, now: datetime) -> None:
        """Do what is due at `now`, the office's time. Of several machines, the one whose hub runs does it."""
        if not has_turn(self._campus.settings):
            return
        store = self._campus.store
        if self._campus.settings.mail is not None:
            calendar = now - self._last_calendar >= CALENDAR_EVERY
            self._last_calendar = now if calendar else self._last_calendar
            queue_news(store, now, calendar=calendar)
            send_waiting(store)
        self._scores.one_round()
        if self._campus.settings.prototypes:
            take_ended_shares(self._campus)  # Those that ended while the hub was away.
        if now.hour == NIGHT_HOUR and self._last_night != f"{now:%Y-%m-%d}":
            self._last_night = f"{now:%Y-%m-%d}"
            apply_retention(store, self._campus.hub)
