"""`python -m hub.campus`: serve the campus where the proxy and learners' servers reach it."""

from __future__ import annotations

import logging
import sys

import uvicorn

from hub.campus.campus_app import create_app, spare_loaded_code, take_short_turns
from hub.isomo_settings import SettingsError, load_settings
from hub.verb_errors import IsomoError


def main() -> int:
    """Serve until told to stop; a sentence and 1 where that cannot begin."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("httpx", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        settings = load_settings()
        app = create_app(settings)
    except (IsomoError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    spare_loaded_code()
    take_short_turns()
    uvicorn.run(
        app,
        host=settings.inner_host,
        port=settings.ports.campus,
        access_log=False,
        proxy_headers=False,  # Who asks is decided in hub.campus.request_context, where it is known whom to believe.
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=3,  # Live views never end by themselves.
        timeout_keep_alive=75,
    )
    return 0


sys.exit(main())
