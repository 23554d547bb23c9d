"""A built lab as its learners will read it: texts and code of its notebook; nothing runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.campus import submitted_notebook
from hub.campus.file_bundles import for_language


@dataclass(frozen=True)
class PreviewCell:
    """One cell: its text, whether it is code, and what its task is worth; None where it earns nothing."""

    text: str
    is_code: bool
    points: float | None = None


def preview_cells(
    release: Mapping[str, bytes], lab: str, language: str, languages: list[str]
) -> list[PreviewCell]:
    """Return the cells of a lab's notebook in one language, English where it has no other. Raises Problem."""
    files = for_language(release, language, languages)
    found = []
    for name in submitted_notebook.main_names(files, lab):
        for cell in submitted_notebook.read_notebook(files[name], name)["cells"]:
            source = cell.get("source", "")
            text = source if isinstance(source, str) else "".join(source)
            about = cell.get("metadata", {}).get("nbgrader", {})
            points = about.get("points") if isinstance(about, dict) and about.get("grade") else None
            found.append(PreviewCell(text, cell.get("cell_type") == "code", points))
    return found
