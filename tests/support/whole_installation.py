"""A complete Isomo next to any other one on this machine: own names, ports, network and state."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SETTINGS = """\
project = "{project}"
address = "http://127.0.0.1:{port}"
state = "{state}"

[ports]
hub = {hub}
campus = {campus}
proxy_api = {proxy_api}
learner_proxy_api = {learner_proxy_api}

[network]
name = "{project}"
bridge = "{project}0"
subnet = "10.{octet}.0.0/16"
{more}
"""


@dataclass
class Install:
    """One installation, driven only through the `isomo` script, as its administrator would."""

    folder: Path
    project: str = "isomot"
    port: int = 8100
    octet: int = 214
    more: str = ""
    links: dict[str, str] = field(default_factory=dict)

    @property
    def settings_file(self) -> Path:
        return self.folder / "isomo.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def learner_address(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "ISOMO_SETTINGS": str(self.settings_file)}

    def write_settings(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings_file.write_text(
            SETTINGS.format(
                project=self.project,
                port=self.port,
                state=self.state,
                hub=self.port + 10,
                campus=self.port + 11,
                proxy_api=self.port + 12,
                learner_proxy_api=self.port + 13,
                octet=self.octet,
                more=self.more,
            )
        )

    def run(self, *words: str, timeout: float = 1800, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Type `./isomo WORDS…`; what it says goes to the test's log as well."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "isomo"), *words],
            env=self.env,
            cwd=ROOT,
            text=True,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        print(f"$ ./isomo {' '.join(words)}\n{done.stdout}\n{done.stderr}")
        if check:
            assert done.returncode == 0, (
                f"./isomo {' '.join(words)} ended with {done.returncode}\n{done.stderr}"
            )
        return done

    def up(self) -> str:
        self.write_settings()
        return self.run("up").stdout

    def demo(self) -> dict[str, str]:
        """Make the demonstration people; returns a one-time sign-in link for each user name."""
        said = json.loads(self.run("demo", "--json").stdout.splitlines()[-1])
        self.links = {person["username"]: person["link"] for person in said["people"]}
        return self.links

    def down(self) -> None:
        self.run("down", check=False)
