"""JupyterHub reads this: load the settings, then fill its configuration from them."""

from functools import lru_cache

from hub.hub_process.hub_turn import wait_for_turn
from hub.hub_process.jupyterhub_setup import configure_hub, prepare_database
from hub.hub_process.office_config import add_office_config
from hub.hub_process.spare_networks import prepare_networks
from hub.isomo_settings import load_settings
from hub.ops.local_images import bench_image, lab_image
from hub.secret_keys import Secrets
from hub.store import Store

settings = load_settings()
settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
prepare_database(settings)
wait_for_turn(settings)
prepare_networks(settings)
directory = lru_cache(lambda: Store.open(settings))  # Opened when the first person needs it.

c = get_config()  # noqa: F821 - JupyterHub's
image = "" if settings.evaluate else lab_image(settings)
configure_hub(c, settings, Secrets.load(settings), directory=directory, image=image)
c.LabSpawner.bench_image = bench_image(settings)
add_office_config(c, settings)
