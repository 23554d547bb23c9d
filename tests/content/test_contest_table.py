"""Lab "Should this be AI at all?", its last task: what the table says is what the check counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from labs.authoring import content_checks
from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import LABS
from labs.datasets.learners_data import ready_data
from labs.kit.checking import answers_of
from labs.kit.lab_progress import lab_checks

LAB = LABS / "06-should-this-be-ai"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The lab's `checks.py`, whose words are the names of the lab's sentences."""
    ready_data()
    place = tmp_path_factory.mktemp("lab")
    content_checks.lay_out(built_files(LAB)[1], place)
    module = lab_checks(place, LAB.name[3:])
    assert module
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module.lab, "say", lambda key, **facts: f"{key}={facts['n']}" if facts else key)
        yield module


@pytest.mark.parametrize("where", ["letters", "urgent"])
@pytest.mark.parametrize("learnt", ["3000", "1000", "300", "150", "80", "40"])
def test_the_table_says_ahead_or_behind_and_the_check_counts_as_the_table_shows(
    desk: ModuleType, where: str, learnt: str
) -> None:
    answers = answers_of({"desk": where, "learnt": learnt}, {})
    (table,) = desk.contest_now(answers)
    found = re.search(r"(ahead|behind)\W+points=(-?\d+)", table.text)
    assert found
    place, points = found[1], int(found[2])
    assert points >= 0
    verdict = desk.rule_wins(answers).key
    if verdict in ("passed", "too-few-to-count"):
        assert place == "ahead"
        assert points >= 10
    elif verdict == "nearly-the-same":
        assert place == "behind" or points < 10
    elif verdict == "model-wins-here":
        assert place == "behind"
    else:
        assert (verdict, where, learnt) == ("not-attempted", "letters", "3000")


def test_the_shown_figure_decides_at_the_edge(desk: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for ahead, key in ((0.0951, "passed"), (0.0949, "nearly-the-same"), (0.1049, "passed")):
        shares = {"rule_share": 0.5 + ahead, "model_share": 0.5, "learnt": 150}
        monkeypatch.setattr(desk, "contest", lambda *_, shares=shares: shares)
        answers = answers_of({"desk": "urgent", "learnt": "150"}, {})
        assert desk.rule_wins(answers).key == key
        assert ("points=10" in desk.contest_now(answers)[0].text) == (key == "passed")
