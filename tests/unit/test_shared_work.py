"""Work that nbgrader repeats for each submission is done once for a batch, with the same results."""

from __future__ import annotations

import gc
import logging
from pathlib import Path

import jsonschema
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import find_all_files

from graders.nbgrader.shared_work import Listings, Validators, share_work, without_unheard


def test_metadata_that_is_wrong_is_refused_each_time_also_after_the_same_was_right() -> None:
    schema = {"type": "object", "properties": {"points": {"type": "number"}}, "required": ["points"]}
    looser = {"type": "object"}
    check = Validators().validate
    for _ in range(2):
        check({"points": 1}, schema)
        check({"points": "1"}, looser)
        for wrong in ({"points": "1"}, {}, []):
            with pytest.raises(jsonschema.ValidationError):
                check(wrong, schema)


def test_a_schema_that_is_seen_after_a_hundred_others_is_still_held_to() -> None:
    check = Validators().validate
    for number in range(150):
        check(number, {"type": "integer", "minimum": number})
        with pytest.raises(jsonschema.ValidationError):
            check(number - 1, {"type": "integer", "minimum": number})


def test_nbgraders_validator_of_metadata_is_made_once_and_refuses_each_notebook_that_is_wrong() -> None:
    validators = Validators()
    assert validators.of_metadata() is validators.of_metadata()
    twice = [new_code_cell(metadata={"nbgrader": metadata_of("same")}) for _ in range(2)]
    for _ in range(2):
        validators.of_metadata().validate_nb(new_notebook(cells=twice[:1]))
        with pytest.raises(jsonschema.ValidationError, match="Duplicate grade id"):
            validators.of_metadata().validate_nb(new_notebook(cells=twice))


def metadata_of(name: str) -> dict[str, object]:
    return {"schema_version": 3, "grade_id": name, "grade": True, "solution": False, "locked": True,
            "points": 1, "task": False}  # fmt: skip


def test_files_are_listed_as_nbgrader_lists_them_and_a_change_to_a_list_stays_with_who_made_it(
    tmp_path: Path,
) -> None:
    for name in ("data.csv", "lab.ipynb", "more/helper.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    listings = Listings()
    for exclude in (["*.ipynb"], ["*.csv"], None):
        wanted = sorted(find_all_files(str(tmp_path), exclude))
        for _ in range(2):
            found = listings.find_all_files(str(tmp_path), exclude)
            assert sorted(found) == wanted
            found.clear()


@pytest.mark.parametrize("is_adapted", [False, True])
@pytest.mark.parametrize(
    ("levels", "heard"),
    [
        ([logging.INFO], ["info", "warning"]),
        ([logging.ERROR, logging.DEBUG], ["debug", "info", "warning"]),
        ([logging.ERROR], []),
    ],
)
def test_a_log_says_the_same_when_records_that_nobody_hears_are_not_made(
    levels: list[int], heard: list[str], is_adapted: bool
) -> None:
    log = logging.Logger("course", logging.DEBUG)
    found: set[str] = set()
    made: list[str] = []
    log.addFilter(lambda record: made.append(record.getMessage()) or True)  # type: ignore[func-returns-value]
    for level in levels:
        handler = logging.Handler(level)
        handler.emit = lambda record: found.add(record.getMessage())  # type: ignore[method-assign]
        log.addHandler(handler)
    with without_unheard(logging.LoggerAdapter(log) if is_adapted else log):
        for name in ("debug", "info", "warning"):
            getattr(log, name)(name)
    assert sorted(found) == sorted(heard) == sorted(made)
    assert log.level == logging.DEBUG


def test_a_log_without_handlers_of_its_own_is_heard_by_those_above_it() -> None:
    above, log = logging.Logger("above", logging.DEBUG), logging.Logger("above.course", logging.DEBUG)
    log.parent = above
    found: list[str] = []
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    above.addHandler(handler)
    with without_unheard(log):
        log.info("heard")
        log.debug("not heard")
    assert found == ["heard"]


class OwnPlugin(LateSubmissionPlugin):
    """A course's own way with late work."""


@pytest.mark.parametrize(("kind", "is_kept"), [(LateSubmissionPlugin, True), (OwnPlugin, False)])
def test_nbgraders_plugin_for_late_work_is_made_once_and_a_courses_own_for_each_notebook(
    kind: type[LateSubmissionPlugin], is_kept: bool
) -> None:
    steps = [AssignLatePenalties(plugin_class=kind) for _ in range(2)]
    with share_work(logging.getLogger("batch")):
        made = []
        for step in (*steps, *steps):
            step.init_plugin()
            assert type(step.plugin_inst) is kind
            made.append(step.plugin_inst)
    assert (made[:2] == made[2:]) == is_kept
    assert made[0] is not made[1]


def test_garbage_is_collected_as_before_once_a_batch_has_ended() -> None:
    before = gc.get_threshold()
    with share_work(logging.getLogger("batch")):
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before
