"""Delete a project's data, and prove it: what was there, by its hash, and that no copy of it is left in the project."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.model_file import file_hash
from labs.prototype_kit.data_intake import ACCESS, FACTS, note_access, person_here
from labs.prototype_kit.shared_edits import hold_folder

PROOF = "deletion.json"
KEPT = frozenset({ACCESS, PROOF})
"""What stays in `data/`: who had access, and the proof itself. Neither holds a row."""


@dataclass(frozen=True)
class Deleted:
    """What was deleted, and files elsewhere in the project that have the same content."""

    files: int
    copies: list[str]


def must_be_kept_still(project: Path, today: dt.date | None = None) -> None:
    """Raise PrototypeError if the data's time is over."""
    until = str(_facts(project).get("keep_until", ""))
    if until and str(today or dt.datetime.now(dt.UTC).date()) > until:
        raise PrototypeError(
            N_(
                "This data was to be kept until {day}. Delete it: isomo prototype data --delete. If it may be kept longer, write the new day as keep_until into data/intake.toml and confirm again."
            ),
            day=until,
        )


def delete_data(project: Path) -> Deleted:
    """Delete all in `data/` but its log; write `data/deletion.json`. Raises PrototypeError if there is no data."""
    folder = project / "data"
    with hold_folder(project):
        files = [path for path in _files(folder) if path.name not in KEPT]
        if not files:
            raise PrototypeError(N_("There is no data here to delete."))
        facts = _facts(project)
        gone = {str(path.relative_to(project)): file_hash(path) for path in files}
        for path in files:
            path.unlink()
        hashes = set(gone.values()) | {str(facts.get("source_sha256", ""))}
        copies = [str(path.relative_to(project)) for path in _files(project) if _is_copy(path, hashes)]
        proof = {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "by": person_here(),
            "rows": facts.get("rows", 0),
            "deleted": gone,
            "left_there": [name for name in gone if (project / name).exists()],
            "copies_found": copies,
        }
        (folder / PROOF).write_text(json.dumps(proof, indent=1, ensure_ascii=False) + "\n", "utf-8")
    note_access(
        project, "deleted", f"{len(gone)} files, {facts.get('rows', 0)} rows; {len(copies)} copies found"
    )
    return Deleted(len(gone), copies)


def _facts(project: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((project / "data" / FACTS).read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _is_copy(path: Path, hashes: set[str]) -> bool:
    return path.stat().st_size > 0 and file_hash(path) in hashes
