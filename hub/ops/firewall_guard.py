"""`python -m hub.ops.firewall_guard`: checks the firewall rules every few seconds, and brings them back.

An engine that starts again, or another program, may drop or reorder rules; learners' containers must not notice. It
also mounts the images of homes and projects once at its start, which is the start of the machine.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from types import FrameType

from hub import container_engine, home_images, home_limits
from hub.hub_process import hub_turn, server_networks, swarm_door
from hub.isomo_settings import Settings, load_settings
from hub.ops import docker_daemon, host_firewall
from hub.verb_errors import IsomoError

EVERY_SECONDS = 2.0

log = logging.getLogger("guard")


def one_round(settings: Settings) -> None:
    """Look once, and say what was brought back."""
    try:
        for tool in host_firewall.ensure_rules(settings):
            log.warning("rules-restored tool=%s chain=%s", tool, host_firewall.chain_name(settings))
        if settings.spawner == "swarm":
            client = container_engine.from_env()
            if swarm_door.renew_door(client, settings):
                log.warning("door-renewed name=%s", swarm_door.door_name(settings))
                if hub_turn.has_turn(settings):
                    server_networks.join_all(client, settings)
            for name in swarm_door.ensure_ways(client, settings):
                log.warning("way-restored name=%s", name)
            client.close()
    except IsomoError as error:
        log.error("rules-failed reason=%s", error.message)
    except (*docker_daemon.FAILURES, swarm_door.DoorError) as error:
        log.error("door-failed reason=%s", error)


def main() -> int:
    """Look until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = load_settings()
    over = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        over.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if home_limits.may_set_limits():
        home_images.mount_all(settings)
    log.info("guard-started bridge=%s", settings.network.bridge)
    while not over.is_set():
        one_round(settings)
        over.wait(EVERY_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
