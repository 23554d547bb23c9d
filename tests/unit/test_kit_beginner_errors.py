"""What beginners type in the labs, and the one true sentence that each of them reads, in English and in French."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from labs.kit.beginner_errors import Explainer

TABLE = pd.DataFrame(
    {"kind": ["land", "permit"], "days": [3.0, 9.0], "received_on": pd.to_datetime(["2025-01-06"] * 2)}
)
GIVEN = {
    "table": TABLE,
    "pd": pd,
    "np": np,
    "visitors": "40",
    "bar": (0, 6),
    "text": "3OOOO",
    "nothing": None,
}
MODELS = """
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
"""


def explained(source: str, language: str = "en", failed: tuple[str, ...] = ()) -> str | None:
    """What is said when this is the source of the cell that is run."""
    space = dict(GIVEN)
    if "sklearn" in source:
        exec(MODELS, space)
    cells = [
        {"id": "answer", "cell_type": "code", "source": "promise = 1"},
        {"id": "here", "cell_type": "code", "source": source},
    ]
    try:
        exec(compile(source, "cell", "exec"), space)
    except Exception as error:
        known = [name for name in space if name != "__builtins__"]
        return Explainer(language, known, cells, "here", failed).explain(error, sys.exc_info()[2])
    raise AssertionError("it did not fail")


TREES = "HistGradientBoostingRegressor(loss='quantile', quantile={}).fit(table[['days']], table['days'])  # sklearn"
SAID = {
    # Numbers
    "visitors = 40 people": "a word after a number. Write the number alone, without `people`",
    "visitors = 40people": "a word after a number",
    "visitors = about 40": "a word before a number. Write the number alone, without `about`",
    "bar = 6%": "6% is written `0.06`",
    "bar = 6 %": "6% is written `0.06`",
    "bar = 0,06": "Write it with a point: 0.06 and not 0,06",
    "visits = 02": "a number begins with 0",
    "visitors =": "nothing comes after `=`",
    "40 = visitors": "the wrong way round",
    "bar * 0.5": "a number is needed, and this is a text or something else",
    "bar + 0.5": "a number has a comma in it",
    "visitors + 2": "a text and a number are joined",
    "2 + visitors": "a text and a number are joined",
    "visitors - '2'": "one computes with texts",
    "visitors > 20": "a text is compared with a number",
    "float('0,06')": "Python cannot read `0,06` as a number",
    "int('3.5')": "Python cannot read `3.5` as a number",
    "float('see file')": "Python cannot read `see file` as a number",
    "-visitors": "one computes with texts",
    # Quotation marks and words
    "channel = “self”": "quotation marks as in a book",
    "channel = «self»": "quotation marks as in a book",
    "channel = ‘self’": "quotation marks as in a book",
    "channel = 'self": "a text begins and does not end",
    "word = judgment not carried out": "words without quotation marks",
    "kind = logistic": 'put it in quotation marks: `"logistic"`',
    "kind = logistic  # my answer": 'put it in quotation marks: `"logistic"`',
    "question, door = quality, cell": 'put it in quotation marks: `"quality"`',
    "file = example-list.csv": 'put it in quotation marks: `"example-list.csv"`',
    "example-list.csv": 'put it in quotation marks: `"example-list.csv"`',
    r'file = "C:\Users\me\visits.xlsx"': "Write the name of the file alone, or `/`",
    "def forecast(past):\n    model = past\nmodel": "This cell makes it further down, or inside a function.",
    "bar = 3 – 2": "a long dash",
    "bar = 3 × 2": "a sign that Python does not know: `×`",
    "bar\u00a0= 3": "an invisible sign",
    # Other languages' habits
    "x = true": "Python writes `True`, and not `true`",
    "x = null": "Python writes `None`, and not `null`",
    "x = nan": 'Python writes `float("nan")`',
    "visitors++": "Python does not know `++`",
    "table.days > 3 && table.days < 5": "write `&` for and",
    "table.days => 3": "write `>=` and `<=`",
    "table[!table.days]": "Python writes “not” as `not`",
    "if True:\n    x = 1\nelse if False:\n    x = 2": "Python writes `elif`",
    "bar := 0.2": "a name is given with `=`",
    "print visitors": "`print` needs brackets",
    # Brackets, commas, spaces
    "print((1)": "a bracket is opened and never closed",
    "print(1))": "a closing bracket too many",
    "x = [1, 2)": "opened as `[` and closed as `)`",
    "x = [1 2]": "a comma is missing",
    "if True\n    x = 1": "a colon is missing",
    "if visitors = 1:\n    pass": "`==` compares",
    "  x = 1": "too many or too few spaces",
    "def f(x):\nreturn x": "has to begin with four spaces",
    "return 3": "`return` is outside a function",
    "if True:\n\tx = 1\n        y = 2": "spaces",
    "dict(a=1, 2)": "a value without a name comes after one with a name",
    "dict(a=1, a=2)": "`a` is given twice",
    "len(text) = 3": "a call left of `=`",
    # Gaps and names
    "x = ____": "There is still a gap `____` in this cell",
    "print(quite_another)": "Python does not know `quite_another`. Check its spelling",
    "print(vistors)": "Did you mean `visitors`",
    "print(promise)": "which has not been run",
    "import pandsa": "There is no library called `pandsa`",
    "from pandas import DataFram": "The library has no",
    "open('cases.csv')": "There is no file `cases.csv`",
    "def f():\n    x = y1 + 1\n    y1 = 2\nf()": "`y1` is used before it gets a value",
    "def f(): return f()\nf()": "calls itself without end",
    # Nothing, brackets of the wrong kind, wrong number of things
    "nothing.head()": "something is used that is still empty",
    "nothing + 1": "something is used that is still empty",
    "3(4)": "brackets come right after a number or a text",
    "text('a')": "brackets come right after a number or a text",
    "table('days')": "Columns are taken with square ones",
    "table.head['days']": "round brackets are missing",
    "np(3)": "a library is called as if it were a function",
    "5[0]": "A number has no parts",
    "sum(5)": "a single thing is used where many are needed",
    "def f(a): pass\nf()": "needs one thing more, `a`",
    "def f(a): pass\nf(1, 2)": "more things than it takes",
    "def f(a): pass\nf(b=1)": "does not know `b`",
    "[1, 2]['a']": "A place in a list is a whole number",
    "[1, 2][5]": "There is no such place",
    "text[0] = '1'": "A text cannot be changed in place",
    "1 / 0": "something is divided by zero",
    "a, b = [1, 2, 3]": "more or fewer names",
    # Tables
    "table['dayz']": "Did you mean `days`",
    "table['zzzz']": "Its columns are: kind, days",
    "{'a': 1}['b']": "There is nothing called `b` in it",
    "text.str.replace('O', '0')": "`.str` is for columns",
    "table['kind'].lower()": "A column of texts has its text tools after `.str`",
    "table.haed()": "Did you mean `head`",
    "if table['days'] > 3:\n    pass": "A whole column is neither yes nor no",
    "table[(table.days > 3) and (table.days < 5)]": "A whole column is neither yes nor no",
    "table['new'] = [1, 2, 3]": "different length",
    "table['received_on'] + 60": "Days are `pd.Timedelta(days=60)`",
    "table['received_on'] <= 60": "Days are `pd.Timedelta(days=60)`",
    "pd.Timestamp('last Monday at noonish')": "as a date",
    "max([])": "There is nothing in it",
    # Models
    TREES.format(90): "`quantile` is a part between 0 and 1, and you wrote 90",
    TREES.format("'nine'"): "`quantile` cannot be `'nine'`",
    "LinearRegression().predict(table[['days']])  # sklearn": "The model has not learnt anything yet",
    "LinearRegression().fit(table['days'], table['days'])  # sklearn": "A model learns from a table, not from one column",
    "LinearRegression().fit(table[['kind']], table['days'])  # sklearn": "words go through an encoder",
    "LinearRegression().fit(table[['days']], [1, 2, 3])  # sklearn": "different length",
    "LinearRegression().fit([[1.0], [float('nan')]], [1, 2])  # sklearn": "there are gaps",
    "SimpleImputer(strategy='median').fit(table[['kind']])  # sklearn": "A column of words has no middle value",
    "make_column_transformer((OneHotEncoder(), 'words')).fit(table)  # sklearn": "leave the quotation marks away",
    "LogisticRegression().fit(table[['days']], ['a', 'a'])  # sklearn": "the same answer",
    "OneHotEncoder().fit([['a']]).transform([['b']])  # sklearn": "that the model has never seen",
}


def test_there_are_sixty_and_more() -> None:
    assert len(SAID) >= 60
    assert len(set(SAID.values())) >= 60


@pytest.mark.parametrize("source", SAID)
def test_a_beginners_error_is_said_in_one_true_sentence(source: str) -> None:
    said = explained(source)
    assert said is not None
    assert SAID[source] in said
    french = explained(source, "fr")
    assert french is not None
    assert french != said


def test_a_cell_that_was_run_and_stopped_is_not_called_not_run() -> None:
    said = explained("print(promise)", failed=("answer",))
    assert said is not None
    assert "was run and stopped with an error" in said
    assert "not been run" not in said


def test_a_bare_word_is_not_taken_for_a_name_that_only_the_shell_knows() -> None:
    cells = [{"id": "here", "cell_type": "code", "source": "question, door = quality, cell"}]
    explainer = Explainer("en", ["quit", "exit", "open", "In", "Out"], cells, "here")
    said = explainer.explain(NameError("name 'quality' is not defined", name="quality"))
    assert (
        said
        == 'Python does not know `quality`. If it is meant as a text, put it in quotation marks: `"quality"`.'
    )
