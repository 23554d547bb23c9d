"""Reads a cell's source on the trusted side and names what could reach the grading machinery.

Code that this module calls *plain* has no means to read a test, patch a library or forge a result, so its test cells
can run next to it, in one process and fast. Anything else still runs, more slowly and in a copy of the process, and
the marks that it earns are flagged with what was found. A flag accuses nobody: it says where to look.
"""

from __future__ import annotations

import ast
import builtins
import functools
import re
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager

from graders.contract import guard_policy
from graders.contract.plain_imports import PLAIN_IMPORTS
from graders.engine import names_used
from graders.engine.line_magics import line_magic

PLAIN_IPYTHON = frozenset({"IPython.display"})
RISKY_PARTS = frozenset(
    """ctypeslib testing _testing stride_tricks externals joblib mock distutils f2py _core core _libs compat util
    utils_testing pickle io_base ctypes backends backend_bases kit_testing""".split()
)
RISKY_NAMES = frozenset(
    """eval exec compile globals locals vars __import__ setattr delattr breakpoint memoryview get_ipython In Out
    _ih _oh _dh _i _ii _iii __builtins__ __loader__ __spec__ attrgetter methodcaller exit quit""".split()
)
RISKY_ATTRIBUTES = frozenset(
    """f_back f_globals f_locals f_builtins f_code f_trace tb_frame tb_next gi_frame gi_code cr_frame cr_code ag_frame
    ag_code co_code co_consts co_names func_globals func_code as_strided ctypes ctypeslib system popen modules settrace
    setprofile run_cell run_line_magic run_cell_magic ast_transformers input_transformers_cleanup
    input_transformers_post input_transformer_manager events showtraceback user_ns user_global_ns displayhook
    display_formatter read_pickle to_pickle load_module import_module os sys builtins gc inspect importlib subprocess
    shutil pickle tempfile threading multiprocessing mro memmap fromfile tofile DataSource test exec_module
    set_printoptions set_string_function set_option option_context register excepthook stdout stderr stdin
    read_hdf read_sql joblib dump mock simplefilter_ set_flags_ f2py __array_interface__""".split()
) - {"simplefilter_", "set_flags_"}
HARMLESS_DUNDERS = frozenset(
    """__init__ __name__ __doc__ __version__ __post_init__ __main__ __file__ __all__ __author__""".split()
)
REPRS = frozenset({"__repr__", "__str__", "__format__"})
# What tests compare and ask: a class of one's own that is one of these answers as it likes.
VALUES = frozenset(
    """int float str bool complex bytes list dict tuple set frozenset ndarray MaskedArray matrix recarray DataFrame
    Series Index float64 float32 int64 int32 generic UserList UserDict UserString Counter defaultdict OrderedDict
    deque Decimal Fraction date datetime timedelta Number""".split()
)
HARMLESS_MAGICS = frozenset("matplotlib time timeit who whos pwd config_ ls".split()) - {"config_"}
CODE_MAGICS = frozenset({"time", "timeit"})
DYNAMIC_CALLS = frozenset({"getattr", "hasattr"})
TEXT_IS_CODE = frozenset({"eval", "query"})
WORD = re.compile(r"[A-Za-z_]\w*")
# What dataclasses and named tuples write by themselves, whatever the names of their fields.
LIBRARY_TEXT = re.compile(
    r"(uses|names) __dataclass_\w+__( in text)?|defines \w+"
    r"|uses __(class|setattr|delattr|dict|name|qualname|repr|eq|lt|le|gt|ge|hash|init)__"
    r"|uses _(type|dflt|return_type|recursive|tuple_new|cls|self|HAS_DEFAULT_FACTORY)\w*"
    r"|defines its own text form|sets \.\w+"
)
SUSPECT_PATH = re.compile(r"/(?:proc|sys|dev)\b|\.ipynb_|\.so\b")

LONGEST_KEPT = 2000
"""Characters of a learner's cell that is kept as it was read: its tree takes a hundred times as much memory."""


