"""Generated submissions: every way in which a learner's notebook may be odd, drawn by a seed."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.support import course_idioms

LAB = "mixed"
IDIOMS = "idioms"
"""The lab of two notebooks and a helper module, full of what learners write around their answers."""
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}

# Task: (the teacher's answer, its test, other answers that learners give).
TASKS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "exceptions": (
        "def add(a, b):\n    return a + b",
        "assert add(1, 1) == 2\nassert add(20, 22) == 42",
        (
            "def add(a, b):\n    return a - b",
            "def add(a, b):\n    raise KeyError('b')",
            "def add(a b):\n    return",
            "raise NotImplementedError()",
            "add = None",
            "def add(a, b):\n    return add(a, b)",
            "name = input('who? ')",
            "assert False, 'me'",
        ),
    ),
    "partial": (
        "found = [1, 2, 3, 4]",
        "points = sum(each in found for each in (1, 2, 3, 4)) / 2\npoints",
        (
            "found = [1]",
            "found = [1, 2, 3]",
            "found = []",
            "found = 3",
            "del found",
            "found = set(range(9)); found",
        ),
    ),
    "stderr": (
        "def shown(x):\n    print(x)\n    return x",
        "assert shown(3) == 3",
        (
            "import sys\ndef shown(x):\n    print(x, file=sys.stderr)\n    return x",
            "import warnings\ndef shown(x):\n    warnings.warn('old')\n    return x",
            "import sys\nprint('early', file=sys.stderr)\ndef shown(x):\n    return x",
            "import logging\ndef shown(x):\n    logging.error('no')\n    return x",
            "def shown(x):\n    print('a' * 2000)\n    return x",
        ),
    ),
    "rich": (
        "import pandas as pd\nframe = pd.DataFrame({'days': [1, 2]})\nframe",
        "assert frame['days'].sum() == 3",
        (
            "import pandas as pd\nframe = pd.DataFrame({'days': [1, 5]})\nframe.style",
            "from IPython.display import HTML, display\ndisplay(HTML('<b>1</b>'))\nframe = {'days': 3}",
            "from IPython.display import Markdown, clear_output\nclear_output()\nMarkdown('# no frame')",
            "import pandas as pd\nframe = pd.Series([3], name='days').to_frame()\nframe.plot",
        ),
    ),
    "plots": (
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nax.set_title('Cases')",
        "assert ax.get_title() == 'Cases'\nassert len(ax.lines) == 1",
        (
            "%matplotlib inline\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1], [2])\nplt.show()",
            "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('Cases'); ax = plt.gca()",
            "import matplotlib.pyplot as plt\nfig, (ax, other) = plt.subplots(1, 2)\nax.bar([1], [2])\nax.set_title('Cases')",
        ),
    ),
    "widgets": (
        "from ipywidgets import IntSlider\nbar = IntSlider(value=5, max=10)\nbar",
        "assert bar.value == 5",
        (
            "from ipywidgets import IntSlider\nbar = IntSlider(value=7)\nbar",
            "from ipywidgets import Output\nout = Output()\nwith out:\n    print('in')\nbar = out\nout",
            "from ipywidgets import VBox, IntText\nbar = IntText(5)\nVBox([bar])",
        ),
    ),
    "magics": (
        "%%capture said\nprint('here')",
        "assert said.stdout == 'here\\n'",
        (
            "%%time\nsaid = 3",
            "%%capture said\nprint('there')",
            "%no_such_magic\nsaid = 1",
            "said = !echo here",
            "%%writefile note.txt\nhere",
            "%timeit -n1 -r1 1+1",
        ),
    ),
    "async": (
        "import asyncio\nasync def fetched():\n    await asyncio.sleep(0)\n    return 3\nvalue = await fetched()",
        "assert value == 3\nassert await fetched() == 3",
        (
            "async def fetched():\n    return 4\nvalue = await fetched()",
            "async def fetched():\n    return 3\nvalue = fetched()",
            "import asyncio\nasync def fetched():\n    raise ValueError('late')\nvalue = 3",
            "import asyncio\nasync def fetched():\n    return 3\nvalue = await asyncio.gather(fetched())",
        ),
    ),
}


BEGINNING = """import random, sys, warnings
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import ipywidgets
random.seed(5)
np.random.seed(5)
table = pd.DataFrame({"days": np.random.randint(1, 30, 20)})
print("loaded", file=sys.stderr)
display(table.head())"""
LOOK = """plt.plot(table.days)
plt.show()
slider = ipywidgets.IntSlider(description="bar")
display(slider)
table.days.mean()"""


def _graded(source: str, name: str, **meta: Any) -> Any:
    cell = new_code_cell(source, id=name)
    kinds = {"grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, **kinds, **meta}
    return cell


LABS = {LAB: {LAB: TASKS}, IDIOMS: course_idioms.NOTEBOOKS}
"""Lab: its notebooks, each with its tasks."""
PLAIN_EXTRA = (
    "1 / 0",
    "print('mine')",
    "%pwd",
    "import numpy as np\nnp.arange(3)",
    "x = 1;",
    "# nothing",
    "raise SystemExit",
)


def source(tasks: course_idioms.Tasks = TASKS) -> Any:
    """Return the teacher's notebook."""
    cells = [new_markdown_cell("# Mixed", id="title")]
    if tasks is TASKS:
        cells += [_graded(BEGINNING, "beginning", locked=True), new_code_cell(LOOK, id="look")]
    for name, (answer, test, _others) in tasks.items():
        marked = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        cells.append(_graded(marked if not answer.startswith("%%") else answer, name, solution=True))
        cells.append(_graded(test, f"{name}-test", grade=True, locked=True, points=2))
    return new_notebook(cells=cells, metadata=copy.deepcopy(KERNEL))


