"""Rewrites a learner's cell for the guarded run: every name that could lead to machinery asks the guard first."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Sequence

from graders.contract import guard_policy as policy
from graders.engine import static_findings
from graders.engine.left_out import leave_out_failing
from graders.engine.line_magics import line_magic
from graders.engine.name_scopes import bound_inside

MAGIC_CALLS = ("run_line_magic", "run_cell_magic")
OPTIONS = re.compile(r"^\s*(?:-[nrplsTDq]\s*\S+\s+|-[tcoqv]\s+)*")
SELF = ("self", "cls", "super")


class UnguardedError(Exception):
    """A cell that cannot be rewritten, so that nothing can be told of it."""


def guard_source(
    source: str,
    cell: str,
    held: frozenset[str] = frozenset(),
    trusted: frozenset[str] = frozenset(),
    *,
    is_cell: bool = True,
) -> str:
    """Return `source`, with IPython's own lines translated, as the guarded run runs it.

    A statement that fails after a refusal is left out, and the rest of its cell runs: what a test earns then is
    earned without all that was refused.

    Args:
        source: a learner's cell.
        cell: its key, which the guard gives back with each refusal.
        held: names that tests rely on, and that no function of the learner's may set or change for them.
        trusted: findings that the teacher's own notebook has as well.
        is_cell: whether `source` is a cell of statements, and no text of a magic.

    Raises:
        UnguardedError: the cell is no Python that can be read.
    """
    transformed, tree = static_findings.parse_cell(source)
    if tree is None:
        # What Python cannot read fails as it did before.
        return transformed
    try:
        renamed = _rename_forbidden(tree, trusted)
        rewriter = _Rewriter(cell, tree, held, trusted)
        start = _after_future(tree)
        told: list[ast.stmt] = [
            rewriter.tell(f"defines {name}", line) for name, line in sorted(renamed.items())
        ]
        groups = [_as_list(rewriter.visit(one)) for one in tree.body[start:]]
        magic = line_magic(transformed)
        if magic is not None and groups:
            as_python = [one for group in groups for one in group]
            groups = [rewriter.either(ast.parse(magic.call).body[0], as_python, magic.name)]
        body = leave_out_failing(groups) if is_cell else [one for group in groups for one in group]
        made = ast.Module([*tree.body[:start], *told, *body], [])
        return ast.unparse(ast.fix_missing_locations(made))
    except RecursionError as error:
        raise UnguardedError("nested too deeply") from error


def _rename_forbidden(tree: ast.Module, trusted: frozenset[str]) -> dict[str, int]:
    """Give another name to what a cell may not bind: the guard, and ways to memory; return each with its line."""
    forbidden = {policy.GUARD, *policy.allowed_less(policy.MEMORY, trusted)}
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            continue
        for field in ("id", "name", "attr", "arg", "asname"):
            name = getattr(node, field, None)
            if isinstance(name, str) and name in forbidden:
                found.setdefault(name, getattr(node, "lineno", 0))
                setattr(node, field, f"{name[:-2]}_refused__")
    return found


def _after_future(tree: ast.Module) -> int:
    """Return the index at which the first statement may be put in."""
    return sum(isinstance(one, ast.ImportFrom) and one.module == "__future__" for one in tree.body)


def _as_list(made: ast.AST | list[ast.stmt]) -> list[ast.stmt]:
    return made if isinstance(made, list) else [made]  # type: ignore[list-item]


class _Rewriter(ast.NodeTransformer):
    def __init__(self, cell: str, tree: ast.Module, held: frozenset[str], trusted: frozenset[str]) -> None:
        self._cell = cell
        self._held = held
        self._trusted = trusted
        self._free_methods = _methods_of_teachers(trusted)
        # Names that the functions around a node bind, innermost last; empty outside of functions.
        self._local: list[frozenset[str]] = []
        self._classes: list[ast.ClassDef] = []
        self._parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def _ask(self, method: str, *values: ast.expr | str, line: int = 0) -> ast.Call:
        given = [ast.Constant(one) if isinstance(one, str) else one for one in values]
        guard = ast.Attribute(ast.Name(policy.GUARD, ast.Load()), method, ast.Load())
        return ast.Call(guard, [*given, ast.Constant(self._cell), ast.Constant(line)], [])

    def tell(self, what: str, line: int) -> ast.Expr:
        """Return a statement that tells of a line which was left without its effect."""
        return ast.Expr(self._ask("told", what, line=line))

    def either(self, call: ast.stmt, group: list[ast.stmt], name: str) -> list[ast.stmt]:
        """Return a line that is a magic's call if no name of the notebook hides that magic, else `group`."""
        asked = self._ask("is_magic", name, line=1)
        made = self.visit(call)
        if len(group) == 1 and isinstance(group[0], ast.Expr) and isinstance(made, ast.Expr):
            return [ast.Expr(ast.IfExp(asked, made.value, group[0].value))]
        return [ast.If(asked, _as_list(made), group)]

    def _refuse(self, what: str, line: int) -> ast.Expr:
        return ast.Expr(self._ask("refuse", what, line=line))

    # Imports.
    def visit_Import(self, node: ast.Import) -> ast.AST | list[ast.AST]:
        kept = [one for one in node.names if self._is_kept(one)]
        refused = [self._without_module(one, node.lineno) for one in node.names if one not in kept]
        checks = [
            self._import_check(one.name, node.lineno) for one in kept if not policy.is_known_module(one.name)
        ]
        return [*checks, *([ast.Import(kept)] if kept else []), *refused]

    def _is_kept(self, one: ast.alias) -> bool:
        """Return whether a module is imported as it is: names that are asked of some of them have a stand-in."""
        named = one.name in policy.STAND_INS and one.name not in policy.WHOLE_STAND_INS and not one.asname
        return named or not self._is_refused_module(one.name)

    def _without_module(self, one: ast.alias, line: int) -> ast.stmt:
        if one.name not in policy.WHOLE_STAND_INS:
            return self._stub(one, f"imports {one.name}", line)
        made = self._ask("stand_in", one.name, "", line=line)
        return ast.Assign([ast.Name(one.asname or one.name, ast.Store())], made, lineno=line)

    def _import_check(self, name: str, line: int) -> ast.Expr:
        return ast.Expr(self._ask("check_import", name, line=line))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.AST]:
        module = node.module or ""
        if module == "__future__" or node.level:
            return node
        if self._is_refused_module(module):
            return [self._in_place_of(one, module, node.lineno) for one in node.names]
        before: list[ast.AST] = []
        if not policy.is_known_module(module):
            before.append(self._import_check(module, node.lineno))
        kept: list[ast.alias] = []
        after: list[ast.AST] = []
        for alias in node.names:
            if alias.name == "*":
                kept.append(alias)
                after.append(ast.Expr(self._ask("starred", module, line=node.lineno)))
            elif self._is_refused(module, alias.name):
                before.append(self._in_place_of(alias, module, node.lineno))
            else:
                kept.append(alias)
                if alias.name in policy.GUARDED_NAMES:
                    after.append(self._asked_again("pick", alias, node.lineno))
                elif alias.name[:1].islower():  # A class is no module.
                    after.append(self._asked_again("imported", alias, node.lineno))
        return [*before, *([ast.ImportFrom(module, kept, node.level)] if kept else []), *after]

    def _stub(self, alias: ast.alias, what: str, line: int) -> ast.stmt:
        """Return a stand-in for an import: it refuses only when used, so an unused import loses nothing."""
        name = alias.asname or alias.name
        if "." in name or name == "*":
            return self._refuse(what, line)
        return ast.Assign([ast.Name(name, ast.Store())], self._ask("stub", what, line=line), lineno=line)

    def _is_refused_module(self, name: str) -> bool:
        return policy.is_refused_module(name) and f"imports {name}" not in self._trusted

    def _in_place_of(self, alias: ast.alias, module: str, line: int) -> ast.stmt:
        """Return a stand-in for a name of a refused module, or for a refused module's own name."""
        is_module = alias.name in {one.rpartition(".")[2] for one in policy.STAND_INS}
        if policy.has_stand_in(module, alias.name) or (
            is_module and f"{module}.{alias.name}" in policy.STAND_INS
        ):
            name = alias.asname or alias.name
            made = self._ask("stand_in", module, alias.name, line=line)
            return ast.Assign([ast.Name(name, ast.Store())], made, lineno=line)
        refused = f"imports {module}" if self._is_refused_module(module) else f"imports {module}.{alias.name}"
        return self._stub(alias, refused, line)

    def _asked_again(self, method: str, alias: ast.alias, line: int) -> ast.Try:
        """Return a check of an imported value; if it is refused, the name is taken away before anyone catches that."""
        name = alias.asname or alias.name
        asked = self._ask(method, ast.Name(name, ast.Load()), alias.name, line=line)
        kept = ast.Assign([ast.Name(name, ast.Store())], asked, lineno=line)
        taken = ast.Delete([ast.Name(name, ast.Del())])
        return ast.Try([kept], [ast.ExceptHandler(None, None, [taken, ast.Raise(None, None)])], [], [])

    def _is_refused(self, module: str, name: str) -> bool:
        if f"uses {name}" in self._trusted or f"imports {module}" in self._trusted:
            return False
        private = name.startswith("_") and not (name.startswith("__") and name in policy.READABLE)
        if module in policy.FRIENDLY_PARTS:
            return private
        if module == "IPython" and name not in ("display", "get_ipython", "version_info"):
            return True
        return private or policy.is_sealed(module, name) or policy.is_refused_module(f"{module}.{name}")

    # Names and attributes.
    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not isinstance(node.ctx, ast.Load):
            return node
        if node.id == policy.GUARD:
            return self._ask("refuse", "uses the guard", line=node.lineno)
        if node.id == "type" and (self._is_ordinary_type(node) or self._is_maker(node)):
            guard = ast.Name(policy.GUARD, ast.Load())
            return ast.Attribute(guard, "maker", ast.Load()) if self._is_maker(node) else node
        if node.id in self._held and self._local and not any(node.id in names for names in self._local):
            return self._ask("given", node, node.id, line=node.lineno)
        if node.id in policy.GUARDED_NAMES or policy.NUMBERED_INPUT.fullmatch(node.id):
            return self._ask("pick", node, node.id, line=node.lineno)
        return node

    def _is_ordinary_type(self, node: ast.expr) -> bool:
        """`type(x)` and `isinstance(x, type)`."""
        parent = self._parents.get(node)
        if isinstance(parent, ast.Tuple):
            parent = self._parents.get(parent)
        if not isinstance(parent, ast.Call):
            return False
        if parent.func is node:
            return (
                len(parent.args) == 1 and not parent.keywords and not isinstance(parent.args[0], ast.Starred)
            )
        return isinstance(parent.func, ast.Name) and parent.func.id in ("isinstance", "issubclass")

    @property
    def _may_make_classes(self) -> bool:
        """Return whether the teacher's own notebook has a metaclass."""
        return "uses a metaclass" in self._trusted

    def _is_maker(self, node: ast.Name) -> bool:
        """`class Meta(type)` and `type.__new__(…)`, in a lab whose task is a metaclass."""
        parent = self._parents.get(node)
        named = parent.attr if isinstance(parent, ast.Attribute) else ""
        return self._may_make_classes and (
            isinstance(parent, ast.ClassDef) or named in ("__new__", "__call__", "__init__", "__prepare__")
        )

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        mangled = node.attr.startswith("__") and not node.attr.endswith("__") and bool(self._classes)
        own = isinstance(node.value, ast.Name) and node.value.id in SELF
        value = self.visit(node.value)
        name = f"_{self._classes[-1].name.lstrip('_')}{node.attr}" if mangled else node.attr
        if isinstance(node.ctx, ast.Load):
            plain_own = own and not (
                name.startswith("__") and name.endswith("__") and name not in policy.READABLE
            )
            if not policy.is_interesting(name) or (plain_own and name not in policy.FRAMES):
                return ast.Attribute(value, node.attr, node.ctx)
            return self._ask("attr", value, name, line=node.lineno)
        if own and node.attr not in ("__class__", "__dict__"):
            return ast.Attribute(value, node.attr, node.ctx)
        slot = self._ask("slot", value, name, line=node.lineno)
        return ast.Subscript(slot, ast.Constant(0), node.ctx)

    # Scopes.
    def _inside(self, node: ast.AST, names: frozenset[str]) -> ast.AST:
        self._local.append(names)
        made = self.generic_visit(node)
        self._local.pop()
        return made

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._inside(node, bound_inside(node))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._inside(node, bound_inside(node))

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._inside(node, bound_inside(node))

    def visit_Global(self, node: ast.Global) -> ast.AST:
        """A function may not set what a test relies on while the test runs: the name becomes its own."""
        names = [name for name in node.names if name not in self._held]
        refused = [self._refuse_later(name, node.lineno) for name in node.names if name in self._held]
        return [*([ast.Global(names)] if names else []), *refused] or ast.Pass()  # type: ignore[return-value]

    def _refuse_later(self, name: str, line: int) -> ast.Expr:
        return self.tell(f"sets {name} inside a function", line)

    # Calls.
    def visit_Call(self, node: ast.Call) -> ast.AST:
        refused = self._refused_call(node)
        if refused and refused not in self._trusted:
            return self._ask("refuse", refused, line=node.lineno)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in ("globals", "locals", "vars") and not node.args:
            return self._space(node, name)
        if name == "type" and self._is_ordinary_type(node.func):
            return self._ask("type_of", self.visit(node.args[0]), line=node.lineno)
        return self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        """Check the names of `**words`, which an object could take up as its own."""
        value = self.visit(node.value)
        if node.arg is None:
            value = self._ask("words", value, line=getattr(node, "lineno", 0))
        return ast.keyword(node.arg, value)

    def _refused_call(self, node: ast.Call) -> str:
        """Return what is refused of a call, whatever it is given; "" for ordinary ones."""
        called = _last_name(node.func)
        if called in MAGIC_CALLS and isinstance(node.func, ast.Attribute) and not self._rewrite_magic(node):
            return "uses a magic with computed text"
        words = [word.arg for word in node.keywords if word.arg in ("pass_fds", "close_fds", "preexec_fn")]
        if words:
            return f"uses {words[0]}"
        if called == "wraps" and (len(node.args) != 1 or node.keywords):
            return "uses wraps with its own list of names"
        if called == "switch_backend" and not self._is_plain_text(node):
            return f"uses {called} with a computed name"
        return ""

    @staticmethod
    def _is_plain_text(node: ast.Call) -> bool:
        text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        return isinstance(text, str) and "module://" not in text and not policy.is_refused_module(text)

    def _space(self, node: ast.Call, kind: str) -> ast.AST:
        """globals() and locals(): inside a function locals() are its own; else the notebook's names, which ask."""
        if kind in ("locals", "vars") and self._is_in_function(node):
            return ast.Call(ast.Name("locals", ast.Load()), [], [])
        parent = self._parents.get(node)
        if (
            isinstance(parent, ast.Call)
            and isinstance(parent.func, ast.Name)
            and parent.func.id in ("eval", "exec")
        ):
            return node
        return self._ask("names", kind, line=node.lineno)

    def _is_in_function(self, node: ast.AST) -> bool:
        above = self._parents.get(node)
        while above is not None:
            if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
                return True
            above = self._parents.get(above)
        return False

    def _rewrite_magic(self, node: ast.Call) -> bool:
        """Rewrite the Python inside a magic's text; whether that was possible, or there is none."""
        texts = [one for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if not texts or texts[0] is not node.args[0]:
            return False
        name, line, *body = (*texts, ast.Constant(""))[: max(2, len(texts))]
        if name.value not in policy.CODE_MAGICS:
            return True
        if len(texts) != len(node.args):
            return False
        options = OPTIONS.match(str(line.value)) if name.value != "capture" else None
        if body:
            body[0].value = self._again(str(body[0].value))
        elif options is not None:
            kept = options[0]
            line.value = kept + self._again(str(line.value)[len(kept) :]).strip()
        return True

    def _again(self, text: str) -> str:
        return guard_source(text, self._cell, self._held, self._trusted, is_cell=False)

    # Classes.
    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if self._makes_classes(node) and not self._may_make_classes:
            return self._refuse("uses a metaclass", node.lineno)
        kept, node.keywords = node.keywords, []
        self._classes.append(node)
        made = self.generic_visit(node)
        self._classes.pop()
        node.keywords = kept
        every = "derives from" not in " ".join(self._trusted) and any(
            _last_name(base) in static_findings.VALUES or not _last_name(base) for base in node.bases
        )
        node.body = [self._own_method(one, every=every) for one in node.body]
        # Other statements bind methods too: the finished class is looked through, before its decorators see it.
        call = self._ask(
            "finished", ast.Name("_class", ast.Load()), " ".join(sorted(self._free_methods)), line=node.lineno
        )
        node.decorator_list.append(
            ast.Lambda(ast.arguments([], [ast.arg("_class")], None, [], [], None, []), call)
        )
        return made

    @staticmethod
    def _makes_classes(node: ast.ClassDef) -> bool:
        """Return whether a class is a metaclass, or has one that is not Python's."""
        named = [_last_name(word.value) for word in node.keywords if word.arg == "metaclass"]
        return any(name not in ("ABCMeta", "EnumMeta", "EnumType") for name in named) or any(
            _last_name(base) in policy.META for base in node.bases
        )

    def visit_Match(self, node: ast.Match) -> ast.AST | list[ast.AST]:
        """Check class patterns, which read attributes, before the match."""
        checks: list[ast.AST] = []
        for pattern in ast.walk(node):
            if isinstance(pattern, ast.MatchClass):
                asked = [name for name in pattern.kwd_attrs if policy.is_interesting(name)]
                if asked or pattern.patterns:
                    kind = copy.deepcopy(pattern.cls)
                    check = self._ask("matched", kind, " ".join(asked), line=pattern.lineno)
                    checks.append(ast.Expr(check))
        return [*checks, self.generic_visit(node)]

    def _own_method(self, one: ast.stmt, *, every: bool) -> ast.stmt:
        if isinstance(one, ast.FunctionDef) and self._needs_guard(one, every=every):
            one.decorator_list.append(self._own(ast.Name("", ast.Load()), one.name, one.lineno, bare=True))
        elif isinstance(one, ast.Assign):
            for target in one.targets:
                if (
                    isinstance(target, ast.Name)
                    and policy.is_answering(target.id)
                    and target.id not in self._free_methods
                ):
                    one.value = self._own(one.value, target.id, one.lineno)
        return one

    def _needs_guard(self, method: ast.FunctionDef, *, every: bool) -> bool:
        if method.name in self._free_methods:
            return False
        free = {_last_name(one) for one in method.decorator_list} & {
            "staticmethod",
            "classmethod",
            "property",
        }
        return policy.is_answering(method.name) or (
            every and not free and method.name not in policy.FREE_METHODS
        )

    def _own(self, value: ast.expr, name: str, line: int, *, bare: bool = False) -> ast.expr:
        """`own(value, …)`, or as a decorator a function that waits for the value."""
        if not bare:
            return self._ask("own", value, name, line=line)
        call = self._ask("own", ast.Name("_method", ast.Load()), name, line=line)
        arguments = ast.arguments([], [ast.arg("_method")], None, [], [], None, [])
        return ast.Lambda(arguments, call)


def _methods_of_teachers(trusted: frozenset[str]) -> frozenset[str]:
    """Return methods that the teacher's own classes define, and special ones that go with them."""
    named = {one.partition(" ")[2] for one in trusted if one.startswith("defines ") and " " not in one[8:]}
    named |= {one.removeprefix("method ") for one in trusted if one.startswith("method ")}
    if "defines its own text form" in trusted:
        named |= static_findings.REPRS
    if any(one.startswith("uses dataclass") or one == "imports dataclasses" for one in trusted):
        named |= {"__eq__", "__repr__"}
    for family in policy.FAMILIES:
        if named.intersection(family.split()):
            named |= set(family.split())
    for name in [one for one in named if one.startswith("__")]:
        named |= {f"__r{name[2:]}", f"__i{name[2:]}", f"__{name[3:]}"}
    return frozenset(named)


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def refused_sites(sources: Sequence[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """For each finding in the cells (key, source): what, key and line, for flags of which nothing else is known."""
    return [
        (what, key, getattr(node, "lineno", 0))
        for key, source in sources
        for what, node in static_findings.Cell(source).sites
    ]
