"""Reads a notebook that a learner handed in, and fits it to its assignment before nbgrader's own steps."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError

from graders.contract import message_facts
from graders.contract.message_words import terminal_language, worded_message
from graders.engine import notebook_reading
from graders.engine.notebook_reading import NotANotebookError
from graders.nbgrader.terminal_sentences import _

LARGEST_FILE = 256 << 20
"""Bytes of a notebook with its outputs; without them the engine's own limit holds."""

OTHER_LANGUAGES = {"ir": "R", "irkernel": "R", "julia": "Julia", "xcpp": "C++", "scala": "Scala", "octave": "Octave",
                   "bash": "bash", "javascript": "JavaScript", "ijavascript": "JavaScript", "deno": "TypeScript",
                   "matlab": "MATLAB", "stata": "Stata", "sas": "SAS"}  # fmt: skip
"""Languages of kernels that are known by name, with whatever version follows it."""


def read_notebook(path: Path) -> Any:
    """Return the notebook at `path` as nbformat has it.

    Outputs are never used, so one that is large because of them is read without.

    Raises:
        NotANotebookError: it cannot be graded; the text says why.
    """
    if path.is_symlink():
        raise NotANotebookError(_("{file} is a link, and only files are graded.").format(file=path))
    if path.stat().st_size > LARGEST_FILE:
        raise NotANotebookError(message_facts.too_large(LARGEST_FILE))
    data = path.read_bytes()
    if len(data) > notebook_reading.LARGEST:
        data = without_outputs(data)
    notebook_reading.read_notebook(data)
    # As json.loads does: a byte-order mark, or UTF-16, says how the rest is written.
    return nbformat.reads(data.decode(json.detect_encoding(data), "surrogatepass"), as_version=4)


def without_outputs(data: bytes) -> bytes:
    """Return a notebook's text without outputs and the state of widgets; what cannot be parsed stays as it is."""
    try:
        notebook = json.loads(data)
        cells = notebook["cells"]
        for cell in cells:
            if "outputs" in cell:
                cell["outputs"] = []
        if isinstance(notebook.get("metadata"), dict):
            notebook["metadata"].pop("widgets", None)
        return json.dumps(notebook).encode()
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return data


def fit_cells(nb: Any, known: Mapping[str, str]) -> list[str]:
    """Take from cells that are not this assignment's what marks them; return the names of graded ones among them.

    `known` are the assignment's own cells by grade_id, each with its cell type, which is put back.

    Raises:
        NotANotebookError: cells are marked as graded, and none is this assignment's.
    """
    foreign: list[str] = []
    own = 0
    for cell in nb.cells:
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            continue
        grade_id = meta.get("grade_id") if isinstance(meta, dict) else None
        if isinstance(grade_id, str) and grade_id in known:
            own += 1
            _restore_type(cell, known[grade_id])
            continue
        if grade_id and meta.get("grade"):
            foreign.append(str(grade_id))
        del cell.metadata["nbgrader"]
    if foreign and not own:
        raise NotANotebookError(
            _(
                "Its graded cells ({cells}) are not in this assignment; it may be another assignment's notebook. "
                "Put the right file into its place, then grade again."
            ).format(cells=", ".join(foreign[:5]))
        )
    return foreign


def _restore_type(cell: Any, kind: str) -> None:
    if cell.cell_type == kind or kind not in ("code", "markdown", "raw"):
        return
    cell.cell_type = kind
    if kind == "code":
        cell.outputs, cell.execution_count = [], None
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def forget_copies(nb: Any) -> None:
    """Make a copy of a graded cell, which has lost its name, a cell like any other; stock ends the batch here."""
    for cell in nb.cells:
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]


def refuse_other_languages(nb: Any, kernels: KernelSpecManager) -> None:
    """Raise NotANotebookError for a notebook that is not Python.

    A kernel's name says little: Colab, VS Code, conda, PyCharm and Deepnote each have their own for Python.
    """
    language = language_of(nb.metadata, kernels)
    if language.lower() not in ("python", "ipython", "python3"):
        raise NotANotebookError(
            _(
                "It is written in {language}, and only Python is graded here. "
                "The submission is kept as it is; grade it by hand or with nbgrader's own engine."
            ).format(language=language)
        )


def language_of(metadata: Mapping[str, Any], kernels: KernelSpecManager) -> str:
    """Return the language of a notebook: Python if nothing says otherwise."""
    spec, info = metadata.get("kernelspec") or {}, metadata.get("language_info") or {}
    name = str(spec.get("name") or "").lower()
    bare = name.split("-")[0].rstrip("0123456789.")
    if bare in OTHER_LANGUAGES:
        return OTHER_LANGUAGES[bare]
    try:
        return str(kernels.get_kernel_spec(name).language) if name and "python" not in name else "python"
    except (NoSuchKernel, ValueError):
        return str(spec.get("language") or info.get("name") or "python")


def told_reason(error: Exception) -> str:
    """Return what a trainer reads: our sentences as they are, anything else with its traceback."""
    if isinstance(error, SchemaTooOldError | SchemaTooNewError):
        return _(
            "Its cells are marked in the format of another release of nbgrader. "
            "Save a copy, run `nbgrader update` on the file, then grade again."
        )
    if isinstance(error, notebook_reading.NotANotebookError):
        return worded_message(error.message, terminal_language())
    return "".join(traceback.format_exception(error))
