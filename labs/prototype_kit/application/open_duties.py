"""What somebody must still do so that an application may go on: name an approver, review it, share a new version."""

from __future__ import annotations

import datetime as dt

from labs.prototype_kit.application.bench_sentences import N_, bench_sentence
from labs.prototype_kit.application.project_settings import Settings

ENDS_SOON_DAYS = 30


def duty_notices(settings: Settings, language: str, today: dt.date | None = None) -> list[str]:
    """Return what is to be done, as sentences in `language`; nothing if all is in order."""
    day = today or dt.datetime.now(dt.UTC).date()
    found = []
    if not settings.approver or settings.approver in settings.team:
        found.append(
            bench_sentence(
                N_(
                    "This application has no approver now: nobody can approve a version or go back to one. Its team names another person."
                ),
                language,
            )
        )
    if not settings.reviewers:
        found.append(
            bench_sentence(
                N_(
                    "This application has no reviewer now: nobody decides what the model hands on. Its team names one."
                ),
                language,
            )
        )
    if settings.review_on and day > settings.review_on:
        found.append(
            bench_sentence(
                N_(
                    "Its review was due on {day}. Its team measures it again with later cases and shares a new version."
                ),
                language,
                day=settings.review_on,
            )
        )
    if settings.expires_on and 0 <= (settings.expires_on - day).days <= ENDS_SOON_DAYS:
        found.append(
            bench_sentence(
                N_("It answers until {day}. To go on after that, it needs a new version and its approval."),
                language,
                day=settings.expires_on,
            )
        )
    return found