class Cell:
    """One cell, read: its tree, the names it binds and loads, and what was found in it."""

    def __init__(self, source: str, *, is_python: bool = False) -> None:
        """Read `source`, in which `is_python` says that no line is IPython's."""
        self.source = source
        self.transformed, self.tree = (source, parse_text(source)) if is_python else parse_cell(source)
        self.binds: frozenset[str] = frozenset()
        self.loads: frozenset[str] = frozenset()
        self.needs: frozenset[str] = frozenset()
        self.later: dict[str, frozenset[str]] = {}
        self.changes: frozenset[str] = frozenset()
        self.findings: frozenset[str] = frozenset()
        # Each finding with the node of the tree that it was read from.
        self.sites: tuple[tuple[str, ast.AST], ...] = ()
        if self.tree is not None:
            self._read(self.tree)

    def _read(self, tree: ast.Module) -> None:
        try:
            self.binds = frozenset(_bound(tree))
            self.needs = names_used.names_needed(tree)
            self.later = names_used.names_used_later(tree)
            self.changes = names_used.names_changed(tree)
            self.loads = frozenset(
                node.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            )
            self.sites = (*_Reader(tree).found(), *names_used.Reach(tree).found(), *self._as_magic(tree))
            self.findings = frozenset(what for what, _ in self.sites)
        except RecursionError:
            self.findings, self.sites = frozenset({"unreadable"}), ()

    def _as_magic(self, tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
        """Yield what a line of Python is if IPython takes it for a magic: `history`, `ls -l`."""
        magic = line_magic(self.transformed)
        if magic is not None and magic.name not in HARMLESS_MAGICS:
            yield f"uses the magic {magic.name}", tree.body[0]

    @functools.cached_property
    def warnings(self) -> frozenset[str]:
        """Findings without those that only IPython's own rewriting of harmless magics brought in."""
        return frozenset(self.findings - _from_magics(self))

    @property
    def last_is_value(self) -> bool:
        """Return whether the cell ends in an expression, whose value Jupyter shows."""
        return bool(self.tree and self.tree.body and isinstance(self.tree.body[-1], ast.Expr))

    @property
    def last_is_constant(self) -> bool:
        """Return whether that expression is text or a number written out, which no learner can change."""
        last = self.tree.body[-1] if self.tree and self.tree.body else None
        return isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant)


def parse_cell(source: str) -> tuple[str, ast.Module | None]:
    """Return a cell's code as IPython transforms it, by a transformer no learner touched, and its tree.

    A line that is a magic's, and no Python, is the call of that magic.
    """
    try:
        transformed = TransformerManager().transform_cell(source)
    except Exception:
        return source, None
    tree = parse_text(transformed)
    magic = line_magic(transformed) if tree is None else None
    return (magic.call, parse_text(magic.call)) if magic is not None else (transformed, tree)


