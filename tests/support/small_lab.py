"""A lab of four judged tasks, as an author would write it: a value, a function, a form, a judge that fails."""

from __future__ import annotations

import json
from pathlib import Path

from graders.contract.work_contract import Work
from labs.authoring.lab_build import built_files

TOML = """
draft = true
title = "Count letters"
track = "technical"
minutes = 45
[[objective]]
text = "Count them all"
tasks = ["v", "f", "q", "bad"]
[[piece]]
title = "All"
minutes = 10
tasks = ["v", "f", "q", "bad"]

[task.v]
kind = "change"
points = 2
ask = "Give a bar"
[task.v.says]
passed = "It finds {found} of them."
low = "Too low: {found}."
[task.v.hints.low]
nudge = "a"
aimed = "b"
worked = "c"

[task.f]
kind = "change"
points = 4
ask = "Write a function"
[task.f.says]
passed = "Right for {n}."
wrong = "Not yet: {why}"
half = "Half of them."
[task.f.hints.wrong]
nudge = "a"
aimed = "b"
worked = "c"
[task.f.hints.half]
nudge = "a"
aimed = "b"
worked = "c"

[task.q]
kind = "read"
points = 1
ask = "Which?"
option = [{ id = "a", text = "A", says = "passed" }, { id = "b", text = "B", says = "mixed" }]
[task.q.says]
passed = "Yes."
mixed = "No, A."
[task.q.hints.mixed]
nudge = "a"
aimed = "b"
worked = "c"

[task.bad]
kind = "change"
points = 1
ask = "A judge that fails"
[task.bad.says]
passed = "Never said."
"""

LAB = '''"""Four tasks."""

# %% {"locked": true, "id": "start"}
class lab:
    """Stands in for the kit, of which this test says nothing."""
    check = ask = staticmethod(lambda *a, **k: None)

# %% {"task": "v"}
bar = None  # blank
bar = 0.5  # solution

# %% {"task": "v", "check": true}
lab.check("v", bar=bar)

# %% {"task": "f"}
length = None  # blank
length = len  # solution

# %% {"task": "f", "check": true}
lab.check("f")

# %% {"task": "q", "check": true}
lab.ask("q")

# %% {"task": "bad", "check": true}
lab.check("bad", bar=bar)
'''

JUDGE = '''"""What decides."""
from labs.kit.checking import draw, judge, not_attempted, not_yet, number, partly, passed


@judge("v")
def bar_is_high(answers, hidden):
    if answers.bar is None:
        return not_attempted()
    found = sum(score >= (number(answers.bar) or 0) for score in hidden.score)
    return passed(found=found) if found == 2 else not_yet("low", found=found)


@draw("f")
def words(hidden, rng):
    chosen = [rng.choice(hidden.word) * rng.randint(1, 50) for _ in range(40)]
    return {"words": chosen}, [len(word) for word in chosen]


@judge("f")
def counted(answers, hidden):
    if answers.problem:
        return not_yet("wrong", why=answers.problem)
    if answers.probed == answers.kept:
        return passed(n=len(answers.kept))
    said = answers.probed if isinstance(answers.probed, list) else []
    right = sum(one == two for one, two in zip(said, answers.kept))
    return partly("half", 0.5) if right >= len(answers.kept) / 2 else not_yet("wrong", why="other numbers")


@judge("bad")
def fails(answers, hidden):
    raise RuntimeError("a mistake of the author's")
'''

PROBE = '''"""Asks."""
from labs.kit.checking import probe


@probe("f")
def lengths(names, inputs):
    return [names["length"](word) for word in inputs["words"]]
'''

HIDDEN = {"score": [0.1, 0.2, 0.6, 0.9], "word": ["umunsi", "jour", "SECRETWORD"]}


def write(folder: Path, judge: str = JUDGE, lab: str = LAB) -> Path:
    """Return the lab's folder below `folder`."""
    place = folder / "90-count-letters"
    place.mkdir(parents=True)
    texts = {"lab.toml": TOML, "lab.py": lab, "judge.py": judge, "probe.py": PROBE}
    for name, text in texts.items():
        (place / name).write_text(text)
    (place / "hidden.json").write_text(json.dumps(HIDDEN))
    (place / "checks.py").write_text('"""Nothing."""\n')
    return place


class SmallLab:
    """The lab, built, and what somebody hands in."""

    def __init__(self, folder: Path, judge: str = JUDGE, lab: str = LAB) -> None:
        self.files = built_files(write(folder, judge, lab))[1]
        self.source = self.files["source/count-letters.ipynb"]
        self.released = json.loads(self.files["release/en/count-letters.ipynb"])

    def work(self, answers: object = None, **wrote: str) -> Work:
        """Return a submission: `wrote` is the source of answer cells by task."""
        notebook = json.loads(json.dumps(self.released))
        for cell in notebook["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            if grade_id.removesuffix("-answer") in wrote and grade_id.endswith("-answer"):
                cell["source"] = wrote[grade_id.removesuffix("-answer")]
        kept = answers if isinstance(answers, bytes | None) else json.dumps(answers).encode()
        return Work("course", "count-letters", "amina.k", self.source, json.dumps(notebook).encode(), kept)


def chosen(option: object, language: str = "en") -> dict[str, object]:
    """Return an answers.json with one choice."""
    return {"schema": 1, "language": language, "answers": {"q": {"choice": option}}}
