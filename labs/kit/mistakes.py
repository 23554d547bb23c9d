"""Plain words for the errors that beginners meet, shown above Python's own traceback, never instead of it."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from labs.kit.cells import text_of
from labs.kit.words import N_, say

Sentence = Callable[..., str]

NAME_MEANT = N_("Python does not know `{name}`. Did you mean `{meant}`{where}?")
NAME_NOT_RUN = N_(
    "Python does not know `{name}` yet. It is made {where}, which has not been run since the notebook was started. "
    "Run the cells from the top, one after the other."
)
NAME_UNKNOWN = N_("Python does not know `{name}`. Check its spelling, and whether you ran the cells above.")
COLUMN_MEANT = N_("The table has no column `{name}`. Did you mean `{meant}`?")
COLUMN_UNKNOWN = N_("The table has no column `{name}`. Its columns are: {columns}.")
PART_MEANT = N_("There is no `{name}` here. Did you mean `{meant}`?")
BRACKET_OPEN = N_("In line {line} a bracket is opened and never closed: `{sign}`. Add its partner.")
BRACKET_EXTRA = N_(
    "In line {line} there is a closing bracket too many: `{sign}`. Remove it, or add its partner before."
)
TEXT_OPEN = N_("In line {line} a text begins and does not end. Add the missing quotation mark.")
DECIMAL_COMMA = N_(
    "In line {line} there is a number that Python cannot read. Write it with a point: 0.06 and not 0,06."
)
COLON = N_("At the end of line {line} a colon is missing. Add `:`.")
COMPARE = N_("In line {line} there is one `=` where two are needed: `=` gives a name, `==` compares.")
SPACES = N_(
    "Line {line} begins with too many or too few spaces. Put it directly below the line that it belongs to."
)
UNREADABLE = N_(
    "Python cannot read line {line}. Look for a missing bracket, comma or quotation mark, there or just above."
)
DIVIDED = N_("Here something is divided by zero. Look which number below the line is 0, and why.")
NO_MODULE = N_(
    "There is no library called `{name}` here. Check its spelling; everything a lab needs is there."
)
NO_FILE = N_('There is no file `{name}` here. Data is loaded by its name: `lab.load("…")`.')
NOTHING = N_(
    "Here something is used that is still empty (`None`). Did a cell above that fills it run to its end?"
)
HERE_ABOVE = N_(", in the cell above")
CELLS_UP = N_(", {n} cells up")
IN_CELL_ABOVE = N_("in the cell above")
IN_CELLS_UP = N_("{n} cells up")
IN_CELL_BELOW = N_("in a cell further down")
SYNTAX: tuple[tuple[str, str], ...] = (
    (r"'(?P<sign>[(\[{])' was never closed", BRACKET_OPEN),
    (r"unmatched '(?P<sign>[)\]}])'", BRACKET_EXTRA),
    (r"does not match opening parenthesis '(?P<sign>[(\[{])'", BRACKET_OPEN),
    (r"unterminated|EOL while scanning|EOF while scanning", TEXT_OPEN),
    (r"leading zeros in decimal integer|invalid decimal literal", DECIMAL_COMMA),
    (r"expected ':'", COLON),
    (r"Maybe you meant '=='|cannot assign to .* here", COMPARE),
    (r"indent", SPACES),
)


class Explainer:
    """Says in one sentence what went wrong. `names` are those that the notebook has made so far."""

    def __init__(
        self, language: str, names: Iterable[str], cells: list[dict[str, Any]], current: str = ""
    ) -> None:
        self._language = language
        self._names = [name for name in names if not name.startswith("_")]
        self._cells = cells
        self._current = current

    def explain(self, error: BaseException, trace: TracebackType | None = None) -> str | None:
        """The sentence for `error`, None where we have no better one than Python's own."""
        sayings: list[tuple[type[BaseException], Callable[[Any], str | None]]] = [
            (SyntaxError, self._syntax),
            (NameError, self._name),
            (KeyError, lambda found: self._column(found, trace)),
            (AttributeError, self._part),
            (ModuleNotFoundError, lambda found: self._say(NO_MODULE, name=found.name)),
            (FileNotFoundError, lambda found: self._say(NO_FILE, name=found.filename)),
            (ZeroDivisionError, lambda _: self._say(DIVIDED)),
            (TypeError, lambda found: self._say(NOTHING) if "NoneType" in str(found) else None),
        ]
        for kind, explained in sayings:
            if isinstance(error, kind):
                return explained(error)
        return self._ours(error)

    def _say(self, text: str, **facts: Any) -> str:
        return say(text, self._language, **facts)

    def _ours(self, error: BaseException) -> str | None:
        """Errors of the data loader carry their own sentence."""
        sentences, key = getattr(error, "sentences", None), getattr(error, "key", None)
        if isinstance(sentences, dict) and key in sentences:
            return self._say(sentences[key], **getattr(error, "values", {}))
        return None

    def _syntax(self, error: SyntaxError) -> str:
        for pattern, sentence in SYNTAX:
            found = re.search(pattern, error.msg or "")
            if found:
                return self._say(sentence, line=error.lineno, **found.groupdict())
        return self._say(UNREADABLE, line=error.lineno or 1)

    def _name(self, error: NameError) -> str:
        name = error.name or str(error).split("'")[1]
        made = made_in(self._cells)
        if name in made and name not in self._names:
            return self._say(NAME_NOT_RUN, name=name, where=self._place(made[name]))
        near = difflib.get_close_matches(name, [*self._names, *made], n=1, cutoff=0.7)
        if near:
            return self._say(NAME_MEANT, name=name, meant=near[0], where=self._above(made.get(near[0])))
        return self._say(NAME_UNKNOWN, name=name)

    def _distance(self, place: int | None) -> int | None:
        here = next((n for n, cell in enumerate(self._cells) if cell.get("id") == self._current), None)
        return None if place is None or here is None else here - place

    def _place(self, place: int) -> str:
        up = self._distance(place)
        if up is None or up == 1:
            return self._say(IN_CELL_ABOVE)
        return self._say(IN_CELLS_UP, n=up) if up > 1 else self._say(IN_CELL_BELOW)

    def _above(self, place: int | None) -> str:
        up = self._distance(place)
        if up is None or up < 1:
            return ""
        return self._say(HERE_ABOVE) if up == 1 else self._say(CELLS_UP, n=up)

    def _column(self, error: KeyError, trace: TracebackType | None) -> str | None:
        columns = _columns(trace)
        if not columns or not error.args:
            return None
        name = str(error.args[0])
        near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
        if near:
            return self._say(COLUMN_MEANT, name=name, meant=near[0])
        return self._say(COLUMN_UNKNOWN, name=name, columns=", ".join(columns[:20]))

    def _part(self, error: AttributeError) -> str | None:
        if error.obj is None and error.name:
            return self._say(NOTHING)
        near = difflib.get_close_matches(error.name or "", [n for n in dir(error.obj) if n[0] != "_"], n=1)
        return self._say(PART_MEANT, name=error.name, meant=near[0]) if near else None


