"""Libraries that a template takes into large pages do what they did."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from graders.sandbox import library_mappings
from graders.sandbox.library_mappings import Span

BEFORE_AND_AFTER = """
import gc, json, sys, threading
from pathlib import Path
import numpy as np, pandas as pd
from scipy import linalg, optimize, sparse
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from graders.sandbox import library_mappings as libraries
from graders.sandbox.library_mappings import Span

def used():
    table = pd.DataFrame({"a": np.arange(40.0) % 7, "b": np.arange(40.0) % 3})
    kind = (table.a > table.b).astype(int)
    models = [LogisticRegression().fit(table, kind), DecisionTreeClassifier(random_state=0).fit(table, kind)]
    try:
        linalg.cholesky(-np.eye(2))
    except linalg.LinAlgError as error:
        refused = str(error)
    root = optimize.brentq(lambda x: x**2 - 2, 0, 2)
    found = [model.predict_proba(table).round(9).tolist() for model in models]
    return [*found, refused, root, sparse.eye(3).tocsr().sum(), table.groupby("b").a.sum().tolist()]

def maps():
    rows = [line.split() for line in Path("/proc/self/maps").read_text().splitlines()]
    return [(Span(*(int(place, 16) for place in row[0].split("-"))), row[1]) for row in rows]

def runnable(lay):
    return sum("x" in access for _, access in lay)

before = used()
gc.disable()
if sys.argv[1:]:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
lay = maps()
libraries.take_in([span for span, access in lay if "r" in access])
gc.enable()
print(json.dumps({"same": used() == before, "mappings": [runnable(lay), runnable(maps())]}))
"""


def looked_at(*arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", BEFORE_AND_AFTER, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(library_mappings.__file__).parents[2],
        env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_they_compute_the_same_and_are_fewer_mappings():
    seen = looked_at()
    before, after = seen["mappings"]
    assert seen["same"]
    assert after < before


def test_where_a_thread_could_be_running_in_them_they_stay():
    seen = looked_at("with a thread")
    before, after = seen["mappings"]
    assert seen["same"]
    assert after == before


def test_each_library_is_found_where_the_system_has_it():
    import numpy.random._mt19937 as one

    shown = Path("/proc/self/maps").read_text().splitlines()
    rows = [line.split() for line in shown if line.endswith(str(Path(one.__file__).resolve()))]
    assert library_mappings.loaded_libraries()[one.__file__].start == int(rows[0][0].split("-")[0], 16)


@given(st.lists(st.integers(0, 3), min_size=1), st.lists(st.integers(1, 3), min_size=1))
def test_libraries_side_by_side_are_taken_together_and_none_is_lost(gaps, lengths):
    spans, place = [], 0
    for gap, length in zip(gaps, lengths, strict=False):
        spans.append(Span(place + gap, place + gap + length))
        place = spans[-1].end
    runs = library_mappings.side_by_side(spans)
    assert [one for run in runs for one in run] == spans
    assert all(one.end == two.start for run in runs for one, two in itertools.pairwise(run))
    assert all(one[-1].end < two[0].start for one, two in itertools.pairwise(runs))
