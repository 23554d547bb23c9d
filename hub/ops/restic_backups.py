"""restic, the program that keeps encrypted backups: one repository, driven through its command line."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.isomo_settings import Settings
from hub.ops.verb_sentences import _
from hub.private_files import make_private_file, make_private_folder
from hub.verb_errors import IsomoError

NO_REPOSITORY = 10
"""Exit code of newer versions of restic; older ones only say it."""
SOME_UNREADABLE = 3
"""Exit code when a file vanished or could not be read while the rest was kept."""


@dataclass(frozen=True)
class Repository:
    """A restic repository: where it is, the file with its password, and a cache folder."""

    place: str
    password_file: Path
    cache: Path | None = None

    def run(self, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run `restic WORDS…`. Raises IsomoError if restic is not installed."""
        program = shutil.which("restic")
        if program is None:
            raise IsomoError(
                _("restic is not installed; it keeps the encrypted backups."),
                _("Install it, then try again: apt install restic"),
            )
        env = {
            **os.environ,
            "RESTIC_REPOSITORY": self.place,
            "RESTIC_PASSWORD_FILE": str(self.password_file),
            **({"RESTIC_CACHE_DIR": str(self.cache)} if self.cache else {}),
        }
        cached = [] if self.cache else ["--no-cache"]
        return subprocess.run(
            [program, *cached, *words], cwd=cwd, env=env, capture_output=True, text=True, check=False
        )

    def must(self, *words: str, cwd: Path | None = None) -> str:
        """Run `restic WORDS…` and return its output. Raises IsomoError with its last words if it fails."""
        done = self.run(*words, cwd=cwd)
        if done.returncode:
            raise restic_error(words[0], done)
        return done.stdout

    def ensure(self) -> bool:
        """Make the repository if there is none yet; return whether it was made."""
        found = self.run("cat", "config")
        if found.returncode == 0:
            return False
        if found.returncode != NO_REPOSITORY and "Is there a repository" not in found.stderr:
            raise restic_error("cat", found)
        self.must("init")
        return True

    def snapshots(self, tag: str) -> list[dict[str, Any]]:
        """Return the snapshots with `tag`, the oldest first."""
        found: list[dict[str, Any]] = json.loads(self.must("snapshots", "--json", "--tag", tag)) or []
        return sorted(found, key=lambda each: str(each["time"]))


def restic_error(what: str, done: subprocess.CompletedProcess[str]) -> IsomoError:
    """Return the error for a run of restic that did not end well."""
    said = done.stderr.strip()
    if "wrong password" in said:
        return IsomoError(
            _("The password does not open this backup."),
            _("Name the file that holds the right one: password_file in [backup], or --password-file FILE"),
        )
    last = "\n".join(f"  {line}" for line in said.splitlines()[-3:])
    return IsomoError(
        _("restic {what} failed:\n{last}").format(what=what, last=last),
        _("Check that the place of the backups can be reached and has room, then try again."),
    )


def repository_of(settings: Settings) -> Repository:
    """Return the repository that `[backup]` names. Raises IsomoError if it names none."""
    chosen = settings.backup
    if chosen.repository is None:
        raise IsomoError(
            _("isomo.toml names no place for backups."),
            _('Add a section [backup] with a line such as repository = "/mnt/backup/isomo", then try again.'),
        )
    cache = make_private_folder(settings.state / "run" / "restic-cache")
    return Repository(chosen.repository, password_file(settings), cache)


def password_file(settings: Settings) -> Path:
    """Return the file with the backups' password; one is made with the other keys if none is named."""
    named = settings.backup.password_file
    if named is not None:
        return named
    kept = make_private_folder(settings.state / "keys") / "backup_password"
    if not kept.exists():
        make_private_file(kept)
        kept.write_text(secrets.token_hex(24) + "\n", "ascii")
    return kept
