"""Delete what was entered into an application before its time: `python -m labs.prototype_kit.application.entry_deletion STATE`.

The application does this by itself while it runs; the hub does it for applications that nobody opens, or that are off.
Standard library only, so that any Python of the host can run it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from pathlib import Path

from labs.prototype_kit.application.case_store import FILE, KEEP_DAYS, CaseStore


def forget_old(state: Path) -> int:
    """Delete what was entered more than 180 days ago; return how many cases it touched."""
    path = state / FILE
    if path.is_symlink() or not path.is_file():
        return 0
    store = CaseStore(state)
    try:
        return store.forget(dt.datetime.now(dt.UTC) - dt.timedelta(days=KEEP_DAYS))
    finally:
        store.close()


def enter_as_owner(folder: Path, user: int, group: int) -> None:
    """Lock this process into a folder as its owner: the application writes that folder, so nothing in it is trusted."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    os.fchdir(opened)
    os.close(opened)
    os.chroot(".")
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def main() -> None:
    """Read the command line, and delete."""
    words = argparse.ArgumentParser(prog="forget")
    words.add_argument("state", type=Path)
    words.add_argument("--user", type=int, help="number of the user that owns STATE; needs root")
    words.add_argument("--group", type=int, help="number of its group")
    asked = words.parse_args()
    state = asked.state
    if asked.user is not None:
        enter_as_owner(state, asked.user, asked.group)
        state = Path("/")
    sys.stdout.write(f"{forget_old(state)}\n")


if __name__ == "__main__":
    main()
