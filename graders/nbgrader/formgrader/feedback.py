"""nbgrader's feedback pages, made in formgrader or by hand, without hidden tests and what those tests printed."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests

JUDGED = "# isomo-judge: "
"""How a judged test begins; its outputs are its judge's sentence. The judge's own reader is in no learner's image."""
HIDES = "Further tests of this task are not shown."


class HideTests(ClearHiddenTests):
    """Takes hidden tests out of graded cells, and their outputs, which quote them; a judge's sentence stays.

    The delimiters are those of `ClearHiddenTests`. A cell of the learner's own may hold what it likes.
    """

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Clear one cell."""
        del cell_index
        if cell.cell_type != "code" or not utils.is_grade(cell) or utils.is_solution(cell):
            return cell, resources
        is_judged = any(line.startswith(JUDGED) for line in cell.source.splitlines())
        before, begin, _rest = cell.source.partition(self.begin_test_delimeter)
        if not begin:
            return cell, resources
        try:
            self._remove_hidden_test_region(cell)
        except RuntimeError:
            # It never ends, or begins twice: nothing after it is certain to be for learners.
            cell.source = before.rpartition("\n")[0]
        if not is_judged:
            cell.outputs = [new_output("stream", text=f"{HIDES}\n")]
        return cell, resources


class DiscreetFeedback(GenerateFeedback):
    """Configured as `GenerateFeedback`, of which it is one. Whatever else is configured, hidden tests go first."""

    def convert_notebooks(self) -> None:
        """Called when the exporter has the preprocessors that were configured."""
        self.exporter._preprocessors.insert(0, HideTests(parent=self, enabled=True))
        super().convert_notebooks()
