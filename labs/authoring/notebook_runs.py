"""Runs a lab's notebooks as a grader would: the teacher's cells as they are, the learner's cells as handed in."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labs.authoring import notebook_making
from labs.authoring.lab_spec import Lab
from labs.datasets.learners_data import DATA
from labs.kit.checking import plain_data
from labs.kit.home_files import as_json
from labs.kit.lab_facts import ANSWERS

ROOT = Path(__file__).resolve().parents[2]
MEMORY = (
    "print(open('/proc/self/status').read() if __import__('os').path.exists('/proc/self/status') else '')"
)
"""Asked in the kernel itself: what its parent knows of it includes the parent."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Ran:
    """Outcome of a run: marks by task, errors by cell, all that was printed."""

    marks: dict[str, float] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    most: float = 0.0
    memory: float = 0.0
    """The most that the kernel ever held, in MiB; 0 if the system does not say."""

    @property
    def total(self) -> float:
        """All marks together."""
        return sum(self.marks.values())


def run_blank(lab: Lab, files: dict[str, bytes]) -> Ran:
    """Run the lab as released to its end, as by a learner who answers nothing, then grade it."""
    released = _joined(files[f"release/en/{lab.slug}.ipynb"])
    seen = _run(lab, files, released, {}, {})
    ran = _run(lab, files, _graded_form(lab, files, released), {}, {"NBGRADER_EXECUTION": "autograde"})
    ran.errors = {**seen.errors, **ran.errors}
    ran.memory = max(seen.memory, ran.memory)
    return ran


def run_solved(lab: Lab, files: dict[str, bytes], answers: dict[str, dict[str, Any]]) -> Ran:
    """Grade the solved lab."""
    handed_in = _joined(notebook_making.solved_notebook(lab))
    source = _graded_form(lab, files, handed_in)
    return _run(lab, files, source, answers, {"NBGRADER_EXECUTION": "autograde"})


def _graded_form(lab: Lab, files: dict[str, bytes], handed_in: dict[str, Any]) -> dict[str, Any]:
    """Return the grader's notebook with the learner's own cells in it."""
    wrote = {cell["id"]: cell["source"] for cell in handed_in["cells"]}
    source = _joined(files[f"source/{lab.slug}.ipynb"])
    for cell in source["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("solution") or not about:
            cell["source"] = wrote[cell["id"]]
    return source


def _joined(notebook: bytes) -> dict[str, Any]:
    """Return a notebook whose sources are text, not lines."""
    import nbformat

    return dict(nbformat.reads(notebook.decode(), 4))


def _run(
    lab: Lab, files: dict[str, bytes], notebook: dict[str, Any], answers: dict[str, Any], env: dict[str, str]
) -> Ran:
    import nbformat
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory() as home:
        place = Path(home) / "labs" / lab.slug
        for name, content in files.items():
            if name.startswith("release/en/"):
                path = place / name.removeprefix("release/en/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        if answers:
            kept = {"schema": 1, "language": "en", "answers": plain_data(answers)}
            (place / ANSWERS).write_bytes(as_json(kept))
        made = nbformat.from_dict(notebook)
        made.cells.append(nbformat.v4.new_code_cell(MEMORY, id="memory"))
        resources = {"metadata": {"path": str(place)}}
        quiet = ["--log-level=ERROR"]  # A kernel on this machine alone need not warn of its neighbours.
        client = NotebookClient(
            made, timeout=120, allow_errors=True, resources=resources, extra_arguments=quiet
        )
        client.execute(env=_env(home, env))
    return _read(made)


def _env(home: str, more: dict[str, str]) -> dict[str, str]:
    env = {
        **os.environ,
        "HOME": home,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": "1",
    }
    env.setdefault("ISOMO_DATA", str(DATA))
    for name in ("ISOMO_CAMPUS_URL", "NBGRADER_EXECUTION", "JPY_SESSION_NAME", "ISOMO_LANG"):
        env.pop(name, None)
    return env | more


def _read(notebook: Any) -> Ran:
    ran = Ran()
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code":
            continue
        if cell.id == "memory":
            ran.memory = _memory(cell)
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                ran.errors[cell.id] = COLOUR.sub("", f"{output.ename}: {output.evalue}")[:300]
        if about.get("grade"):
            ran.most += about["points"]
            ran.marks[about["grade_id"]] = _mark(cell)
            ran.printed[about["grade_id"]] = "".join(
                o.text for o in cell.outputs if o.output_type == "stream"
            )
    return ran


def _memory(cell: Any) -> float:
    said = "".join(output.text for output in cell.outputs if output.output_type == "stream")
    found = re.search(r"VmHWM:\s*(\d+) kB", said)
    return int(found[1]) / 1024 if found else 0.0


def _mark(cell: Any) -> float:
    """nbgrader's own rule: an error or text on stderr is 0, a number shown is the mark, else all points."""
    for output in cell.outputs:
        if output.output_type == "error" or (output.output_type == "stream" and output.name == "stderr"):
            return 0.0
        if output.output_type == "execute_result":
            return float(output.data["text/plain"])
    return float(cell.metadata["nbgrader"]["points"])
