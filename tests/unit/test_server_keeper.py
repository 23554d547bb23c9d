"""The keeper ends when the hub asks it to, however the installation was started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

KEEPER = """
import asyncio
from hub.hub_process import server_keeper as keeper
async def keep(*_words):
    print("keeps", flush=True)
    await asyncio.sleep(60)
keeper.load_settings, keeper.keep_servers = (lambda: None), keep
keeper.main()
"""


IGNORES = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
"""Runs a command as a script's background job: it ignores interrupts."""


def test_the_keeper_of_an_installation_that_a_script_started_in_the_background_ends_when_it_is_asked() -> (
    None
):
    env = {**os.environ, "JUPYTERHUB_API_URL": "http://127.0.0.1:9", "JUPYTERHUB_API_TOKEN": "none"}
    with subprocess.Popen(
        [*IGNORES, sys.executable, "-c", KEEPER], env=env, stdout=subprocess.PIPE
    ) as keeper:
        assert keeper.stdout is not None
        try:
            assert keeper.stdout.readline() == b"keeps\n"
            keeper.send_signal(signal.SIGINT)
            assert keeper.wait(20) == 0
        finally:
            keeper.kill()
