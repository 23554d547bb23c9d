"""Which installation a verb speaks of."""

from __future__ import annotations

import os
from pathlib import Path

from hub.errors import IsomoError
from hub.ops.words import _
from hub.settings import Settings, load

EVALUATE = "ISOMO_EVALUATE"


def marker(settings: Settings) -> Path:
    """A file that is there while the installation runs without isolation, at its administrator's word."""
    return settings.state / "run" / "evaluate"


def current() -> Settings:
    """The settings, with `--evaluate` remembered from `up`."""
    settings = load()
    if marker(settings).exists() and not settings.evaluate:
        os.environ[EVALUATE] = "1"
        settings = load()
    return settings


def chosen(evaluate: bool) -> Settings:
    """The settings for `up`, which decides anew whether learners are isolated."""
    os.environ.pop(EVALUATE, None)
    if evaluate:
        os.environ[EVALUATE] = "1"
    settings = load()
    file = marker(settings)
    if evaluate:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    else:
        file.unlink(missing_ok=True)
    return settings


def no_words(verb: str, argv: list[str], known: tuple[str, ...] = ()) -> set[str]:
    """The options in `argv`. Raises IsomoError for any that `verb` does not know."""
    for word in argv:
        if word not in known:
            usage = " ".join([f"./isomo {verb}", *(f"[{option}]" for option in known)])
            raise IsomoError(
                _("{verb} does not know {word!r}.").format(verb=verb, word=word),
                _("Type {usage}").format(usage=usage),
            )
    return set(argv)
