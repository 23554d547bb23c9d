"""Plain words for the errors that beginners meet, with Python's own traceback folded below them."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Collection, Iterable
from types import TracebackType
from typing import Any

from labs.kit import error_sentences as known
from labs.kit.home_files import is_full
from labs.kit.kit_sentences import N_, kit_sentence
from labs.kit.run_cells import text_of

Sentence = Callable[..., str]

HERE_ABOVE = N_(", in the cell above")
CELLS_UP = N_(", {n} cells up")
IN_CELL_ABOVE = N_("in the cell above")
IN_CELLS_UP = N_("{n} cells up")
IN_CELL_BELOW = N_("in a cell further down")
FOLDED = N_("What Python says")


class Explainer:
    """Says in one sentence what went wrong. `names` are those that the notebook has made so far."""

    def __init__(
        self,
        language: str,
        names: Iterable[str],
        cells: list[dict[str, Any]],
        current: str = "",
        failed: Collection[str] = (),
    ) -> None:
        self._language = language
        self._names = [name for name in names if not name.startswith("_") and name not in known.SHELL_NAMES]
        self._cells = cells
        self._current = current
        self._failed = failed

    def explain(self, error: BaseException, trace: TracebackType | None = None) -> str | None:
        """Return the sentence for `error`, None if we have no better one than Python's own."""
        if type(error).__name__ == "NotFittedError":
            return self._say(known.NOT_FITTED)
        sayings: list[tuple[type[BaseException], Callable[[Any], str | None]]] = [
            (SyntaxError, self._syntax),
            (UnboundLocalError, lambda found: self._say(known.USED_BEFORE, name=_quoted(found))),
            (NameError, self._name),
            (KeyError, lambda found: self._column(found, trace)),
            (IndexError, lambda _: self._say(known.TOO_FAR)),
            (AttributeError, self._part),
            (ModuleNotFoundError, lambda found: self._say(known.NO_MODULE, name=found.name)),
            (ImportError, lambda found: self._say(known.IMPORTED, name=_quoted(found))),
            (FileNotFoundError, lambda found: self._say(known.NO_FILE, name=found.filename)),
            (OSError, lambda found: self._say(known.FULL) if is_full(found) else None),
            (ZeroDivisionError, lambda _: self._say(known.DIVIDED)),
            (RecursionError, lambda _: self._say(known.ENDLESS)),
            (TypeError, lambda found: self._by_rules(str(found), known.TYPES)),
            (ValueError, lambda found: self._by_rules(str(found), known.VALUES)),
        ]
        for kind, explained in sayings:
            if isinstance(error, kind) and (said := explained(error)):
                return said
        return self._ours(error)

    def _by_rules(self, said: str, rules: known.Rules, **facts: Any) -> str | None:
        """Return the sentence of the first rule that fits what Python says."""
        for pattern, sentence in rules:
            found = re.search(pattern, said, re.DOTALL)
            if found:
                named = {name: value for name, value in found.groupdict().items() if value is not None}
                return self._say(sentence, **{"given": named.get("other", "")} | facts | named)
        return None

    def _say(self, text: str, **facts: Any) -> str:
        return kit_sentence(text, self._language, **facts)

    def _ours(self, error: BaseException) -> str | None:
        """Errors of the data loader carry their own sentence."""
        sentences, key = getattr(error, "sentences", None), getattr(error, "key", None)
        if isinstance(sentences, dict) and key in sentences:
            return self._say(sentences[key], **getattr(error, "values", {}))
        return None

    def _syntax(self, error: SyntaxError) -> str:
        line, text = error.lineno or 1, (error.text or "").rstrip()
        return (
            self._by_rules(error.msg or "", known.SYNTAX, line=line)
            or self._by_rules(text, known.SOURCE, line=line)
            or self._by_rules(error.msg or "", known.SYNTAX_AFTER, line=line)
            or self._say(known.UNREADABLE, line=line)
        )

    def _name(self, error: NameError) -> str:
        name = error.name or _quoted(error)
        made = made_in(self._cells)
        if not name.strip("_"):
            return self._say(known.GAP_LEFT, name=name)
        if name in known.PYTHON_WORDS:
            return self._say(known.OTHER_LANGUAGE, name=name, meant=known.PYTHON_WORDS[name])
        if name in made and name not in self._names:
            return self._not_made_yet(name, made[name])
        if name in known.LIBRARIES:
            return self._say(known.LIBRARY_NAME, name=name, line=known.LIBRARIES[name])
        return self._unknown_name(name, made)

    def _not_made_yet(self, name: str, place: int) -> str:
        """Return the sentence for a name that the cell at `place` makes."""
        if self._distance(place) == 0:
            return self._say(known.NAME_HERE, name=name)
        stopped = self._cells[place].get("id") in self._failed
        said = known.NAME_FAILED if stopped else known.NAME_NOT_RUN
        return self._say(said, name=name, where=self._place(place))

    def _unknown_name(self, name: str, made: dict[str, int]) -> str:
        """Return the sentence for a name that no cell makes."""
        near = difflib.get_close_matches(name, [*self._names, *made], n=1, cutoff=0.7)
        if near:
            return self._say(known.NAME_MEANT, name=name, meant=near[0], where=self._above(made.get(near[0])))
        words = self._given_bare(name)
        if words:
            return self._say(known.BARE_WORD, name=name, words=words)
        return self._say(known.NAME_UNKNOWN, name=name)

    def _given_bare(self, name: str) -> str:
        """Return what the current cell gives like a text without quotation marks, such as `visits-2025.csv`."""
        source = next((text_of(cell) for cell in self._cells if cell.get("id") == self._current), "")
        tail = r"(?:[-./]\w+)*"
        found = re.search(rf"=\s*({re.escape(name)}{tail})\s*(#.*|[,)].*)?$", source, re.MULTILINE)
        alone = re.search(rf"^({re.escape(name)}(?:[-./]\w+)+)\s*$", source, re.MULTILINE)
        given = found or alone
        return given[1] if given else ""

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
        if not error.args:
            return None
        columns, name = _columns(trace), str(error.args[0])
        if not columns:
            return self._say(known.KEY_MISSING, name=name[:60])
        near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
        if near:
            return self._say(known.COLUMN_MEANT, name=name, meant=near[0])
        return self._say(known.COLUMN_UNKNOWN, name=name, columns=", ".join(columns[:20]))

    def _part(self, error: AttributeError) -> str | None:
        name = error.name or ""
        if error.obj is None and name:
            return self._say(known.NOTHING)
        if isinstance(error.obj, str) and name == "str":
            return self._say(known.TOOL_OF_TEXT)
        if hasattr(error.obj, "str") and hasattr(str, name):
            return self._say(known.TEXT_OF_COLUMN, name=name)
        near = difflib.get_close_matches(name, [n for n in dir(error.obj) if n[0] != "_"], n=1)
        return self._say(known.PART_MEANT, name=name, meant=near[0]) if near else None


def _quoted(error: BaseException) -> str:
    """Return the first thing that Python's words put in quotation marks."""
    found = re.search(r"'([^']*)'", str(error))
    return found[1] if found else ""


def made_in(cells: list[dict[str, Any]]) -> dict[str, int]:
    """Return names that the notebook's cells make, with the place of the cell."""
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
    """Return the columns of the table in which a name was looked up."""
    while trace is not None:
        owner: Any = trace.tb_frame.f_locals.get("self")
        if type(owner).__module__.startswith("pandas") and hasattr(owner, "columns"):
            return [str(name) for name in owner.columns]
        trace = trace.tb_next
    return []


def listen_for_errors(shell: Any, explain: Callable[[BaseException, list[str]], bool]) -> None:
    """Have `explain` called with each error that IPython is about to show, and with the lines that it would show.

    If `explain` says that it has shown both, IPython shows the last line only: it marks the cell as failed.
    """
    shown = shell._showtraceback  # The one way that all errors take; IPython has no hook for it.

    def briefly(kind: Any, error: Any, lines: list[str]) -> Any:
        done = isinstance(error, Exception) and explain(error, list(lines))
        return shown(kind, error, lines[-1:] if done else lines)

    shell._showtraceback = briefly
