"""The rules of the house, read off the source: who imports whom, how long, and what is never written down."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from images.image_contents import MESSAGE_MODULES

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("hub", "labs", "graders", "images", "bench", "tests")
# Room (or file in it) -> what it may import of the others. The longest name that fits decides.
MAY_IMPORT: dict[str, set[str]] = {
    "jupyterhub_config": {"hub"},
    "hub": set(),
    # Messages of graded work are data; their one catalogue is part of what both sides say to each other (decision 19).
    "hub.store": {"graders.contract"},
    # The administrator's verbs build images and run the other rooms' own commands.
    "hub.ops": {"images"},
    "labs": set(),
    "graders": {"labs.kit"},
    # What waits to be graded is a query on the store (decision 2); a verb ends with the one kind of error; its
    # sentences come out of catalogues as all others do.
    "graders.agent": {
        "labs.kit",
        "hub.store",
        "hub.isomo_settings",
        "hub.container_engine",
        "hub.verb_errors",
        "hub.verb_options",
        "hub.message_catalogues",
    },
    # The gradebook is a projection of the store (decision 5), made by a verb.
    "graders.nbgrader.gradebook_verb": {
        *(
            "labs.kit",
            "hub.store",
            "hub.isomo_settings",
            "hub.verb_errors",
            "hub.verb_options",
            "hub.message_catalogues",
        ),
    },
    # Read inside the lab image.
    "images.jupyter": {"graders.nbgrader"},
    "images": {"hub.verb_errors", "hub.verb_options", "hub.isomo_settings", "hub.node_programs"},
    "bench": set(ROOMS),
    "tests": set(ROOMS),
}
HTTP_CLIENTS = {"urllib.request", "http.client", "requests", "httpx", "aiohttp", "websockets"}
TURNS_DATA_INTO_CODE = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
TOP_LEVEL = {
    *(".ci", ".gitignore", "README.md", "LICENSE", "CHANGELOG.md", "isomo", "isomo.toml.example"),
    *("LICENSES.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "CITATION.cff"),
    *(".editorconfig", ".pre-commit-config.yaml", ".github"),
    *("jupyterhub_config.py", "pyproject.toml", "setup.py", "docs", *ROOMS),
}
LONGEST_FUNCTION = 60
LONGEST_MODULE = 500
# A clone that lies directly in one of these says nothing about the machine.
ORDINARY_PLACES = {"/", "/tmp", "/srv", "/opt", "/home", "/root", "/usr/src", "/builds"}


@cache
def _tracked() -> tuple[Path, ...]:
    """Every file that a clone would hold, and those about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(Path(name) for name in sorted(set(listed.stdout.split("\0"))) if (ROOT / name).is_file())


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), str(path))


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return the parts of a module, in the order of `ast.walk`: several rules go through them."""
    return tuple(ast.walk(_tree(path)))


def _sources(*rooms: str) -> list[Path]:
    """Our Python modules in `rooms` ("hub", "hub/store"); labs' own notebooks-to-be follow the rules of teaching
    instead.
    """
    return [
        path
        for path in _tracked()
        if path.suffix == ".py" and any(path.is_relative_to(room) for room in rooms)
        if not re.match(r"labs/\d\d-", str(path))
    ]


def test_the_modules_of_a_room_within_a_room_are_found() -> None:
    assert Path("hub/store/blob_sweep.py") in _sources("hub/store")
    assert {path.parts[:2] for path in _sources("hub/store")} == {("hub", "store")}
    assert _sources("hub/stor") == []


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> Iterator[str]:
    """Full names of what a module imports; for `from a import b` both `a` and `a.b`."""
    package = path.parent.parts
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _within(name: str, *rooms: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def _rule(name: str) -> str:
    return max((room for room in MAY_IMPORT if _within(name, room)), key=len)


def test_imports_point_one_way() -> None:
    """hub knows neither labs nor graders, labs knows neither, graders know the kit; see docs/architecture.md."""
    wrong = []
    for path in _sources("jupyterhub_config.py", *ROOMS):
        name = _name(path)
        allowed = MAY_IMPORT[_rule(name)]
        for imported in _imports(path):
            room = imported.partition(".")[0]
            # `from hub import store` is an import of hub.store: its own row decides.
            if room not in ROOMS or _within(name, room) or imported in {a.partition(".")[0] for a in allowed}:
                continue
            if not _within(imported, *allowed):
                wrong.append(f"{path} imports {imported}")
    assert wrong == []


def test_only_one_room_knows_nbgrader() -> None:
    """A new release of nbgrader is met in one place."""
    wrong = [
        str(path)
        for path in _sources("hub", "labs", "graders", "images")
        if not _within(_name(path), "graders.nbgrader")
        and any(_within(imported, "nbgrader") for imported in _imports(path))
    ]
    assert wrong == []


def test_only_one_module_talks_to_the_exchange() -> None:
    """labs/kit/campus_client.py is the HTTP client; the nbgrader classes wrap it. A shared application asks the hub who asks."""
    clients = {
        "labs/kit/campus_client.py",
        "labs/prototype_kit/application/hub_identity.py",
        # To the process of a team's own page, on this machine.
        "labs/prototype_kit/application/own_page_routes.py",
        # An archive's own check, which runs elsewhere.
        "labs/prototype_kit/package/test_application.py",
    }
    wrong = [
        f"{path} imports {imported}"
        for path in _sources("labs", "graders")
        for imported in _imports(path)
        if imported in HTTP_CLIENTS and str(path) not in clients
    ]
    assert wrong == []


def _loads(path: Path) -> Iterator[str]:
    """Uses of a module that makes objects out of bytes, other than to make bytes of objects (a fingerprint)."""
    for node in _nodes(path):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in TURNS_DATA_INTO_CODE and node.attr not in ("dump", "dumps"):
                yield f"{node.value.id}.{node.attr}"
            elif node.attr == "read_pickle":
                yield node.attr
        elif (
            isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in TURNS_DATA_INTO_CODE
        ):
            yield f"from {node.module}"


def test_nothing_turns_data_into_code() -> None:
    """Law 3: what a learner or a sandbox produced is JSON, CSV or Arrow, and is read as that."""
    assert [f"{path}: {use}" for path in _sources("hub", "labs", "graders") for use in _loads(path)] == []


def test_the_hubs_configuration_is_a_table_of_contents() -> None:
    """jupyterhub_config.py has at most 30 lines."""
    assert len((ROOT / "jupyterhub_config.py").read_text("utf-8").splitlines()) <= 30


def test_functions_fit_on_a_screen_and_modules_in_a_room() -> None:
    """What is longer holds more than one idea."""
    long = []
    for path in _sources("jupyterhub_config.py", *ROOMS):
        lines = len((ROOT / path).read_text("utf-8").splitlines())
        if lines > LONGEST_MODULE:
            long.append(f"{path}: {lines} lines")
        for node in _nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "migrations" not in path.parts:
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long.append(f"{path}: {node.name} has {length} lines")
    assert long == []


def test_every_test_reads_as_a_sentence() -> None:
    """A docstring, or a name of at least three words: the suite is the specification."""
    silent = [
        f"{path}: {node.name}"
        for path in _sources("tests")
        for node in _nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not ast.get_docstring(node) and node.name.count("_") < 3
    ]
    assert silent == []


def test_every_top_level_entry_has_its_place() -> None:
    """A new room is a decision, and gets its line here and in docs/architecture.md."""
    assert {path.parts[0] for path in _tracked()} - TOP_LEVEL == set()


def _registries() -> set[str]:
    """Host names of the registries that this machine's package clients use, asked of the clients themselves."""
    from hub.node_programs import npm_command

    pip = (
        "from pip._internal.models.index import PyPI as p; print(p.url, f'https://{p.file_storage_domain}/')"
    )
    questions = [[sys.executable, "-c", pip], [*npm_command(), "config", "get", "registry"]]
    text = [
        subprocess.run(question, capture_output=True, text=True, check=True).stdout for question in questions
    ]
    for pattern in ("sources.list", "sources.list.d/*.list", "sources.list.d/*.sources"):
        text += [path.read_text("utf-8") for path in Path("/etc/apt").glob(pattern)]
    return set(re.findall(r"https?://([^/\s]+)", "\n".join(text)))


