"""Turns a judge into a plain hidden test that needs nothing but Python: what it uses is copied into the cell."""

from __future__ import annotations

import ast
import base64
import builtins
import json
import zlib
from collections import defaultdict
from pathlib import Path
from textwrap import indent
from typing import Any

from labs.authoring.finding_report import Report, english_finding
from labs.authoring.lab_sentences import LANGUAGES, lab_translator, translate_markdown
from labs.authoring.lab_source import Cell, checked_names
from labs.authoring.lab_spec import Lab, Task
from labs.kit.lab_facts import LARGEST_ANSWERS
from labs.kit.show import bare

CHECKING = Path(__file__).resolve().parents[1] / "kit" / "checking.py"
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"

CELL = '''# isomo-judge: {header}
{probe}def _judge():
    """Draws inputs and gives verdicts; apart from learners' code where the engine of Isomo grades."""
    import json
    from types import SimpleNamespace
{code}
    says = json.loads({says!r})

    def drawn(seed):
        import random
        return {draw}

    def verdict(everything, language, named, probed, problem, kept):
        own = everything.get({task!r})
        own = {{**(own if isinstance(own, dict) else {{}}), **named, "probed": probed, "problem": problem}}
        answers = answers_of({{**own, "kept": kept}}, everything)
        found = {call}
        language = language if language in says else "en"
        sentence = says[language].get(found.key, "")
        named = {{name: value for name, value in found.facts.items() if "{{" + name + "}}" in sentence}}
        _worded = {{f"{{each}}.{{name}}": phrase("{{" + name + "}}", {{name: value}}, each)
                   for each in says for name, value in named.items()}}
        share = getattr(found, "share", None)
        return found.outcome, found.key, share, phrase(sentence, found.facts, language), _worded

    return drawn, verdict


def _mark(seed=None):
    """The same in one process, for graders without a judge's process."""
    import json
    try:
        with open("answers.json", encoding="utf-8") as file:
            answered = json.loads(file.read({most}))
        everything = answered["answers"] if isinstance(answered["answers"], dict) else {{}}
        language = str(answered.get("language"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        everything, language = {{}}, "en"
    drawn, verdict = _judge()
    inputs, kept = drawn(seed)
    named, probed, problem = {{}}, None, None
{ask}
    outcome, key, share, sentence, _facts = verdict(everything, language, named, probed, problem, kept)
    print(sentence)
    return {points} if outcome == "passed" else {points} * min(max(share or 0, 0), 1)


_earned = _mark()
del _judge, _mark{forget}
_earned'''
PROBE = '''def _probe(names, inputs):
    """Asks the learner's code; what comes back is a claim."""
{code}
    named = {{name: plain_data(names[name]) for name in {names!r} if name in names}}
    return named, {call}


'''
ASK = """    try:
        named, probed = _probe(globals(), inputs)
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[:200]"""

NOT_COPIED = ("__future__", "labs", "shared")
"""Modules whose names are in the cell already, or have no business there."""


def _named(node: ast.AST) -> list[str]:
    """Return the names that a node of the cell gives or uses."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.FunctionDef):
        return [node.name, *(each.arg for each in node.args.args)]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []


_FILLED = CELL.format_map(defaultdict(lambda: "1", code="    pass", probe="", ask="    pass", forget=""))
RESERVED = {name for node in ast.walk(ast.parse(_FILLED)) for name in _named(node)}
RESERVED |= {"base64", "zlib", "hidden", "inputs", "names", "_probe"}
"""What the builder calls its own things in a cell. A helper of that name would change what they do."""


class Source:
    """A module's top-level statements, by the names they bind."""

    def __init__(self, *paths: Path) -> None:
        self.statements: list[ast.stmt] = []
        self.binding: dict[str, ast.stmt] = {}
        for path in paths:
            if path.is_file():
                self._read(path)

    def _read(self, path: Path) -> None:
        for node in ast.parse(path.read_text("utf-8"), str(path)).body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in NOT_COPIED:
                continue
            self.statements.append(node)
            for name in bound_names(node):
                self.binding[name] = node

    def marked(self, kind: str) -> dict[str, str]:
        """Return the functions marked as `kind` (judge, draw, probe): name by task."""
        return {
            str(mark.args[0].value): node.name
            for node in self.statements
            if isinstance(node, ast.FunctionDef)
            for mark in node.decorator_list
            if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == kind
            if mark.args and isinstance(mark.args[0], ast.Constant)
        }

    def used_by(self, *names: str) -> str:
        """Return the source of everything that `names` need, in its order, without marks, comments and annotations."""
        needed: set[int] = set()
        pending = list(names)
        while pending:
            node = self.binding.get(pending.pop())
            if node is not None and id(node) not in needed:
                needed.add(id(node))
                pending += sorted(_loads(_bare(node)))
        return "\n".join(ast.unparse(_bare(node)) for node in self.statements if id(node) in needed)


