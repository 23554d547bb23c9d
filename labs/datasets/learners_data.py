"""The learners' data of this checkout, made when it is missing or when `labs/datasets` has changed since.

Everything that runs a lab outside an image asks here: checking, previewing, tests, and the hub's evaluation mode.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

SOURCES = Path(__file__).parent
DATA = SOURCES.parents[1] / ".isomo" / "data"
"""A link to the folder that was made last, so that a reader sees all of one edition or all of another."""

Make = Callable[[Path], None]


def ready_data(data: Path = DATA, sources: Path = SOURCES, make: Make | None = None) -> Path:
    """The folder with the learners' data, up to date; safe when several processes ask at once.

    `make` fills an empty folder; by default with every dataset. The folder made before is left to those who read it.
    """
    digest = sources_digest(sources)
    if current_digest(data) == digest:
        return data
    data.parent.mkdir(parents=True, exist_ok=True)
    with _alone(data):
        if current_digest(data) != digest:  # Else somebody made it while we waited.
            before = current_digest(data)
            _fill(_place(data, digest), make or _every_dataset)
            _point(data, _place(data, digest))
            _remove(data, keep={digest, before})
    return data


def sources_digest(sources: Path = SOURCES) -> str:
    """Twelve hex digits of everything that the data is made from."""
    total = hashlib.sha256()
    for path in sorted(sources.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
            name, content = path.relative_to(sources).as_posix().encode(), path.read_bytes()
            total.update(b"%d %s %d " % (len(name), name, len(content)) + content)
    return total.hexdigest()[:12]


def current_digest(data: Path = DATA) -> str:
    """Return the digest of what the data there was made from; empty if there is no data, or nobody knows."""
    start = f"{data.name}-"
    if not data.is_symlink() or not data.is_dir():
        return ""
    name = data.readlink().name
    return name.removeprefix(start) if name.startswith(start) else ""


def _place(data: Path, digest: str) -> Path:
    return data.with_name(f"{data.name}-{digest}")


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One process at a time; a lock that its owner's death releases."""
    with data.with_name(f"{data.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fill(place: Path, make: Make) -> None:
    """Make the folder aside, then give it its name: one that has the name is complete."""
    if place.is_dir():
        return
    aside = place.with_name(f".{place.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o755)
    aside.chmod(0o755)  # Sandboxes read it as another user, whatever the umask is.
    make(aside)
    aside.rename(place)


def _point(data: Path, place: Path) -> None:
    if data.is_dir() and not data.is_symlink():
        shutil.rmtree(data)  # As earlier versions left it.
    aside = data.with_name(f".{data.name}.link")
    aside.unlink(missing_ok=True)
    aside.symlink_to(place.name)
    aside.replace(data)


def _remove(data: Path, keep: set[str]) -> None:
    for other in data.parent.glob(f"{data.name}-*"):
        if other.name.removeprefix(f"{data.name}-") not in keep:
            shutil.rmtree(other, ignore_errors=True)


def _every_dataset(folder: Path) -> None:
    from labs.datasets import build, registry  # They need pandas, which asking does not.

    build.build_datasets(registry.datasets(), folder, "learner")
