"""Health checks of the parts that people talk to."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from hub.hub_process import hub_turn
from hub.isomo_settings import Settings
from hub.ops import terminal_output
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError


def health_urls(settings: Settings) -> dict[str, str]:
    """Return the addresses at which this machine asks each part whether it is there."""
    scheme, local = urlsplit(settings.address).scheme, "127.0.0.1"
    return {
        "campus": f"{settings.campus_url}/api/openapi.json",
        "hub": f"http://{settings.inner_host}:{settings.ports.hub}/hub/health",
        "proxy": f"{scheme}://{local}:{settings.port}/hub/health",
        "learner-proxy": f"{scheme}://{local}:{settings.learner_port}/",
    }


def expected_urls(settings: Settings) -> dict[str, str]:
    """Return `urls` without the parts that answer only on the machine whose hub has the turn, if that is another."""
    found = health_urls(settings)
    if hub_turn.waits_for(settings):
        return {name: url for name, url in found.items() if name not in ("hub", "proxy")}
    return found


def url_answers(url: str, timeout: float = 3) -> bool:
    """Return whether `url` gives an answer that is not a server's own failure."""
    try:
        # The certificate is for the public name; this asks through 127.0.0.1, where only we listen.
        return httpx.get(url, timeout=timeout, verify=False, trust_env=False).status_code < 500  # noqa: S501
    except httpx.HTTPError:
        return False


def silent_parts(settings: Settings) -> list[str]:
    """Return names of the parts that do not answer."""
    return [name for name, url in expected_urls(settings).items() if not url_answers(url)]


def wait_for_parts(settings: Settings, grader_runs: Callable[[], bool], seconds: float = 90) -> None:
    """Wait until everything answers. Raises IsomoError naming what does not."""
    waiting = health_urls(settings)
    end = time.monotonic() + seconds
    with terminal_output.long_step(_("Starting")).running() as step:
        while True:
            waiting = {name: url for name, url in waiting.items() if not url_answers(url)}
            if "hub" in waiting:  # Another machine's hub may run, and this one wait.
                waiting = {name: url for name, url in waiting.items() if name in expected_urls(settings)}
            rest = [*waiting, *([] if grader_runs() else ["grader"])]
            if not rest:
                return
            step.detail = ", ".join(rest)
            if time.monotonic() > end:
                raise IsomoError(
                    _("Started, but not answering: {names}.").format(names=", ".join(rest)),
                    _("Look at what it says: ./isomo logs {name}").format(name=rest[0]),
                )
            time.sleep(0.1)
