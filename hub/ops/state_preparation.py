"""State that processes find when they start: database, built labs, the first administrator."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from hub import sign_in_links
from hub.isomo_settings import CHECKOUT, Settings
from hub.ops import process_list, terminal_output
from hub.ops.verb_sentences import _
from hub.store import Store
from hub.verb_errors import IsomoError

ADMINISTRATOR = "admin"
LINK_MINUTES = 15


def build_labs(settings: Settings) -> bool:
    """Build the labs into the state folder, if their sources have changed. Returns whether it did."""
    if not (CHECKOUT / "labs" / "authoring" / "__main__.py").exists():
        return False
    folder = settings.state / "labs"
    stamp = folder / ".built-from"
    wanted = process_list.sources_digest(folders=("labs",))
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "labs.authoring", "build", "--out", str(folder)]
    with terminal_output.long_step(_("Building the labs")).running():
        done = subprocess.run(command, cwd=CHECKOUT, text=True, capture_output=True, check=False)
    if done.returncode:
        last = "\n".join(f"  {text}" for text in (done.stdout + done.stderr).strip().splitlines()[-8:])
        raise IsomoError(
            _("The labs could not be built:\n{last}").format(last=last),
            _("Mend the lab that is named there, then run ./isomo up again."),
        )
    stamp.write_text(wanted)
    return True


def administrator_link(settings: Settings, store: Store) -> str | None:
    """Return a one-time link for the first administrator; None once they have chosen a password."""
    if store.people.get(ADMINISTRATOR) is None:
        store.people.add(
            ADMINISTRATOR, _("Administrator"), roles=["administrator"], language=settings.languages[0]
        )
    if store.people.password_hash(ADMINISTRATOR):
        return None
    token = sign_in_links.create_link_token(store, ADMINISTRATOR, "welcome", timedelta(minutes=LINK_MINUTES))
    return sign_in_links.link_address(settings, token)
