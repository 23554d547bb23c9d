"""A real OpenID Connect provider (Authlib's) as a separate process, and a browser that signs in there."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx


@dataclass
class ProviderProcess:
    """The provider: people with claims, started and stopped; each start has new keys."""

    folder: Path
    port: int
    people: list[dict[str, Any]] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> ProviderProcess:
        people = [word for each in self.people for word in ("--user-claims", json.dumps(each))]
        command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(self.port), "--require-nonce"]
        with (self.folder / "provider.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "true", *people], stdout=log, stderr=log, cwd=self.folder, env=dict(os.environ)
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                httpx.get(f"{self.issuer}/.well-known/openid-configuration", timeout=2)
            except httpx.HTTPError:
                assert self.process.poll() is None, (self.folder / "provider.log").read_text()
                time.sleep(0.1)
                continue
            return self
        raise AssertionError((self.folder / "provider.log").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
            self.process = None

    def go_through(self, browser: httpx.Client, subject: str, start: str = "/hub/openid") -> httpx.Response:
        """Follow the sign-in from `start` to the hub's answer, choosing `subject` at the provider."""
        back = self.callback(browser, subject, start)
        return browser.get(back)

    def callback(self, browser: httpx.Client, subject: str, start: str = "/hub/openid") -> str:
        """Return the address with which the provider sends a browser back."""
        asked = browser.get(start)
        assert asked.status_code == 302, asked.text
        where = asked.headers["location"]
        assert where.startswith(f"{self.issuer}/oauth2/authorize?"), where
        form = httpx.get(where)
        assert re.search("<form", form.text), form.text
        sent = httpx.post(where, data={"sub": subject})
        assert sent.status_code == 302, sent.text
        return urljoin(where, sent.headers["location"])
