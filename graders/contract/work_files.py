"""Files next to a notebook on their way into a sandbox: encoded when they are sent, in parts that fit a frame."""

from __future__ import annotations

import base64
import hashlib
import mmap
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Protocol

PART = 6 << 20
"""Bytes of one part: a multiple of three, so that its base64 can be joined, and far below a frame's limit."""

Content = bytes | mmap.mmap


class Asks(Protocol):
    """A sandbox that takes orders."""

    def ask(self, order: dict[str, Any], seconds: float) -> Any:
        """Send one order and wait for its answer."""
        ...


class Encoded(Mapping[str, str]):
    """Files by path, in base64. Holds the files as they were given (they may be mapped from disk), not their base64."""

    def __init__(self, files: Mapping[str, Content]) -> None:
        self._files = {name: data for name, data in files.items() if _is_safe(name)}

    def __getitem__(self, name: str) -> str:
        return "".join(self.parts(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def parts(self, name: str) -> Iterator[str]:
        """Yield a file's base64 part by part; one empty part for an empty file."""
        data = self._files[name]
        for start in range(0, len(data) or 1, PART):
            yield base64.b64encode(data[start : start + PART]).decode()

    def without(self, name: str) -> Encoded:
        """Return the same files without one of them."""
        return Encoded({key: data for key, data in self._files.items() if key != name})


def files_fingerprint(files: Mapping[str, str]) -> str:
    """Return one digest of all names and contents."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(files):
        digest.update(f"\0{name}\0".encode("utf-8", "surrogatepass"))
        for part in _parts(files, name):
            digest.update(part.encode())
    return digest.hexdigest()


def send_files(sandbox: Asks, files: Mapping[str, str], own: list[str], seconds: float = 30.0) -> None:
    """Write files into a sandbox's working folder; `own` are those that the learner brought.

    Small files share an order; a large one takes several, each of which may last `seconds`.
    """
    together: dict[str, str] = {}
    size = 0
    most = PART * 4 // 3
    for name in sorted(files):
        for number, part in enumerate(_parts(files, name)):
            if together and (number or size + len(part) > most):
                _send(sandbox, together, own, seconds)
                together, size = {}, 0
            if number:
                _send(sandbox, {name: part}, own, seconds, append=True)
            else:
                together[name] = part
                size += len(part)
    if together:
        _send(sandbox, together, own, seconds)


def _send(
    sandbox: Asks, files: dict[str, str], own: list[str], seconds: float, *, append: bool = False
) -> None:
    order = {"do": "files", "files": files, "own": [name for name in own if name in files], "append": append}
    sandbox.ask(order, seconds)


def _parts(files: Mapping[str, str], name: str) -> Iterator[str]:
    if isinstance(files, Encoded):
        yield from files.parts(name)
        return
    text, most = files[name], PART * 4 // 3
    for start in range(0, len(text) or 1, most):
        yield text[start : start + most]


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and len(name) < 500