def made_in(cells: list[dict[str, Any]]) -> dict[str, int]:
    """Names that the notebook's cells make, with the place of the cell."""
    made: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if cell.get("cell_type") != "code":
            continue
        try:
            tree = ast.parse(text_of(cell))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                made.setdefault(node.id, place)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                made.setdefault(node.name, place)
            elif isinstance(node, ast.ImportFrom | ast.Import):
                for alias in node.names:
                    made.setdefault(alias.asname or alias.name.partition(".")[0], place)
    return made


def _columns(trace: TracebackType | None) -> list[str]:
    """Columns of the table in which a name was looked up."""
    while trace is not None:
        owner: Any = trace.tb_frame.f_locals.get("self")
        if type(owner).__module__.startswith("pandas") and hasattr(owner, "columns"):
            return [str(name) for name in owner.columns]
        trace = trace.tb_next
    return []


def listen(shell: Any, explain: Callable[[BaseException, TracebackType | None], None]) -> None:
    """Have `explain` called before IPython shows an error of a learner's cell."""

    def runtime(
        shell: Any, kind: Any, error: BaseException, trace: Any, tb_offset: int | None = None
    ) -> None:
        if not isinstance(error, SyntaxError):  # IPython shows those through `showsyntaxerror`, see below.
            explain(error, trace)
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((Exception,), runtime)
    shown = shell.showsyntaxerror

    def unreadable(*args: Any, **words: Any) -> Any:
        import sys

        error = sys.exc_info()[1]
        if error is not None:
            explain(error, None)
        return shown(*args, **words)

    # IPython has no hook for code that cannot be compiled.
    shell.showsyntaxerror = unreadable
