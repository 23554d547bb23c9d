"""A small process that makes a backup each night; it runs only if `[backup]` names a repository."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.hub_process.hub_turn import has_turn
from hub.isomo_settings import Settings, load_settings
from hub.ops.backup_run import Report, last_report, make_backup
from hub.verb_errors import IsomoError

log = logging.getLogger("backup")
EVERY_SECONDS = 60
TRY_AGAIN = timedelta(hours=1)


def is_due(now: datetime, hour: int, last: Report | None) -> bool:
    """Return whether a backup must be made at `now`, given in the office's time.

    It is due once the hour of the day has come and none was made since; one that failed is tried again after an
    hour. A machine that was off at that hour makes it as soon as it runs.
    """
    if last is None:
        return True
    made = datetime.fromisoformat(last.at).astimezone(now.tzinfo)
    if not last.well:
        return now - made >= TRY_AGAIN
    newest = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if newest > now:
        newest -= timedelta(days=1)
    return made < newest


def one_round(settings: Settings, now: datetime) -> bool:
    """Make a backup if one is due; return whether it was tried. A failure is logged and tried again later.

    Of several machines with a hub, the one whose hub runs makes it.
    """
    if not is_due(now, settings.backup.hour, last_report(settings)) or not has_turn(settings):
        return False
    try:
        report = make_backup(settings)
        log.info("backup-made snapshot=%s added=%d seconds=%s", report.snapshot, report.added, report.seconds)
    except IsomoError as error:
        log.error("backup-failed reason=%s", error.message)
    except Exception:  # The next round must come whatever happened in this one.
        log.exception("backup-failed")
    return True


def main() -> None:
    """Look every minute whether a backup is due."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = load_settings()
    while True:
        one_round(settings, datetime.now(ZoneInfo(settings.timezone)))
        time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    main()
