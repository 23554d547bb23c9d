"""nbgrader's feedback pages, made in formgrader or by hand, without hidden tests and what those tests printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from traitlets import Dict

from graders.nbgrader.formgrader.inert_notebooks import PageExporter
from graders.pages import hidden_tests
from labs.kit.kit_sentences import N_, kit_sentence, own_language

JUDGED = "# isomo-judge: "
"""How a judged test begins; its outputs are its judge's sentence. The judge's own reader is in no learner's image."""
HIDES = N_("Further tests of this task are not shown.")


class HideTests(ClearHiddenTests):
    """Takes hidden tests out of graded cells, and their outputs, which quote them; a judge's sentence stays.

    If the released notebook is at hand, what it lacks is hidden. Else the delimiters decide that `ClearHiddenTests`
    has, and those of nbgrader itself. A cell of the learner's own may contain anything.
    """

    withheld = Dict(help="Cells that learners got otherwise, by name, each with the text that they got.")
    judged = Dict(help="Names of judged tests, each with True.")

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Clear one cell."""
        del cell_index
        if not (utils.is_grade(cell) or utils.is_task(cell) or utils.is_locked(cell)) or utils.is_solution(
            cell
        ):
            return cell, resources
        name, before = str(cell.metadata.nbgrader.get("grade_id", "")), cell.source
        is_judged = name in self.judged or any(line.startswith(JUDGED) for line in before.splitlines())
        if name in self.withheld:
            cell.source = self.withheld[name]
        else:
            self._clear_regions(cell)
        if cell.cell_type == "code" and (name in self.withheld or cell.source != before) and not is_judged:
            cell.outputs = [new_output("stream", text=f"{kit_sentence(HIDES, own_language())}\n")]
        return cell, resources

    def _clear_regions(self, cell: Any) -> None:
        if utils.is_task(cell):
            _clear(
                cell,
                ClearMarkScheme(parent=self.parent),
                "_remove_mark_scheme_region",
                "begin_mark_scheme_delimeter",
            )
        if cell.cell_type == "code":
            _clear(cell, self, "_remove_hidden_test_region", "begin_test_delimeter")
        if hidden_tests.hides_part(cell.source):
            cell.source = hidden_tests.visible_text(cell.source)


def _clear(cell: Any, step: Any, remove: str, begin: str) -> None:
    """Take a region out with nbgrader's own step; a region that never ends reaches to the end of the cell."""
    before, found, _rest = cell.source.partition(getattr(step, begin))
    if not found:
        return
    try:
        getattr(step, remove)(cell)
    except RuntimeError:
        # It never ends, or begins twice: nothing after it is certain to be for learners.
        cell.source = before.rpartition("\n")[0]


class DiscreetFeedback(GenerateFeedback):
    """Configured as `GenerateFeedback`, of which it is one. Whatever else is configured, hidden tests go first, and
    nothing on the page runs.
    """

    def start(self) -> None:
        """Make the pages."""
        self.exporter_class = PageExporter
        super().start()

    def convert_notebooks(self) -> None:
        """Called when the exporter has the preprocessors that were configured."""
        self._hide_tests = HideTests(parent=self, enabled=True)
        self.exporter._preprocessors.insert(0, self._hide_tests)
        super().convert_notebooks()

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Look first at what learners of this notebook got."""
        names = self.init_single_notebook_resources(notebook_filename)["nbgrader"]
        source = self._cells(self.coursedir.source_directory, names)
        released = self._cells(self.coursedir.release_directory, names)
        self._hide_tests.withheld = (
            hidden_tests.withheld_cells(source, released) if source and released else {}
        )
        self._hide_tests.judged = {
            str(cell.metadata.nbgrader.grade_id): True
            for cell in source
            if utils.is_grade(cell) and any(line.startswith(JUDGED) for line in cell.source.splitlines())
        }
        super().convert_single_notebook(notebook_filename)

    def _cells(self, step: str, names: Any) -> list[Any]:
        """Return the cells of a notebook of the course; none if it is not there, or cannot be read."""
        path = Path(self.coursedir.format_path(step, ".", names["assignment"])) / f"{names['notebook']}.ipynb"
        try:
            return list(nbformat.reads(path.read_text("utf-8"), as_version=4).cells)
        except Exception:
            # Then the delimiters decide.
            return []
