"""Ways by which a cell reaches machinery: modules behind modules, foreign names set, text or names made into
code.

`plain` names single words that no lab needs. Here are the ways around them: a private module reached over a public
one, a method of a library's class set from outside, `getattr` handed to another function, a class made by calling.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Iterator

from graders.engine.name_scopes import FUNCTIONS, bound_inside, bound_names, loaded_names

FAMILIAR = frozenset(
    {"np", "pd", "plt", "sns", "sklearn", "scipy", "matplotlib", "numpy", "pandas", "ipywidgets"}
)
# Attributes of a module that are modules which a lab has business with.
OPEN_MODULES = frozenset(
    """abc array calendar char cm cmath colors copy date datetime dates decimal errors fft fractions linalg ma math
    metrics numbers offsets pyplot random rec select statistics string struct style test ticker time types typing
    api plotting polynomial tseries""".split()
)
INNER_MODULES = frozenset(
    """core compat util utils lib io bltns arrays cbook backends _libs internals computation generic nanops ops
    indexes fixes validation extmath metaestimators backend_bases pylab mlab extensions
    interchange npyio format""".split()
)
MODULES = (frozenset(sys.stdlib_module_names) | INNER_MODULES) - OPEN_MODULES
# Attributes that labs set on tables, plots and widgets.
SETTABLE = frozenset(
    """columns index name names value options description disabled style layout label attrs shape min max step
    placeholder children title icon button_style tooltip rows width height""".split()
)
ONLY_CALLED = frozenset({"getattr", "hasattr", "open"})
META = frozenset({"type", "ABCMeta", "EnumMeta", "EnumType", "NamedTupleMeta", "_ProtocolMeta"})
MAKERS = frozenset(
    """make_dataclass ABCMeta EnumMeta EnumType get_type_hints ForwardRef update_wrapper get_field Formatter
    attrgetter methodcaller register_dataframe_accessor register_series_accessor register_index_accessor
    switch_backend use_backend seterrcall view_as_code singledispatchmethod open_memmap get_overloads
    setattr delattr exec globals locals __import__ breakpoint getattr open""".split()
)
WRITES_PROGRAM = (".py", ".pyc", ".pth", ".so", ".ipy")


class Reach:
    """Collects these findings from one tree."""

    def __init__(self, tree: ast.AST) -> None:
        self._tree = tree
        self._parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        bound = {
            node.id
            for node in self._parents
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        imported = {
            alias.asname or alias.name.partition(".")[0]
            for node in self._parents
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        self._modules = (FAMILIAR | imported) - bound
        self._rules: dict[type[ast.AST], Callable[..., Iterator[str]]] = {
            ast.Attribute: self._attribute,
            ast.Name: self._name,
            ast.Call: self._call,
            ast.Constant: self._constant,
        }

    def found(self) -> Iterator[tuple[str, ast.AST]]:
        """Yield every finding with its node, some of them more than once."""
        for node in self._parents:
            rule = self._rules.get(type(node))
            if rule is not None:
                yield from ((what, node) for what in rule(node))

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        if node.attr in MODULES and self._is_module(node.value):
            yield f"reaches the module {node.attr}"
        if node.attr in MAKERS and not (node.attr == "open" and not self._is_module(node.value)):
            yield f"uses {node.attr}"
        if node.attr in ("query", "eval") and not self._is_called(node):
            yield f"uses {node.attr} under another name"
        if isinstance(node.ctx, ast.Store | ast.Del) and node.attr not in SETTABLE and not self._is_own(node):
            yield f"sets .{node.attr}"

    def _is_module(self, node: ast.AST) -> bool:
        """Return whether a value is a module, or something found inside one."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self._modules

    def _is_own(self, node: ast.Attribute) -> bool:
        """`self.x = …` inside a method of a class of the cell's own."""
        if not isinstance(node.value, ast.Name):
            return False
        above: ast.AST | None = node
        while above is not None and not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            above = self._parents.get(above)
        if above is None or not isinstance(self._parents.get(above), ast.ClassDef):
            return False
        arguments = above.args.posonlyargs + above.args.args
        return bool(arguments) and arguments[0].arg == node.value.id

    def _name(self, node: ast.Name) -> Iterator[str]:
        parent = self._parents.get(node)
        if not isinstance(node.ctx, ast.Load):
            return
        if node.id in self._modules and not (isinstance(parent, ast.Attribute) and parent.value is node):
            yield f"passes the module {node.id} on"
        if node.id in MAKERS - ONLY_CALLED:
            yield f"uses {node.id}"
        if node.id in ONLY_CALLED and not self._is_called(node):
            yield f"uses {node.id} under another name"
        if node.id == "type" and not self._is_called(node):
            yield "uses type under another name"
        if node.id == "wraps" and not self._is_ordinary_wraps(parent):
            yield "uses wraps with its own list of names"

    def _is_called(self, node: ast.AST) -> bool:
        parent = self._parents.get(node)
        return isinstance(parent, ast.Call) and parent.func is node

    def _is_ordinary_wraps(self, parent: ast.AST | None) -> bool:
        return isinstance(parent, ast.Call) and len(parent.args) == 1 and not parent.keywords

    def _call(self, node: ast.Call) -> Iterator[str]:
        made = node.func
        if isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and made.func.id in META:
            if len(node.args) > 1 or node.keywords:
                yield "makes a class by calling"
        if isinstance(made, ast.Attribute):
            if made.attr == "wraps" and not self._is_ordinary_wraps(node):
                yield "uses wraps with its own list of names"
            if made.attr in ("format", "format_map") and not isinstance(
                made.value, ast.Constant | ast.Name | ast.Attribute
            ):
                yield "formats text that is put together"
            if made.attr in ("query", "eval"):
                yield from self._evaluated(node)

    def _evaluated(self, node: ast.Call) -> Iterator[str]:
        """pandas evaluates text as a kind of Python: read it as that."""
        text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if not isinstance(text, str):
            return
        try:
            inner = ast.parse(text.replace("@", "").strip())
        except (SyntaxError, ValueError, RecursionError):
            return
        names = {one.id for one in ast.walk(inner) if isinstance(one, ast.Name)}
        if names & (self._modules | MAKERS):
            yield "names a module in text that is evaluated"
        yield from (what for what, _ in Reach(inner).found())

    def _constant(self, node: ast.Constant) -> Iterator[str]:
        if (
            isinstance(node.value, str)
            and node.value.strip().endswith(WRITES_PROGRAM)
            and len(node.value) < 200
        ):
            yield "names a program's file"


