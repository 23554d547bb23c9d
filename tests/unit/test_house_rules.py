"""The walls of the house, read off the source: circles, the order of packages, the trust wall, names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.unit.test_rules import ROOMS, ROOT, _imports, _name, _nodes, _sources, _tree, _within

CIRCLES_WANTED: set[str] = set()
"""Circles of imports that are there for a reason; none is."""


def _is_for_types_only(node: ast.AST) -> bool:
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Name | ast.Attribute):
        return False
    return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


@cache
def _running_imports(path: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Return the imports of a module but those for types only."""
    for_types = {id(inner) for node in _nodes(path) if _is_for_types_only(node) for inner in ast.walk(node)}
    return tuple(
        node
        for node in _nodes(path)
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in for_types
    )


def _needs(path: Path, modules: set[str]) -> set[str]:
    """Modules of ours that a module imports when it runs: late imports count, those for types do not."""
    found: set[str] = set()
    for node in _running_imports(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & modules
            # `from package import module` needs the module; any other name comes out of the package itself.
            if inner - modules:
                found.add(node.module)
    return (found & modules) - {_name(path)}


def _circle(needs: dict[str, set[str]]) -> list[str]:
    """One circle among modules, or nothing."""
    done: set[str] = set()

    def follow(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for other in sorted(needs[name]):
            if found := follow(other, [*way, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(needs) if (found := follow(name, []))), [])


def test_no_imports_go_in_a_circle() -> None:
    """A late import hides a circle, and does not open it."""
    paths = {_name(path): path for path in _sources("hub", "graders", "images", "bench", "labs")}
    needs = {name: _needs(path, set(paths)) - CIRCLES_WANTED for name, path in paths.items()}
    assert _circle(needs) == []


def test_a_circle_of_late_imports_is_found() -> None:
    """The search for circles can fail."""
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


ORDER = """
    labs.datasets labs.kit labs.authoring graders.contract
    hub hub.store hub.hub_process images hub.ops hub.campus hub.campus.web hub.campus.api
    hub.campus.campus_app hub.campus.__main__ hub.ops.verbs hub.command_line hub.shell_completion jupyterhub_config
    graders.pages graders.sandbox graders.engine
    graders.nbgrader.projection graders.nbgrader.exchange graders.nbgrader.formgrader graders.nbgrader graders.agent
    images.jupyter bench
    """.split()
"""Packages and single modules, lowest first: each may import what is before it. The longest name that fits decides."""


def _height(name: str) -> int:
    """Return the place of a module in ORDER, -1 for what is in none of its packages."""
    fitting = [package for package in ORDER if _within(name, package)]
    return ORDER.index(max(fitting, key=len)) if fitting else -1


def _runs_back_up(name: str, needed: set[str]) -> list[str]:
    """Return the modules in `needed` that are above the module that imports them."""
    return sorted(other for other in needed if _height(other) > _height(name))


def test_no_import_runs_back_up() -> None:
    """What is low knows nothing of what is built on it; put what both need into the lower package."""
    paths = {
        _name(path): path for path in _sources("hub", "graders", "images", "labs", "jupyterhub_config.py")
    }
    wrong = [
        f"{name} imports {other}"
        for name, path in paths.items()
        if _height(name) >= 0
        for other in _runs_back_up(name, _needs(path, set(paths)))
    ]
    assert wrong == []


def test_an_import_that_runs_back_up_is_found() -> None:
    """The comparison can fail: pages of the campus are above its actions, and the application above both."""
    assert _runs_back_up("hub.campus.course_actions", {"hub.store", "hub.campus.web.first_page"}) == [
        "hub.campus.web.first_page"
    ]
    assert (
        _runs_back_up("hub.campus.campus_app", {"hub.campus.web.first_page", "hub.campus.course_actions"})
        == []
    )


# Law 2 as a folder wall: part of graders -> the parts of graders that it may import.
WALL = {
    "contract": {"contract"},
    "sandbox": {"sandbox", "contract"},
    "engine": {"engine", "contract", "pages"},
}


@pytest.mark.parametrize("part", sorted(WALL))
def test_the_sandbox_and_the_engine_meet_in_their_contract_only(part: str) -> None:
    """What runs next to learners' code imports nothing that decides a mark, and the engine runs nothing of theirs."""
    wrong = [
        f"{path} imports {imported}"
        for path in _sources(f"graders/{part}")
        for imported in _imports(path)
        if imported.partition(".")[0] in ROOMS and imported != "graders"
        if not _within(imported, *(f"graders.{other}" for other in WALL[part]))
    ]
    assert wrong == []


def test_the_agent_loads_no_ipython() -> None:
    """The agent keeps the store's secrets; what reads and runs learners' code is in other processes."""
    code = (
        "import sys, graders.agent.agent_loop, graders.agent.__main__;"
        "print(sorted(set(sys.modules) & {'IPython', 'ipykernel', 'numpy', 'pandas', 'nbgrader'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_one_module_knows_the_container_engines_library() -> None:
    """Another engine is a change of hub/container_engine.py; dockerspawner brings its own client."""
    wrong = [
        f"{path} imports {imported}"
        for path in _sources("hub", "graders", "labs", "images", "bench")
        if str(path) != "hub/container_engine.py"
        for imported in _imports(path)
        if _within(imported, "docker")
    ]
    assert wrong == []


SAY_TOO_LITTLE = set(
    """
    graders.agent.bar
    graders.agent.boxes
    graders.agent.command
    graders.agent.loop
    graders.agent.piped
    graders.agent.remote
    graders.agent.worker
    graders.agent.workers
    graders.engine.api
    graders.engine.child
    graders.engine.evidence
    graders.engine.files
    graders.engine.fork
    graders.engine.integrity
    graders.engine.kernel
    graders.engine.libraries
    graders.engine.openings
    graders.engine.pages
    graders.engine.plain
    graders.engine.reach
    graders.engine.refusal
    graders.engine.rooms
    graders.engine.run
    graders.engine.shell
    graders.engine.speed
    graders.engine.versions
    graders.engine.watch
    graders.judge.bench
    graders.judge.cell
    graders.judge.inside
    graders.nbgrader.formgrader.nothing
    graders.nbgrader.formgrader.queued
    hub.campus.administration
    hub.campus.exchange
    hub.campus.grading
    hub.campus.live
    hub.campus.marking
    hub.campus.pages
    hub.campus.reading
    hub.campus.seldom
    hub.campus.training
    hub.configure
    hub.gate
    hub.keeper
    hub.ops.answers
    hub.ops.base
    hub.ops.build
    hub.ops.checks
    hub.ops.context
    hub.ops.engine
    hub.ops.grading
    hub.ops.guard
    hub.ops.images
    hub.ops.network
    hub.ops.prepare
    hub.ops.programs
    hub.ops.run
    hub.ops.say
    hub.ops.supervise
    hub.pages
    hub.runtime
    hub.store.full
    hub.store.grading
    labs.authoring.percent
    labs.kit.evaluation
    labs.kit.place
    """.split()
)
"""Modules whose names nobody could guess from; what they held has a name of two words now."""


def test_no_module_has_a_name_again_that_said_too_little() -> None:
    """A newcomer finds the file for a change by its name."""
    assert {_name(path) for path in _sources("hub", "graders", "labs")} & SAY_TOO_LITTLE == set()


ONE_WORD = {
    **dict.fromkeys(
        ("labs.kit.checking", "labs.kit.plots", "labs.kit.show"), "checks of released labs import it"
    ),
    "labs.datasets.loader": "released labs import it",
    **dict.fromkeys(
        ("labs.datasets.build", "labs.datasets.registry", "labs.datasets.seeds"),
        "judges and `hidden.py` of labs import it, also of labs that a ministry wrote",
    ),
    "labs.prototype_kit.application.decisions": "projects of data teams import it",
    "labs.prototype_kit.package.approve": "a command of packages that an office runs",
}
"""Modules of one word, and why each keeps its name."""
NAMED_BY_OTHERS = (
    "bench.",  # `./isomo bench NAME`
    "hub.ops.verbs.",  # `./isomo VERB`
    "graders.nbgrader.exchange.",  # nbgrader's own modules
    "labs.authoring.template.",  # the files of a lab
)
BY_PYTHON = {"__init__", "__main__", "env"}
"""Names that Python and Alembic look for."""


def one_word_modules(names: Iterable[str]) -> set[str]:
    """Return the modules of one word that no contract names."""
    return {
        name
        for name in names
        if "_" not in (last := name.rpartition(".")[2])
        and last not in BY_PYTHON
        and not name.startswith(NAMED_BY_OTHERS)
        and not re.match(r"labs\.\d\d-", name)
    }


def test_a_module_has_a_name_of_two_or_three_words_or_a_reason() -> None:
    paths = [
        path for path in _sources("hub", "graders", "labs", "images", "bench") if path.stem != "__init__"
    ]
    assert one_word_modules(map(_name, paths)) == set(ONE_WORD)


def test_a_module_of_one_word_is_found() -> None:
    names = ["hub.store.words", "hub.ops.verbs.up", "hub.store.store_sentences", "labs.01-who.judge"]
    assert one_word_modules(names) == {"hub.store.words"}


NAMED_BY_CONTRACT = {"main", "command", "arguments", "measure", "upgrade", "downgrade", "generate"}
"""Functions that entry points, `./isomo VERB`, `./isomo bench NAME`, Alembic and the registry of datasets look for."""
FILES_OF_OTHERS = ("labs.authoring.template.", "labs.prototype_kit.templates.")
"""The files that a new lab and a new project begin with."""
ROOMS_OF_FUNCTIONS = ("hub", "graders", "images", "bench", "labs")
ONE_WORD_FUNCTIONS = {
    **dict.fromkeys(
        (f"graders.sandbox.kernel_calls.{name}" for name in ("mount", "prctl", "setns", "unshare")),
        "the kernel's own name of the call",
    ),
    "graders.nbgrader.drop_in.install": "an office's `nbgrader_config.py` calls it",
    **dict.fromkeys(
        (f"labs.kit.desk_forms.{name}" for name in ("act", "ran")),
        "the desk in a learner's browser sends it to the kernel; the page may be older than the kit",
    ),
    **dict.fromkeys(
        (
            f"labs.kit.checking.{name}"
            for name in (
                *("check", "draw", "judge", "near", "number", "partly", "passed", "phrase", "probe"),
                *("several", "unanswered", "view"),
            )
        ),
        "checks and judges of labs import it, also of labs that a ministry wrote",
    ),
    **dict.fromkeys(
        (
            "labs.kit.plots.figure",
            *(
                f"labs.kit.show.{name}"
                for name in ("bare", "folded", "marked", "panel", "paragraph", "rich", "table")
            ),
            *(f"labs.kit.urgent_files.{name}" for name in ("facts", "trained")),
            *(f"labs.datasets.loader.{name}" for name in ("card", "load", "names")),
        ),
        "notebooks and checks of released labs import it",
    ),
    **dict.fromkeys(
        (
            "labs.datasets.build.table",
            "labs.datasets.registry.datasets",
            *(f"labs.datasets.seeds.{name}" for name in ("generator", "of")),
        ),
        "judges and `hidden.py` of labs import it, also of labs that a ministry wrote",
    ),
    "labs.prototype_kit.application.decisions.decide": "tests of data teams' projects import it",
    "labs.prototype_kit.model_evaluation.evaluate": "notebooks of data teams' projects import it",
}
"""Public functions of one word, and why each keeps its name."""


def one_word_functions(body: Iterable[ast.stmt]) -> list[str]:
    """Return the public functions of a module whose names have one word, but those that contracts name."""
    return [
        node.name
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and "_" not in node.name
        and node.name not in NAMED_BY_CONTRACT
    ]


def test_a_public_function_has_a_name_of_two_or_three_words_or_a_reason() -> None:
    """Once imported, `table` or `said` could be anything, and no search finds it; `markdown_table` is one thing."""
    found = [
        f"{_name(path)}.{name}"
        for path in _sources(*ROOMS_OF_FUNCTIONS)
        if not _name(path).startswith(FILES_OF_OTHERS) and not re.match(r"labs\.\d\d-", _name(path))
        for name in one_word_functions(_tree(path).body)
    ]
    assert sorted(found) == sorted(ONE_WORD_FUNCTIONS)


def test_a_public_function_of_one_word_is_found() -> None:
    body = ast.parse("def table(): ...\ndef _said(): ...\ndef main(): ...\nasync def two_words(): ...").body
    assert one_word_functions(body) == ["table"]
