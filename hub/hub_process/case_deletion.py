"""Delete old cases of shared applications, also of those that do not run: the keeper does it once a day."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time

from hub.hub_process.project_servers import application_server, cases_environment
from hub.hub_process.server_lease import LEASE_FILE, LEASE_SECONDS, lease_age
from hub.isomo_settings import CHECKOUT, Settings
from hub.store import Store

EVERY_SECONDS = 24 * 3600
LONGEST_SECONDS = 300

log = logging.getLogger("keeper")


def delete_old_cases(settings: Settings) -> int:
    """Let each application's own program delete its old cases; return how many cases it touched.

    It runs with the application's user number, and sees nothing but the application's folder.
    """
    store = Store.open(settings)
    try:
        projects = store.projects.all()
    finally:
        store.database.engine.dispose()
    deleted = 0
    for project in projects:
        server = application_server(project)
        folder = server.folder(settings)
        if not folder.is_dir() or lease_age(folder / LEASE_FILE, time.time()) <= LEASE_SECONDS:
            continue  # One that runs on another machine of a Swarm deletes its cases itself.
        command = [sys.executable, "-m", "labs.prototype_kit.application.entry_deletion", str(folder)]
        if os.geteuid() == 0 and not settings.evaluate:
            command += ["--user", str(server.user), "--group", str(server.group)]
        try:
            done = subprocess.run(
                command,
                cwd=CHECKOUT,
                env=cases_environment(settings),  # The keeper's own holds its token.
                capture_output=True,
                text=True,
                timeout=LONGEST_SECONDS,
                check=True,
            )
            deleted += int(done.stdout)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1:]
            log.warning("cases-not-deleted project=%s reason=%r", project.name, said)
    return deleted