def test_no_registry_and_no_machine_is_named() -> None:
    """Every office has mirrors and folders of its own; this project names nobody's."""
    marks = _registries()
    assert len(marks) >= 3, "the clients did not say which registries they use"
    if str(ROOT.parent) not in ORDINARY_PLACES:
        marks.add(f"{ROOT.parent}/")
    named = []
    for path in _tracked():
        text = (ROOT / path).read_bytes().decode("utf-8", "replace")
        named += [f"{path} names {mark}" for mark in marks if mark in text]
    assert named == []


@pytest.mark.parametrize("name", ["isomo", ".ci/run"])
def test_what_is_typed_can_be_run(name: str) -> None:
    """The two scripts that people and machines start are executable."""
    assert (ROOT / name).stat().st_mode & 0o111


def test_what_is_copied_into_the_lab_image_imports_no_grader_that_is_not() -> None:
    """Formgrader and exchange run there, where engine, judge and agent must not be."""
    there = ("exchange", "projection", "formgrader")
    words = [f"graders.contract.{part}" for part in MESSAGE_MODULES]
    wrong = [
        f"{path} imports {imported}"
        for path in _sources(*(f"graders/nbgrader/{room}" for room in there))
        for imported in _imports(path)
        if _within(imported, "graders") and imported not in ("graders", "graders.nbgrader")
        if not _within(imported, "graders.pages", *words, *(f"graders.nbgrader.{room}" for room in there))
    ]
    assert wrong == []
