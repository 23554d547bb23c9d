"""`scipy.stats` loads at its first use: a kernel that trains a model has 13 MB less, and a learner notices nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BEFORE = (
    "from labs.kit.late_statistics import install_late_statistics; install_late_statistics(); import sys; "
)
LOADED = "any(name.startswith('scipy.stats.') for name in sys.modules)"


def said(code: str) -> str:
    """Run code in a fresh Python, as a kernel runs a cell after its start; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", BEFORE + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_model_is_trained_without_loading_it():
    code = (
        "from sklearn.linear_model import LogisticRegression; from sklearn.naive_bayes import MultinomialNB\n"
        "x, y = [[1, 0], [0, 1], [1, 1], [3, 0]], [0, 1, 2, 0]\n"
        "for model in (LogisticRegression(), MultinomialNB()): model.fit(x, y).predict_proba(x)\n"
        f"print('sklearn' in sys.modules, {LOADED})"
    )
    assert said(code) == "True False"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import scipy; print(scipy.stats.norm.cdf(0), 'norm' in dir(scipy.stats))", "0.5 True"),
        ("import scipy.stats as s; s.own = 1; print(s.own, s.norm.name, type(s).__name__)", "1 norm module"),
        ("from scipy.stats.mstats import gmean; print(round(float(gmean([1, 4])), 6))", "2.0"),
    ],
)
def test_what_somebody_asks_of_it_is_the_real_one(code, expected):
    assert said(code) == expected


def test_a_function_that_was_imported_before_it_loaded_gives_what_the_real_one_gives():
    code = (
        "from scipy.stats import rankdata as early\n"
        "from scipy.stats import norm, rankdata\n"
        "values = [[3, 1], [1, 2]]\n"
        "print((early(values, axis=1) == rankdata(values, axis=1)).all(), early is not rankdata)"
    )
    assert said(code) == "True True"