def submission(released: Any, seed: int, tasks: course_idioms.Tasks = TASKS) -> Any:
    """Return one learner's notebook: answers right, wrong and odd; cells deleted, doubled, moved and added."""
    chance = random.Random(seed)
    made = copy.deepcopy(released)
    for cell in made.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in tasks:
            answer, _test, others = tasks[name]
            cell.source = chance.choice([answer, answer, *others])
        elif name and chance.random() < 0.1:
            cell.source = "pass  # a changed test is put back"
    extra = PLAIN_EXTRA if tasks is TASKS else (*PLAIN_EXTRA, *course_idioms.EXTRA)
    for _ in range(chance.randint(0, 3)):
        change = chance.choice([_delete, _double, _move, _add, _add])
        change(made.cells, chance, extra)
    return made


def _delete(cells: list[Any], chance: random.Random, _extra: tuple[str, ...]) -> None:
    cells.pop(chance.randrange(len(cells)))


def _double(cells: list[Any], chance: random.Random, _extra: tuple[str, ...]) -> None:
    """Stock nbgrader grades no notebook with a graded cell twice; a copy without its name is what can be compared."""
    where = chance.randrange(len(cells))
    twin = (
        new_code_cell(cells[where].source) if cells[where].cell_type == "code" else new_markdown_cell("twice")
    )
    cells.insert(where + 1, twin)


def _move(cells: list[Any], chance: random.Random, _extra: tuple[str, ...]) -> None:
    cells.insert(chance.randrange(len(cells)), cells.pop(chance.randrange(len(cells))))


def _add(cells: list[Any], chance: random.Random, extra: tuple[str, ...]) -> None:
    cells.insert(chance.randrange(len(cells)), new_code_cell(chance.choice(extra)))


def write_source(course: Path, lab: str = LAB) -> None:
    """Write the teacher's part of a course."""
    place = course / "source" / lab
    place.mkdir(parents=True)
    for name, tasks in LABS[lab].items():
        nbformat.write(source(tasks), place / f"{name}.ipynb")
    if lab == IDIOMS:
        (place / "helper.py").write_text(course_idioms.HELPER)


def write_submissions(course: Path, seeds: range, lab: str = LAB) -> None:
    """Write a learner for each seed, once the assignment was generated."""
    for seed in seeds:
        place = course / "submitted" / f"learner{seed:04}" / lab
        place.mkdir(parents=True)
        for number, (name, tasks) in enumerate(LABS[lab].items()):
            released = nbformat.read(course / "release" / lab / f"{name}.ipynb", 4)
            nbformat.write(submission(released, seed + 10_000 * number, tasks), place / f"{name}.ipynb")
        if lab == IDIOMS:
            _write_helper(place, random.Random(seed))


def _write_helper(place: Path, chance: random.Random) -> None:
    """Hand the released helper module in as it was, changed, or not at all."""
    text = chance.choice(
        [course_idioms.HELPER, course_idioms.HELPER, course_idioms.HELPER, course_idioms.OTHER_HELPER, ""]
    )
    if text:
        (place / "helper.py").write_text(text)
