"""Images that an office's own configuration names: the filter before the container engine lets them start."""

from __future__ import annotations

from hub.isomo_settings import parse_settings
from hub.ops import container_filter

IMAGE = "try-lab:0123456789ab"


def test_an_image_that_the_offices_own_files_name_passes_without_being_named_twice(tmp_path, monkeypatch):
    settings = parse_settings(
        {"project": "try", "state": str(tmp_path / "state"), "engine": {"images": ["own"]}}
    )
    monkeypatch.setenv("ISOMO_SETTINGS", str(tmp_path / "isomo.toml"))
    monkeypatch.setenv("ISOMO_LAB_IMAGE", IMAGE)
    pinned = f"registry.office:5000/lab@sha256:{64 * 'a'}"
    files = {
        "jupyterhub_config.d/20-image.py": f'"""Our images."""\nc.LabSpawner.image = "office-lab:1"\nx = {pinned!r}\n',
        "jupyterhub_config.d/30-broken.py": 'c.LabSpawner.image = = "never:1"',
        # The hub can write this one.
        "state/jupyterhub_config.d/10-own.py": 'c.LabSpawner.image = "hostile:1"',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert container_filter.policy_of(settings).images == {IMAGE, "own", "office-lab:1", pinned}
