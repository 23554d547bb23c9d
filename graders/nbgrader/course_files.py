"""Files next to a submission's notebook: what of them goes into its sandbox."""

from __future__ import annotations

import fnmatch
import json
import mmap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from graders.contract.work_files import Content
from graders.engine.notebook_reading import NotANotebookError
from graders.nbgrader.terminal_sentences import _

MIB = 1 << 20


@dataclass(frozen=True)
class Nearby(Mapping[str, Content]):
    """Files by path below the notebook's folder; mapped from disk when asked for, so that none is held twice."""

    places: Mapping[str, Path | bytes]
    own: frozenset[str] = frozenset()
    """Those that the learner brought instead of the assignment."""
    left_out: tuple[str, ...] = ()
    """Names of the learner's own files for which there was no room."""
    size: int = 0

    def __getitem__(self, name: str) -> Content:
        place = self.places[name]
        return place if isinstance(place, bytes) else _mapped(place)

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def renewed(self, more: Mapping[str, bytes], leave: str) -> Nearby:
        """Return these files with others put over them, and one left out."""
        places = {name: place for name, place in {**self.places, **more}.items() if name != leave}
        return Nearby(places, self.own & places.keys(), self.left_out, self.size)


def _mapped(path: Path) -> Content:
    if not path.stat().st_size:
        return b""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@dataclass(frozen=True)
class Folders:
    """Places of a submission's files: as graded (the teacher's put over the learner's), as handed in, as released."""

    graded: Path
    submitted: Path
    source: Path
    released: Path
    ignored: tuple[str, ...] = ()
    hidden: frozenset[str] = field(default_factory=frozenset)
    """Names that are ours and nobody's file."""

    def nearby(self, largest: int) -> Nearby:
        """Collect the files next to a notebook, helper notebooks among them, up to `largest` bytes.

        nbgrader copies no notebooks, so they are taken as the learner handed them in; a released one that the
        learner left out is there as well. The teacher's own folder is never read: it holds solutions.

        Raises:
            NotANotebookError: the teacher's files alone are larger.
        """
        found = {name: path for name, path in _files(self.graded) if path.suffix != ".ipynb"}
        found = {name: path for name, path in found.items() if path.name not in self.hidden}
        released = dict(self._notebooks(self.released))
        found |= released | dict(self._notebooks(self.submitted))
        own = frozenset(name for name, path in found.items() if self._is_own(name, path, released))
        sizes = {name: path.stat().st_size for name, path in found.items()}
        room = largest - sum(size for name, size in sizes.items() if name not in own)
        if room < 0:
            raise NotANotebookError(
                _(
                    "The assignment's own files are over {size} MiB. "
                    "Set c.ForkAutograde.largest_files (in bytes) in nbgrader_config.py, then grade again."
                ).format(size=largest // MIB)
            )
        left_out = []
        for name in sorted(own, key=lambda one: (sizes[one], one)):
            room -= sizes[name]
            if room < 0:
                left_out.append(name)
        kept = {name: found[name] for name in sorted(found.keys() - set(left_out))}
        total = sum(sizes[name] for name in kept)
        return Nearby(kept, own & kept.keys(), tuple(left_out), total)

    def _notebooks(self, folder: Path) -> Iterator[tuple[str, Path]]:
        for name, path in _files(folder):
            parts = path.relative_to(folder).parts
            if path.suffix == ".ipynb" and not _is_ignored(parts, self.ignored):
                yield name, path

    def _is_own(self, name: str, path: Path, released: Mapping[str, Path]) -> bool:
        if path.suffix != ".ipynb":
            return not (self.source / name).is_file()
        return name not in released or not _says_the_same(path, released[name])


def plain_files(folder: Path) -> list[Path]:
    """Return the files below a folder; no link, and nothing behind one."""
    return [path for _name, path in _files(folder)]


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        steps = [path, *path.parents][: len(path.relative_to(folder).parts)]
        if path.is_file() and not any(step.is_symlink() for step in steps):
            yield str(path.relative_to(folder)), path


def _is_ignored(parts: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(
        fnmatch.fnmatch(part, pattern) for part in parts for pattern in (*patterns, ".ipynb_checkpoints")
    )


def _says_the_same(one: Path, other: Path) -> bool:
    """Return whether two notebooks have the same cells; opening and saving changes all else."""
    return one == other or _sources(one) == _sources(other)


def _sources(path: Path) -> list[tuple[str, str]]:
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        return [("unreadable", str(path))]
