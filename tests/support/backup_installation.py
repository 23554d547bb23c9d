"""An installation with work in it and a place for its backups, for the tests of backup, restore and upgrade."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hub.isomo_settings import Settings, load_settings
from hub.store import Store
from tests.conftest import missing
from tests.support.small_stores import LEARNERS, RIGHT, WRONG, fill, hand_in

PORTS = "\n[ports]\nhub = 28481\ncampus = 28482\nproxy_api = 28483\nlearner_proxy_api = 28484\n"


def need_restic() -> None:
    """Skip on a developer's machine without restic; fail where CI is set."""
    if not shutil.which("restic"):
        missing("restic")


class Installed:
    """A state folder with people, attempts and homes, and the settings file that names it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, database: str = "sqlite") -> None:
        self.folder, self.monkeypatch, self.database = folder, monkeypatch, database
        self.password = folder / "backup-password"
        folder.mkdir(parents=True, exist_ok=True)
        self.password.write_text("four plain words here\n")
        monkeypatch.delenv("ISOMO_STATE", raising=False)
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        self.settings = self.use(folder / "state")
        self.store: Store = fill(Store.migrate(self.settings))
        self.receipts = [self._work(name, content) for name in LEARNERS for content in (WRONG, RIGHT)]
        home = self.settings.state / "homes" / "0a1b2c"
        home.mkdir(parents=True)
        (home / "notes.txt").write_text("half a sentence")

    def _work(self, learner: str, content: bytes) -> dict[str, object]:
        return self.store.attempts.receipt(hand_in(self.store, learner, content)[0])

    def use(self, state: Path, database: str | None = None) -> Settings:
        """Write the settings file for `state` and read it as every verb does."""
        file = self.folder / "isomo.toml"
        file.write_text(
            f'project = "drill"\nstate = "{state}"\ndatabase = "{database or self.database}"\n'
            f'address = "http://127.0.0.1:28485"\n{PORTS}\n'
            f'[backup]\nrepository = "{self.folder / "repository"}"\npassword_file = "{self.password}"\n'
        )
        self.monkeypatch.setenv("ISOMO_SETTINGS", str(file))
        self.settings = load_settings(file)
        return self.settings

    def keep_receipts(self) -> list[Path]:
        """Write each receipt into a file, as learners keep theirs."""
        files = []
        for number, receipt in enumerate(self.receipts):
            files.append(self.folder / f"receipt-{number}.json")
            files[-1].write_text(json.dumps(receipt))
        return files
