"""What a lab's checks and judge have in common is written once; what cannot be put together is said with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labs.authoring.content_checks import Judge, check_lab
from labs.authoring.finding_report import LabError
from labs.authoring.judged_tests import CELL, RESERVED
from labs.authoring.lab_build import built_files
from labs.authoring.lab_mutants import Case
from labs.authoring.lab_spec import load_lab
from tests.support.small_lab import write

SHARED = '''"""In common."""

from __future__ import annotations

import math

from labs.kit.checking import not_yet, passed

ENOUGH = 2  # of the letters


def only_the_judge():
    return "nobody calls this"


def decided(found: int):
    """The verdict of check and judge alike."""
    return passed(found=found) if found >= math.floor(ENOUGH) else not_yet("low", found=found)
'''
CHECKS = '''"""What a learner may run."""

from labs.kit.checking import check
from shared import ENOUGH, decided


@check("v")
def bar_is_high(answers):
    return decided(ENOUGH)
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small lab, with a helper that its checks and its judge share."""
    made = write(tmp_path)
    (made / "shared.py").write_text(SHARED)
    (made / "checks.py").write_text(CHECKS)
    judge = (made / "judge.py").read_text()
    asked = judge.replace(
        'return passed(found=found) if found == 2 else not_yet("low", found=found)', "return decided(found)"
    )
    (made / "judge.py").write_text(asked.replace("\n\n\n", "\nfrom shared import decided\n\n\n", 1))
    return made


def test_a_learner_gets_one_file_that_needs_no_other(folder: Path) -> None:
    released = built_files(folder)[1]["release/fr/checks.py"].decode()
    space: dict[str, object] = {"__name__": "checks"}
    exec(compile(released, "checks.py", "exec"), space)
    assert space["bar_is_high"](None).outcome == "passed"
    assert not any(name.endswith("shared.py") for name in built_files(folder)[1])


def test_the_graders_cell_holds_as_much_of_it_as_the_judge_uses(folder: Path) -> None:
    notebook = json.loads(built_files(folder)[1]["source/count-letters.ipynb"])
    (cell,) = [c["source"] for c in notebook["cells"] if '"task": "v"' in "".join(c["source"])]
    text = "".join(cell)
    assert "def decided(found):" in text
    assert "ENOUGH = 2" in text
    assert "only_the_judge" not in text
    assert "from shared" not in text


def test_the_judge_finds_it_when_a_lab_is_checked(folder: Path) -> None:
    verdict = Judge(load_lab(folder)).verdict(Case("solution", "v", "passed", {"bar": 0.5}, 1))
    assert (verdict.outcome, verdict.facts) == ("passed", {"found": 2})


WRONG = {
    "a name that is not there": ("judge.py", "import decided", "import decided, other", "judge.py:3", "There is no 'other' in shared.py"),
    "another name for it": ("checks.py", "ENOUGH, decided", "ENOUGH as most, decided", "checks.py:4", "with the names as they are"),
    "the module itself": ("checks.py", "from shared import ENOUGH, decided", "import shared", "checks.py:4", "from shared import name"),
    "the same name twice": ("judge.py", "def counted", "def decided", "judge.py:2", "'decided' is in shared.py too"),
    "what is marked": ("shared.py", "def only_the_judge", '@judge("x")\ndef only_the_judge', "shared.py:13", "marked with @judge"),
    "the rest of the kit": ("shared.py", "import math", "from labs.kit import lab", "shared.py:5", "only labs.kit.checking"),
    "the builder's own name": ("judge.py", "def fails", "def verdict", "judge.py:3", "'verdict' is a name that the builder uses"),
    "the judge's own answers": ("shared.py", "ENOUGH = 2", "kept = ENOUGH = 2", "shared.py:9", "'kept' is a name that the builder uses"),
    "a name of the kit": ("shared.py", "def only_the_judge", "def number", "shared.py:12", "'number' is a name of labs.kit.checking"),
    "a name of Python": ("judge.py", "def fails", "def sum", "judge.py:3", "'sum' is a name of Python’s own"),
    "no Python": ("judge.py", "def fails(", "def fails((", "judge.py:3", "Python cannot read this"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_put_together_is_said_with_its_line(folder: Path, name: str) -> None:
    file, old, new, where, what = WRONG[name]
    path = folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(LabError) as raised:
        built_files(folder)
    lines = [line for line in str(raised.value).splitlines() if what in line]
    assert lines, str(raised.value)
    assert f"{folder.name}/{where}" in lines[0]


def test_every_name_in_the_builders_cell_is_reserved() -> None:
    """A new name in the cell is reserved by being there."""
    assert {"verdict", "drawn", "says", "found", "own", "_judge", "_mark", "hidden"} <= RESERVED
    assert "def verdict(" in CELL


def test_checking_a_lab_needs_no_shared_file(tmp_path: Path) -> None:
    assert check_lab(write(tmp_path), running=False).report is not None
