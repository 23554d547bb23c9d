"""Serve a prototype: `python -m labs.prototype_kit.application STATE`.

Signs people in through the hub if one started it; else by a header of the office's own proxy
(PROTOTYPE_USER_HEADER); else everyone is the person who started it, and only this machine may connect.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.hub_identity import hub_identity
from labs.prototype_kit.application.person_identity import HeaderIdentity, Identity, LocalIdentity

PORT = 8080
HERE = "127.0.0.1"


def choose_identity(person: str = "", header: str = "") -> Identity:
    """Return how people are known here."""
    hub = hub_identity()
    if hub is not None:
        return hub
    return HeaderIdentity(header) if header else LocalIdentity(person or getpass.getuser())


def serve_application(
    state: Path, port: int = PORT, host: str = "", person: str = "", header: str = ""
) -> None:
    """Serve until the process is stopped."""
    import uvicorn

    from labs.prototype_kit.application.application_service import Service
    from labs.prototype_kit.application.web_routes import make_application

    identity = choose_identity(person, header)
    if isinstance(identity, LocalIdentity) and host not in ("", HERE):
        raise PrototypeError(
            N_(
                "Other machines may connect only where people are signed in: set PROTOTYPE_USER_HEADER to the header in which your proxy names them."
            )
        )
    service_url = urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", ""))
    if service_url.hostname:
        host, port = service_url.hostname, service_url.port or port
    app = make_application(Service(state, identity), os.environ.get("JUPYTERHUB_SERVICE_PREFIX") or "/")
    uvicorn.run(app, host=host or HERE, port=port, log_level="warning", proxy_headers=False, access_log=False)


def main(words: list[str]) -> int:
    """Read the environment and serve."""
    state = Path(words[0] if words else os.environ.get("PROTOTYPE_STATE", "service"))
    try:
        serve_application(
            state,
            int(os.environ.get("PROTOTYPE_PORT", PORT)),
            os.environ.get("PROTOTYPE_HOST", ""),
            header=os.environ.get("PROTOTYPE_USER_HEADER", ""),
        )
    except PrototypeError as error:
        sys.stderr.write(error.worded() + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