def bound_names(node: ast.stmt) -> list[str]:
    """Return the names that a top-level statement gives."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]


def _loads(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} - set(dir(builtins))


class _Bare(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.decorator_list, node.returns = [], None
        if ast.get_docstring(node) and len(node.body) > 1:
            node.body = node.body[1:]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], node.value), node)


def _bare(node: ast.stmt) -> ast.stmt:
    copy = ast.parse(ast.unparse(node)).body[0]
    return ast.fix_missing_locations(_Bare().visit(copy))


def hidden_data(lab: Lab) -> dict[str, Any]:
    """Return what the judge knows and learners do not: `hidden.json` of the lab, columns by name."""
    path = lab.folder / "hidden.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def _asks(code: str) -> bool:
    """Return whether a judge looks at the hidden data."""
    return any(isinstance(node, ast.Name) and node.id == "hidden" for node in ast.walk(ast.parse(code)))


def _unpacked(data: dict[str, Any]) -> str:
    if not data:
        return "hidden = SimpleNamespace()"
    lines = f"hidden = json.loads(zlib.decompress(base64.b85decode({packed_data(data)!r})))"
    return f"import base64, zlib\n{lines}\nhidden = SimpleNamespace(**hidden)"


def packed_data(data: dict[str, Any]) -> str:
    """Plain data as a line of text."""
    text = json.dumps(data, separators=(",", ":"), sort_keys=True).encode()
    return base64.b85encode(zlib.compress(text, 9)).decode()


def task_sentences(lab: Lab, task: Task) -> str:
    """Return the task's sentences by language and verdict, as JSON, without marks of emphasis. Hints are not in it."""
    found = {}
    for language in LANGUAGES:
        translate = lab_translator(lab, language)
        found[language] = {
            key: bare(translate_markdown(text, translate)) for key, text in sorted(task.says.items())
        }
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def hidden_test(lab: Lab, cell: Cell, task: Task, report: Report) -> str:
    """Return the hidden part of a check cell.

    Its first line tells engines that know it what follows: `_probe` runs next to the learner's code, `_judge`
    apart from it. To others it is an ordinary hidden test.
    """
    source = Source(CHECKING, lab.folder / "shared.py", lab.folder / "judge.py")
    found = _judging(source, task)
    if found is None:
        report.add("judge.py", 0, english_finding('Task {task} has no @judge("{task}").', task=task.id))
        return ""
    call, helpers = found
    draw = source.marked("draw").get(task.id)
    code = source.used_by("answers_of", "phrase", *helpers, *([draw] if draw else []))
    code += "\n" + _unpacked(hidden_data(lab) if _asks(code) else {})
    probe = _probing(lab, task, checked_names(cell))
    header = {"task": task.id, "points": task.points, "probe": bool(probe), "draw": bool(draw)}
    body = CELL.format(
        header=json.dumps(header),
        probe=probe,
        code=indent(code, "    "),
        says=task_sentences(lab, task),
        draw=f"{draw}(hidden, random.Random(seed))" if draw else "None, None",
        task=task.id,
        call=call,
        most=LARGEST_ANSWERS,
        ask=ASK if probe else "",
        points=_plain(task.points),
        forget=", _probe" if probe else "",
    )
    return f"{BEGIN}\n{body}\n{END}"


def _judging(source: Source, task: Task) -> tuple[str, list[str]] | None:
    """Return the call that gives the verdict, and the names it needs."""
    function = source.marked("judge").get(task.id)
    if function:
        return f"{function}(answers, hidden)", [function]
    if task.is_plain_choice:
        name = "predict_verdict" if task.kind == "predict" else "choice_verdict"
        parts = [{"name": part.name, "options": _ids(part.options)} for part in task.parts]
        return f"{name}({parts!r}, answers)", [name]
    return None


def _probing(lab: Lab, task: Task, names: list[str]) -> str:
    """Return what runs next to the learner's code; empty if a task has neither values nor a probe."""
    source = Source(CHECKING, lab.folder / "shared.py", lab.folder / "probe.py")
    function = source.marked("probe").get(task.id)
    if not names and not function:
        return ""
    code = source.used_by("plain_data", *([function] if function else []))
    call = f"plain_data({function}(names, inputs))" if function else "None"
    return PROBE.format(code=indent(code, "    "), names=names, call=call)


def _ids(options: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"id": option["id"], "says": option.get("says", "passed")} for option in options]


def _plain(points: float) -> str:
    return str(int(points)) if points == int(points) else str(points)