def parse_text(text: str) -> ast.Module | None:
    """Return the syntax tree of Python text, or None if it has none."""
    try:
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        return compile(text, "cell", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _bound(tree: ast.Module) -> Iterator[str]:
    """Yield names that a cell sets in the notebook's own space."""
    pending: list[tuple[ast.AST, bool]] = [(node, True) for node in tree.body]
    while pending:
        node, top = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if top:
                yield node.name
            pending += [(one, False) for one in ast.iter_child_nodes(node)]
            continue
        if isinstance(node, ast.Global):
            yield from node.names
        elif isinstance(node, ast.Import | ast.ImportFrom) and top:
            for alias in node.names:
                yield (alias.asname or alias.name.partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del) and top:
            yield node.id
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name and top:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest and top:
            yield node.rest
        # A comprehension's variables are its own.
        inner = top and not isinstance(node, ast.Lambda | ast.comprehension)
        pending += [(one, inner) for one in ast.iter_child_nodes(node)]


class _Reader:
    """Collects findings from one tree."""

    def __init__(self, tree: ast.AST) -> None:
        self._tree = tree
        self._imported = {
            alias.asname or alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }

    def found(self) -> Iterator[tuple[str, ast.AST]]:
        for node in ast.walk(self._tree):
            reader = getattr(self, f"_{type(node).__name__.lower()}", None)
            if reader is not None:
                yield from ((what, node) for what in reader(node))

    def _import(self, node: ast.Import) -> Iterator[str]:
        for alias in node.names:
            yield from _module(alias.name)

    def _importfrom(self, node: ast.ImportFrom) -> Iterator[str]:
        module = node.module or ""
        # A relative import names a file of the same package, whose text is read when it is imported.
        yield from () if node.level else _module(module)
        for alias in node.names:
            if alias.name == "*":
                yield f"imports everything from {module}"
            elif alias.name in RISKY_ATTRIBUTES | RISKY_NAMES | RISKY_PARTS or alias.name.startswith("_"):
                if module != "__future__":
                    yield f"uses {alias.name}"
            bound = alias.asname or alias.name
            if hasattr(builtins, bound) and bound not in ("copy",):
                yield f"redefines {bound}"

    def _name(self, node: ast.Name) -> Iterator[str]:
        hidden = _dunder(node.id) and node.id not in HARMLESS_DUNDERS
        if node.id in RISKY_NAMES or hidden or re.fullmatch(r"_i\d+|_\d+", node.id):
            yield f"uses {node.id}"

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        name = node.attr
        if name in RISKY_ATTRIBUTES:
            yield f"uses {name}"
        elif name.startswith("_") and name not in HARMLESS_DUNDERS:
            if not (isinstance(node.value, ast.Name) and node.value.id == "self" and not _dunder(name)):
                yield f"uses {name}"
        if isinstance(node.ctx, ast.Store) and name in guard_policy.VERDICTS:
            yield f"defines {name}"
        if isinstance(node.ctx, ast.Store | ast.Del) and _root(node) in self._imported:
            yield f"changes {ast.unparse(node)[:60]}"

    def _matchclass(self, node: ast.MatchClass) -> Iterator[str]:
        """A class pattern reads attributes."""
        for name in node.kwd_attrs:
            if name in RISKY_ATTRIBUTES or name.startswith("_"):
                yield f"uses {name}"

    def _call(self, node: ast.Call) -> Iterator[str]:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name == "type" and len(node.args) > 1:
            yield "makes a class by type()"
        if name in DYNAMIC_CALLS and not (len(node.args) > 1 and _text(node.args[1]) is not None):
            yield f"uses {name} with a computed name"
        if "namedtuple" in (name, getattr(node.func, "attr", "")):
            texts = " ".join(text for one in ast.walk(node) if (text := _text(one)))
            yield from (f"defines {word}" for word in guard_policy.VERDICTS.intersection(WORD.findall(texts)))
        if name == "open" and not (node.args and _text(node.args[0]) is not None):
            yield "opens a computed path"
        if isinstance(node.func, ast.Attribute) and node.func.attr in TEXT_IS_CODE:
            yield from self._evaluated(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "load":
            yield "uses load"

    def _evaluated(self, node: ast.Call) -> Iterator[str]:
        text = _text(node.args[0]) if node.args else None
        if text is None or ("@" in text and ("." in text or "(" in text)):
            yield f"uses {node.func.attr} with computed text"  # type: ignore[attr-defined]

    def _constant(self, node: ast.Constant) -> Iterator[str]:
        if not isinstance(node.value, str):
            return
        text = node.value
        if "__" in text:
            for word in WORD.findall(text):
                if _dunder(word) and word not in HARMLESS_DUNDERS:
                    yield f"names {word} in text"
        if "{" in text:
            for word in RISKY_ATTRIBUTES.intersection(WORD.findall(text)):
                if f".{word}" in text:
                    yield f"names {word} in text"
        if SUSPECT_PATH.search(text):
            yield "names a system path"

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
        if node.name in REPRS:
            yield "defines its own text form"
        elif _dunder(node.name) and node.name not in HARMLESS_DUNDERS:
            yield f"defines {node.name}"

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef) -> Iterator[str]:
        if node.keywords:
            yield "uses a metaclass"
        for base in node.bases:
            name = (
                base.id
                if isinstance(base, ast.Name)
                else base.attr
                if isinstance(base, ast.Attribute)
                else ""
            )
            if name in VALUES or not name:
                yield f"derives from {name or 'a computed class'}"
        for inner in node.body:
            named = isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if named and inner.name in guard_policy.ANSWERS:  # type: ignore[attr-defined]
                yield f"defines {inner.name}"  # type: ignore[attr-defined]
            targets = inner.targets if isinstance(inner, ast.Assign) else []
            if isinstance(inner, ast.AnnAssign):
                targets = [inner.target]
            for target in targets:
                if isinstance(target, ast.Name) and _answers(target.id):
                    yield f"defines {target.id}"

    def _expr(self, node: ast.Expr) -> Iterator[str]:
        if isinstance(node.value, ast.Call):
            yield from _magic(node.value)


def _magic(node: ast.Call) -> Iterator[str]:
    """A harmless magic is a call of get_ipython() that nobody needs to look at."""
    call = node.func
    if not (
        isinstance(call, ast.Attribute)
        and call.attr in ("run_line_magic", "run_cell_magic", "system", "getoutput")
    ):
        return
    texts = [_text(argument) for argument in node.args]
    if call.attr in ("system", "getoutput"):
        yield "runs a shell command"
    elif not texts or texts[0] not in HARMLESS_MAGICS:
        yield f"uses the magic {texts[0] if texts else ''}"


def _module(name: str) -> Iterator[str]:
    parts = name.split(".")
    if name in PLAIN_IPYTHON:
        return
    if (
        parts[0] not in PLAIN_IMPORTS
        or RISKY_PARTS.intersection(parts)
        or any(part.startswith("_") for part in parts)
    ):
        if parts[0] != "__future__":
            yield f"imports {name}"


def _dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and len(name) > 4


def _answers(name: str) -> bool:
    return name in guard_policy.ANSWERS or (_dunder(name) and name not in HARMLESS_DUNDERS)


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def all_findings(source: str) -> frozenset[str]:
    """Return what a trainer should look at in this cell; empty for plain code."""
    return Cell(source).warnings


def methods_in(cell: Cell) -> frozenset[str]:
    """Return names of methods that classes of a cell define, without those that answer comparisons or sums."""
    classes = [node for node in ast.walk(cell.tree) if isinstance(node, ast.ClassDef)] if cell.tree else []
    named = {one.name for each in classes for one in each.body if isinstance(one, ast.FunctionDef)}
    return frozenset(name for name in named if not name.startswith("__") and not _answers(name))


def found_in_text(text: str, maker: str = "", *, is_guarded: bool = False) -> frozenset[str]:
    """Return what a trainer should look at in text that is about to become code.

    Args:
        text: Python, or what is taken for it.
        maker: the part of the standard library that wrote the text for a class of the learner's, "magic" for a
            magic's Python, "" for the learner's own.
        is_guarded: whether a magic's text was rewritten, and asks the guard.
    """
    cell = Cell(text, is_python=maker != "magic")
    if cell.tree is None:
        # As an expression it may begin with blanks.
        cell = Cell(text.strip(), is_python=True)
    found = cell.warnings
    if maker == "timeit":
        return found - {"uses _i"}
    if maker in ("dataclasses", "collections"):
        return frozenset(one for one in found if not LIBRARY_TEXT.fullmatch(one))
    if maker == "magic" and is_guarded:
        return frozenset(one for one in found if guard_policy.GUARD not in one) if guard_policy.GUARD not in text else (
            frozenset()
        )  # fmt: skip
    return found


@functools.lru_cache(512)
def parse_lab_cell(source: str) -> Cell:
    """Return a cell that is the same in every learner's notebook, read once."""
    return Cell(source)


def read_learners_cell(source: str) -> Cell:
    """Return a learner's cell, read; a short one is kept, because many hand in what others hand in too."""
    return _kept_cell(source) if len(source) <= LONGEST_KEPT else Cell(source)


@functools.lru_cache(64)
def _kept_cell(source: str) -> Cell:
    return Cell(source)


def _from_magics(cell: Cell) -> set[str]:
    """Return the findings that only IPython's own rewriting of harmless magics brought in."""
    if cell.tree is None or "get_ipython" in cell.source or "run_line_magic" in cell.source:
        return set()
    calls = [node for node in ast.walk(cell.tree) if isinstance(node, ast.Call)]
    harmless = {"uses get_ipython", "uses run_line_magic", "uses run_cell_magic", "uses system"}
    for node in calls:
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("run_line_magic", "run_cell_magic"):
            texts = [_text(argument) or "" for argument in node.args]
            if texts[:1] and texts[0] in CODE_MAGICS and all_findings("\n".join(texts[1:])):
                return set()
    return harmless
