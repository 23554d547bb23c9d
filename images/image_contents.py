"""Contents of each image, as plain data: nothing else goes into it.

A lock file is a set of packages; a `Files` entry names files of this checkout and where they go. `shown` files can
be read while the image is made and are not kept in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

VENV = "/opt/venv"
PLACE = "/opt/isomo"
LEARNER = {"User": "1000:1000", "WorkingDir": "/home/learner"}
ENV = [
    f"PATH={VENV}/bin:/usr/local/bin:/usr/bin:/bin",
    "LANG=C.UTF-8",
    "HOME=/home/learner",
    "PYTHONDONTWRITEBYTECODE=1",
]


@dataclass(frozen=True)
class Files:
    """Files of the checkout matching `pattern`, below `place` in the image, less their first `strip` folders."""

    pattern: str
    place: str = PLACE
    strip: int = 0


@dataclass(frozen=True)
class Recipe:
    """One image: its parent, the packages of a lock file, files, a step to run, what it starts as."""

    name: str
    parent: str | None = None
    lock: str | None = None
    step: str | None = None
    files: tuple[Files, ...] = ()
    shown: tuple[Files, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    holdout: bool = False
    """Flag: this installation's hidden data goes in."""
    desk: bool = False
    """Flag: the built desk goes in, at PLACE/desk."""


BASE_PACKAGES = ("python3", "ca-certificates")
"""Packages that the base needs beyond the smallest system of the distribution; python3 brings the rest."""

MESSAGE_MODULES = (
    "__init__",
    "message_keys",
    "message_words",
    "message_facts",
    "shown_messages",
    "wire_frames",
)
"""Modules of graders.contract that word a message; all they import of ours is among them."""

DATASETS = (Files("labs/__init__.py", ""), Files("labs/datasets/**/*", ""))

RECIPES: tuple[Recipe, ...] = (
    Recipe("base", step="base.sh", config={"Env": ENV}),
    Recipe("science", parent="base", lock="science", step="packages.sh", config={"Env": ENV}),
    Recipe("lab-packages", parent="science", lock="lab", step="packages.sh", config={"Env": ENV}),
    Recipe(
        "lab",
        parent="lab-packages",
        step="lab.sh",
        files=(
            Files("labs/__init__.py"),
            Files("labs/kit/**/*"),
            Files("labs/datasets/__init__.py"),
            Files("labs/datasets/loader.py"),
            Files("graders/__init__.py"),
            Files("graders/pages/**/*"),
            # The engine's messages only, for formgrader: what else the engine and the sandbox agree on stays out.
            *(Files(f"graders/contract/{part}.py") for part in MESSAGE_MODULES),
            Files("graders/contract/locale/**/*"),
            Files("graders/nbgrader/__init__.py"),
            # Not the engine: learners' work is never run next to a token. The drop-in says where it is
            # graded.
            Files("graders/nbgrader/drop_in.py"),
            Files("graders/nbgrader/missing_engine.py"),
            Files("graders/nbgrader/exchange/**/*"),
            Files("graders/nbgrader/projection/**/*"),
            Files("graders/nbgrader/formgrader/**/*"),
            Files("images/jupyter/common/**/*", f"{PLACE}/etc/learner", strip=3),
            Files("images/jupyter/learner/**/*", f"{PLACE}/etc/learner", strip=3),
            Files("images/jupyter/common/**/*", f"{PLACE}/etc/trainer", strip=3),
            Files("images/jupyter/trainer/**/*", f"{PLACE}/etc/trainer", strip=3),
            Files("images/jupyter/formgrader/**/*", f"{PLACE}/etc/formgrader", strip=3),
            Files("images/start", strip=1),
        ),
        shown=(*DATASETS, Files("images/steps/lazy_hub_imports.py", "", strip=2)),
        desk=True,
        config={
            **LEARNER,
            "Env": ENV,
            "Entrypoint": [f"{PLACE}/start"],
            "Cmd": ["jupyterhub-singleuser"],
        },
    ),
    Recipe("bench-packages", parent="lab", lock="prototype", step="packages.sh", config={"Env": ENV}),
    # Data teams' servers and the applications that they share; made only if isomo.toml has `prototypes = true`.
    Recipe(
        "bench",
        parent="bench-packages",
        step="bench.sh",
        files=(
            Files("labs/__init__.py"),
            Files("labs/prototype_kit/**/*"),
            Files("labs/datasets/__init__.py"),
            Files("labs/datasets/loader.py"),
        ),
        config={
            **LEARNER,
            "Env": ENV,
            "Entrypoint": [f"{PLACE}/start"],
            "Cmd": ["jupyterhub-singleuser"],
        },
    ),
    Recipe("grader-packages", parent="science", lock="grader", step="packages.sh", config={"Env": ENV}),
    Recipe(
        "grader",
        parent="grader-packages",
        step="grader.sh",
        files=(
            Files("labs/__init__.py"),
            *(Files(f"labs/{part}/**/*") for part in ("kit", "authoring", "datasets", "[0-9]*")),
            Files("graders/**/*"),
        ),
        holdout=True,
        config={**LEARNER, "Env": ENV, "Cmd": ["python3", "-m", "graders.engine"]},
    ),
)

LEFT_OUT = ("__pycache__", ".ipynb_checkpoints", "node_modules")
"""Folders that never go anywhere."""


def find_recipe(name: str) -> Recipe:
    """Return the recipe called `name`."""
    return next(each for each in RECIPES if each.name == name)


def line_to(name: str) -> list[Recipe]:
    """Return the recipe called `name` with all its parents, the base first."""
    chain = [find_recipe(name)]
    while chain[0].parent:
        chain.insert(0, find_recipe(chain[0].parent))
    return chain
