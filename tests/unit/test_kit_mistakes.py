"""Errors that beginners meet get a sentence in plain words, in their language."""

from __future__ import annotations

import contextlib
import io
import sys

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from labs.kit.beginner_errors import Explainer, listen_for_errors
from labs.kit.show import folded

CELLS = [
    {"id": "one", "cell_type": "code", "source": "cases = 1\nimport pandas as pd"},
    {"id": "two", "cell_type": "code", "source": "def scores_of(x):\n    return x"},
    {"id": "broken", "cell_type": "code", "source": "def ("},
    {"id": "here", "cell_type": "code", "source": "…"},
    {"id": "below", "cell_type": "code", "source": "later = 2"},
]
TABLE = pd.DataFrame({"district": [1], "channel": [2]})


def explained(source: str, names: dict[str, object] | None = None, language: str = "en") -> str | None:
    """What is said when a cell with this source is run."""
    space = dict(names or {})
    try:
        exec(compile(source, "cell", "exec"), space)
    except Exception as error:
        known = [name for name in space if name != "__builtins__"]
        return Explainer(language, known, CELLS, "here").explain(error, sys.exc_info()[2])
    raise AssertionError("it did not fail")


SAID = {
    "print(cases)": "It is made 3 cells up, which has not been run since the notebook was started.",
    "print(later)": "It is made in a cell further down, which has not been run",
    "print(scores_ov)": "Did you mean `scores_of`, 2 cells up?",
    "print(quite_another)": "Python does not know `quite_another`. Check its spelling",
    "print((1)": "In line 1 a bracket is opened and never closed: `(`. Add its partner.",
    "print(1))": "there is a closing bracket too many: `)`",
    "x = 'half": "a text begins and does not end. Add the missing quotation mark.",
    "bar = 0,06": "Write it with a point: 0.06 and not 0,06.",
    "if True\n    x = 1": "At the end of line 1 a colon is missing.",
    "if x = 1:\n    pass": "`=` gives a name, `==` compares.",
    "  x = 1": "Line 1 begins with too many or too few spaces.",
    "x = = 1": "Python cannot read line 1.",
    "1 / 0": "Here something is divided by zero.",
    "import pandsa": "There is no library called `pandsa` here.",
    "open('cases.csv')": "There is no file `cases.csv` here.",
    "table['distrikt']": "The table has no column `distrikt`. Did you mean `district`?",
    "table['zzz']": "Its columns are: district, channel.",
    "None.head()": "Here something is used that is still empty (`None`).",
    "None + 1": "Did a cell above that fills it run to its end?",
    "table.heda()": "There is no `heda` here. Did you mean `head`?",
}


@pytest.mark.parametrize("source", SAID)
def test_a_beginners_error_is_said_in_plain_words(source: str) -> None:
    said = explained(source, {"table": TABLE})
    assert said is not None
    assert SAID[source] in said


def test_what_we_have_no_better_words_for_is_left_to_python() -> None:
    assert explained("raise ValueError('x')") is None


class Shell:
    """As much of IPython as is listened to."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def _showtraceback(self, _kind: object, _error: object, lines: list[str]) -> None:
        self.shown += lines


def test_pythons_own_words_are_folded_below_the_sentence_and_the_last_line_marks_the_cell() -> None:
    shell = Shell()
    below: list[str] = []
    listen_for_errors(shell, lambda _error, lines: bool(below.extend(lines) or True))
    shell._showtraceback(NameError, NameError("x"), ["Traceback", "NameError: x"])
    assert below == ["Traceback", "NameError: x"]
    assert shell.shown == ["NameError: x"]


def test_where_we_have_no_sentence_pythons_own_words_stay_as_they_are() -> None:
    shell = Shell()
    listen_for_errors(shell, lambda _error, _lines: False)
    shell._showtraceback(NameError, NameError("x"), ["Traceback", "NameError: x"])
    assert shell.shown == ["Traceback", "NameError: x"]


def test_a_folded_traceback_is_opened_by_a_line_and_shows_no_colour_signs() -> None:
    shown = folded("What Python says", ["\x1b[31mTraceback\x1b[0m", "x < 1"])
    assert shown.html.startswith("<details><summary>What Python says</summary>")
    assert "Traceback\nx &lt; 1" in shown.html
    assert shown.text == "What Python says:\nTraceback\nx < 1"


@pytest.mark.parametrize(
    "source", ["about 40", "raise SyntaxError('made by a cell')", "    x", "6%", "cases + 1"]
)
def test_a_mistake_is_explained_once(source: str) -> None:
    """IPython itself has several ways to show code that cannot be read; each leads to one sentence."""
    shell = InteractiveShell()
    said: list[BaseException] = []
    listen_for_errors(shell, lambda error, _lines: bool(said.append(error)))
    with contextlib.redirect_stdout(io.StringIO()):
        assert not shell.run_cell(source).success
    assert len(said) == 1
