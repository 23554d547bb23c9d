"""`python -m hub.ops.start_proxy proxy|learner-proxy`: become a proxy; its secret is read here, written nowhere."""

from __future__ import annotations

import os
import sys

from hub.hub_process.hub_proxies import Which, proxy_argv, proxy_env
from hub.isomo_settings import load_settings
from hub.secret_keys import Secrets


def main(argv: list[str]) -> None:
    """Hand this process over to the proxy."""
    settings = load_settings()
    which: Which = "learner" if argv[:1] == ["learner-proxy"] else "campus"
    command = proxy_argv(settings, which)
    env = {**os.environ, **proxy_env(Secrets.load(settings).proxy_auth_token)}
    os.execve(command[0], command, env)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
