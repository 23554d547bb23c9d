"""Files of Isomo that sandboxes may see: what learners import, the data they have, and nothing that judges them."""

from __future__ import annotations

from pathlib import Path

from graders.engine.sandbox_supervisor import PRELOAD, ROOT, Room

SEEN = ("labs/__init__.py", "labs/kit", "labs/datasets/__init__.py", "labs/datasets/loader.py")
DATA = "/opt/isomo/data"
"""Where learners' code finds its data, in a lab's container and here."""
PLACES = (Path(DATA), ROOT / ".isomo" / "data")
LOADED = ("labs.kit", "labs.datasets.loader")


def learners_room(data: Path | None = None) -> Room:
    """Return the sandbox of the labs: a learner's notebook finds what it finds in its own container.

    `data` is the folder of the learners' datasets, found by itself if none is named.
    """
    shown = [(str(ROOT / name), str(ROOT / name)) for name in SEEN if (ROOT / name).exists()]
    shown += [(str(place), DATA) for place in ((data,) if data else PLACES) if place.is_dir()][:1]
    return Room(preload=(*PRELOAD, *LOADED), shown=shown, sys_path=(str(ROOT),))
