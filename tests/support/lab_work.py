"""One lab in one edition of its data, and work handed in for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.contract.work_contract import Graded, Work
from labs.authoring import lab_mutants, notebook_making
from labs.authoring.lab_build import built_files
from labs.authoring.lab_mutants import Case
from labs.authoring.lab_spec import LABS, Lab, load_lab


@dataclass
class Edition:
    """A lab: its folder (a copy, where the data is another edition), built files, cases, data."""

    folder: Path
    lab: Lab
    files: dict[str, bytes]
    cases: list[Case]
    data: Path
    seed: str = ""

    def everywhere(self) -> list[Case]:
        """Return the cases that hold on this edition: those read off the learners' data hold on that alone."""
        return [case for case in self.cases if not (self.seed and case.here)]

    def work(self, notebook: bytes, answers: dict[str, Any] | None = None) -> Work:
        """Return a submission."""
        start = "release/en/"
        beside = {
            name.removeprefix(start): content
            for name, content in self.files.items()
            if name.startswith(start) and not name.endswith(".ipynb")
        }
        kept = None
        if answers is not None:
            kept = json.dumps({"schema": 1, "language": "en", "answers": answers}).encode()
        source = self.files[f"source/{self.lab.slug}.ipynb"]
        return Work("course", self.lab.slug, "amina.k", source, notebook, kept, beside)

    def blank(self) -> Work:
        """Handed in as it was released."""
        return self.work(self.files[f"release/en/{self.lab.slug}.ipynb"])

    def solved(self) -> Work:
        """Return the author's solution."""
        from labs.kit.checking import plain_data

        best = lab_mutants.best_answers(self.cases)
        answers = {
            task: {name: plain_data(value) for name, value in given.items()} for task, given in best.items()
        }
        return self.work(notebook_making.solved_notebook(self.lab), answers)


def edition(folder: Path, seed: str, data: Path, place: Path) -> Edition:
    """Return the lab in `folder`; with a seed, a copy whose hidden data the lab's own script made again."""
    if seed and (folder / "hidden.py").exists():
        copy = place / folder.name
        shutil.copytree(folder, copy)
        env = {**os.environ, "PYTHONPATH": str(LABS.parent), "ISOMO_DATA": str(data)}
        subprocess.run([sys.executable, str(copy / "hidden.py")], check=True, cwd=LABS.parent, env=env)
        folder = copy
    return Edition(
        folder, load_lab(folder), built_files(folder)[1], lab_mutants.read_mutants(folder), data, seed
    )


def errors(graded: Graded) -> list[str]:
    """Return every error that the graded notebook shows."""
    return [
        f"{output['ename']}: {output['evalue']}"
        for cell in json.loads(graded.notebook)["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]