def names_needed(tree: ast.Module) -> frozenset[str]:
    """Return names that a cell's own lines use before they set them, and all that its functions take from outside."""
    known: set[str] = set()
    found: set[str] = set()
    for line in tree.body:
        loaded = set(loaded_names(line))
        stored = set(bound_names([line]))
        if isinstance(line, ast.Assign | ast.AnnAssign | ast.AugAssign):
            # The right side is worked out first.
            found |= loaded - known
            if isinstance(line, ast.AugAssign):
                found |= stored - known
        else:
            found |= loaded - known - stored
        known |= stored
    return frozenset(found)


def names_used_later(tree: ast.Module) -> dict[str, frozenset[str]]:
    """Return, for each name that a cell sets, the outside names that code inside it will use when it is called."""
    found: dict[str, frozenset[str]] = {}
    for line in tree.body:
        inner = [one for one in ast.walk(line) if isinstance(one, (*FUNCTIONS, ast.ClassDef))]
        if not inner:
            continue
        uses = frozenset(name for one in inner for name in loaded_names(one))
        for name in bound_names([line]):
            found[name] = found.get(name, frozenset()) | uses
    return found


def names_changed(tree: ast.Module) -> frozenset[str]:
    """Names whose values a cell's own lines plainly change in place: `x[…] =`, `x.a =`, `x.sort()`, `shuffle(x)`."""
    found: set[str] = set()
    for line in tree.body:
        if isinstance(line, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for node in ast.walk(line):
            if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
                found.add(root_name(node) or "")
            elif isinstance(node, ast.Call) and any(word.arg in ("inplace", "out") for word in node.keywords):
                found.add(root_name(node.func) or "")
        if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call):
            called = line.value
            name = (
                called.func.attr if isinstance(called.func, ast.Attribute) else getattr(called.func, "id", "")
            )
            found.add(root_name(called.func) or "")
            if name not in ("print", "display", "fit", "plot", "hist", "scatter", "bar", "show"):
                found |= {root_name(one) or "" for one in called.args}
    return frozenset(found - {""})


def names_changed_inside(tree: ast.Module) -> frozenset[str]:
    """Names from outside whose values a cell's functions plainly change in place when they are called."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found |= names_changed(ast.Module(node.body, [])) - bound_inside(node)
    return frozenset(found)


def root_name(node: ast.AST) -> str | None:
    """Return the name that a chain of attributes and subscripts begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def is_builtin(name: str) -> bool:
    """Return whether Python itself has a meaning for a name."""
    return hasattr(builtins, name)
