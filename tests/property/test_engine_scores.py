"""Our reading of a test cell's outputs is nbgrader's own."""

from typing import Any

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader import utils

from graders.engine import cell_scores

STREAM = st.builds(
    lambda name, text: {"output_type": "stream", "name": name, "text": text},
    st.sampled_from(["stdout", "stderr"]),
    st.text(),
)
ERROR = st.just({"output_type": "error", "ename": "E", "evalue": "", "traceback": []})
SHOWN = st.one_of(
    st.floats(allow_nan=True).map(repr),
    st.integers(-3, 12).map(str),
    st.sampled_from(["'3'", "np.float64(2.0)", "True", " 2 "]),
)
RESULT = st.builds(
    lambda text: {
        "output_type": "execute_result",
        "execution_count": 1,
        "data": {"text/plain": text},
        "metadata": {},
    },
    SHOWN,
)
DISPLAY = st.just({"output_type": "display_data", "data": {"text/plain": "3"}, "metadata": {}})
OUTPUTS = st.lists(st.one_of(STREAM, ERROR, RESULT, DISPLAY), max_size=5)


@settings(max_examples=300, deadline=None)
@given(OUTPUTS, st.integers(0, 10))
def test_every_kind_of_output_earns_what_nbgrader_gives(outputs: list[dict[str, Any]], points: int) -> None:
    cell = nbformat.v4.new_code_cell("assert x")
    cell.outputs = nbformat.from_dict(outputs)
    cell.metadata["nbgrader"] = nbformat.from_dict(
        {"grade": True, "solution": False, "points": points, "grade_id": "t"}
    )
    try:
        wanted = utils.determine_grade(cell)[0]
    except ValueError as error:
        wanted = str(error)
    try:
        found: float | str = cell_scores.earned_points(outputs, float(points))
    except ValueError as error:
        found = str(error)
    assert found == wanted


@given(st.text(), st.sampled_from(["code", "markdown"]), st.booleans(), st.booleans(), st.booleans())
def test_our_checksum_is_nbgraders(source: str, kind: str, grade: bool, solution: bool, locked: bool) -> None:
    source = source.encode("utf-8", "replace").decode()
    meta = {"grade_id": "t", "grade": grade, "solution": solution, "locked": locked, "points": 2}
    cell = nbformat.v4.new_code_cell(source) if kind == "code" else nbformat.v4.new_markdown_cell(source)
    cell.metadata["nbgrader"] = nbformat.from_dict(meta)
    assert cell_scores.cell_checksum(source, kind, meta) == utils.compute_checksum(cell)
