"""Make a plain nbgrader course with one small scikit-learn lab and N varied submissions.

    python bench/reference_course.py COURSE_DIR N

Then, in COURSE_DIR, with nbgrader on the PATH:

    nbgrader generate_assignment triage --force
    python bench/reference_course.py COURSE_DIR N --submissions     # needs release/ to exist
    nbgrader autograde triage                                  # the stock engine, to be timed

Nothing here is special to any engine: it is the work on which engines are compared, in one run, with equal scores.
Kinds of submission, in turn: right; wrong model; wrong filter; exception; prints a lot; warns on stderr; edits a
locked test; deletes a solution cell; leaves it blank; a slow but right answer.
"""

import argparse
import pathlib

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

TRAIN = """def train(X, y):
    ### BEGIN SOLUTION
    return make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=200)).fit(X, y)
    ### END SOLUTION"""
URGENT = """def urgent(df):
    ### BEGIN SOLUTION
    return df[df.days > 10]
    ### END SOLUTION"""
SETUP = """import numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
rng = np.random.default_rng(0)
words = ['land', 'title', 'birth', 'certificate', 'tax', 'refund', 'road', 'repair', 'water', 'bill', 'permit', 'visa']
X = [' '.join(rng.choice(words, 6)) for _ in range(2000)]
y = np.array([('tax' in x) * 1 + ('water' in x) * 2 for x in X])"""
TEST_TRAIN = """m = train(X, y)
assert hasattr(m, 'predict')
### BEGIN HIDDEN TESTS
assert (m.predict(X) == y).mean() > 0.8
### END HIDDEN TESTS"""
TEST_URGENT = """df = pd.DataFrame({'days': [1, 11, 20]})
assert len(urgent(df)) == 2
### BEGIN HIDDEN TESTS
assert len(urgent(df.iloc[:1])) == 0
### END HIDDEN TESTS"""


def make_cell(make, source, grade_id, *, grade=False, solution=False, points=0, locked=False):
    made = make(source)
    made.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
    }
    if grade:
        made.metadata["nbgrader"]["points"] = points
    return made


def source_notebook():
    return new_notebook(
        cells=[
            new_markdown_cell("# Case triage"),
            make_cell(new_code_cell, SETUP, "setup", locked=True),
            make_cell(new_code_cell, TRAIN, "train", solution=True),
            make_cell(new_code_cell, TEST_TRAIN, "train_test", grade=True, points=3, locked=True),
            make_cell(new_code_cell, URGENT, "urgent", solution=True),
            make_cell(new_code_cell, TEST_URGENT, "urgent_test", grade=True, points=2, locked=True),
            make_cell(
                new_markdown_cell, "Why might this be unfair?", "fair", grade=True, solution=True, points=2
            ),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )


def solved_text(text):
    return "\n".join(line for line in text.splitlines() if "###" not in line)


VARIANTS = [
    lambda train, urgent: (train, urgent),
    lambda train, urgent: ("def train(X, y):\n    return None", urgent),
    lambda train, urgent: (train, "def urgent(df):\n    return df"),
    lambda train, urgent: ("raise RuntimeError('no idea')", urgent),
    lambda train, urgent: ("for i in range(5000):\n    print(i)\n" + train, urgent),
    lambda train, urgent: ("import warnings; warnings.warn('look out')\n" + train, urgent),
    lambda train, urgent: ("LOCK", urgent),
    lambda train, urgent: (None, urgent),
    lambda train, urgent: ("", ""),
    lambda train, urgent: ("import time; time.sleep(0.3)\n" + train, urgent),
]


def write_submission(course, released, number):
    train, urgent = VARIANTS[number % len(VARIANTS)](solved_text(TRAIN), solved_text(URGENT))
    notebook = nbformat.from_dict(released)
    kept = []
    for one in notebook.cells:
        grade_id = one.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id == "train":
            if train is None:
                continue
            one.source = solved_text(TRAIN) if train == "LOCK" else train
        if grade_id == "train_test" and train == "LOCK":
            one.source = "pass  # edited by the learner"
        if grade_id == "urgent":
            one.source = urgent
        kept.append(one)
    notebook.cells = kept
    folder = course / "submitted" / f"learner{number:05d}" / "triage"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "triage.ipynb")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("course", type=pathlib.Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--submissions", action="store_true", help="write submissions from release/")
    args = parser.parse_args()
    course = args.course.resolve()
    if args.submissions:
        released = nbformat.read(course / "release" / "triage" / "triage.ipynb", 4)
        for number in range(args.count):
            write_submission(course, released, number)
        return
    source = course / "source" / "triage"
    source.mkdir(parents=True, exist_ok=True)
    nbformat.write(source_notebook(), source / "triage.ipynb")
    (course / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'reference'\nc.CourseDirectory.root = {str(course)!r}\n"
    )


if __name__ == "__main__":
    main()
