"""nbformat outputs made from what a sandbox says a cell showed: a claim, checked for shape."""

from __future__ import annotations

from typing import Any

from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.contract.shown_messages import Output, error_output, json_object, notice_output
from graders.contract.wire_frames import is_shallow

STREAMS = ("stdout", "stderr")
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
LARGEST_WIDGET_STATE = 4 << 20
MOST_SHOWN = 32
"""What all cells of a notebook may show together, in what one cell may."""

SMALL = 4096
MOST_OUTPUTS = 1000
"""Outputs that are kept of one notebook; what a test shows as its result is always kept."""


def _bundle(value: Any) -> dict[str, Any]:
    """Return a MIME bundle: text keys, and values that nbformat allows under them."""
    if not isinstance(value, dict):
        return {}
    return {key: one for key, one in value.items() if "/" in key and _fits(key, one)}


def _fits(key: str, value: Any) -> bool:
    if isinstance(value, str):
        return True
    if key == "application/json" or key.endswith("+json"):
        return is_shallow(value)
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _shortened(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a message that is kept once a notebook has shown too much: how its cells ended."""
    texts = ("name", "text", "ename", "evalue")
    kept: dict[str, Any] = {key: str(content[key])[:1000] for key in texts if key in content}
    if kind in ("display_data", "execute_result"):
        text = json_object(content.get("data")).get("text/plain", "")
        kept["data"] = {"text/plain": text[:1000] if isinstance(text, str) else ""}
    return kept


def verdict_outputs(message: Message | None, score: float | None, count: int) -> list[Output]:
    """A judge's verdict as a test cell's outputs: the sentence, and the number that nbgrader takes as the mark."""
    shown: list[Output] = []
    if message is not None:
        shown.append({"output_type": "stream", "name": "stdout", "text": f"{message}\n"})
    number = {"text/plain": f"{score or 0.0:g}"}
    shown.append({"output_type": "execute_result", "execution_count": count, "data": number, "metadata": {}})
    return shown


class Recorder:
    """Collects the outputs of a notebook's cells, as a front end would show them."""

    def __init__(self, cells_output: int = 1 << 20) -> None:
        self._left = MOST_SHOWN * cells_output
        self._places = MOST_OUTPUTS
        # While a test runs, what it shows is its own: no widget of the learner's catches its result or its error.
        self.is_testing = False
        self.cells: dict[str, list[Output]] = {}
        self.counts: dict[str, int] = {}
        self._displays: dict[str, list[Output]] = {}
        self._clear_next: set[str] = set()
        self._widgets: dict[str, dict[str, Any]] = {}
        self._widget_bytes = 0
        self._captured_by: list[str] = []
        self._captured: dict[str, list[Output]] = {}

    def begin(self, cell: str) -> None:
        """A cell begins: what an earlier run showed is gone."""
        self.cells[cell] = []
        self._captured_by = []

    def take(self, cell: str, kind: Any, content: Any, size: int) -> None:
        """Take one message of the Jupyter protocol."""
        if not isinstance(content, dict) or not isinstance(kind, str):
            return
        self._left -= size
        if self._left < 0 and size > SMALL:
            content = _shortened(kind, content)
        if kind == "clear_output":
            self._clear(cell, bool(content.get("wait")))
        elif kind.startswith("comm_"):
            self._comm(kind, content, size)
        elif kind == "update_display_data":
            self._update(content)
        else:
            made = self._make(cell, kind, content)
            if made is not None:
                self._show(cell, made, content)

    def _show(self, cell: str, made: Output, content: dict[str, Any]) -> None:
        shown = self.cells.setdefault(cell, []) if self._is_kept(made) else self._target(cell)
        if cell in self._clear_next:
            self._clear_next.discard(cell)
            shown.clear()
        last = shown[-1] if shown else None
        if last and made["output_type"] == "stream" == last["output_type"] and made["name"] == last["name"]:
            last["text"] += made["text"]
            return
        if not self._is_kept(made):
            self._places -= 1
            if self._places == 0:
                shown.append(notice_output(message_facts.too_many_outputs(MOST_OUTPUTS)))
            if self._places <= 0:
                return
        shown.append(made)
        identifier = json_object(content.get("transient")).get("display_id")
        if isinstance(identifier, str):
            self._displays.setdefault(identifier, []).append(made)

    def _is_kept(self, made: Output) -> bool:
        return self.is_testing and made["output_type"] in ("execute_result", "error")

    def _target(self, cell: str) -> list[Output]:
        if self._captured_by:
            return self._captured.setdefault(self._captured_by[-1], [])
        return self.cells.setdefault(cell, [])

    def _make(self, cell: str, kind: str, content: dict[str, Any]) -> Output | None:
        if kind == "stream":
            name, text = content.get("name"), content.get("text")
            if name not in STREAMS or not isinstance(text, str):
                return None
            return {"output_type": "stream", "name": name, "text": text}
        if kind == "error":
            lines = content.get("traceback")
            return error_output(
                str(content.get("ename", "")),
                str(content.get("evalue", "")),
                [str(line) for line in lines] if isinstance(lines, list) else [],
            )
        if kind not in ("display_data", "execute_result"):
            return None
        made: Output = {
            "output_type": kind,
            "data": _bundle(content.get("data")),
            "metadata": json_object(content.get("metadata")),
        }
        if kind == "execute_result":
            count = content.get("execution_count")
            made["execution_count"] = count if type(count) is int else None
            self.counts[cell] = count if isinstance(count, int) else 0
        return made

    def _clear(self, cell: str, wait: bool) -> None:
        if wait:
            self._clear_next.add(cell)
        else:
            self._target(cell).clear()

    def _update(self, content: dict[str, Any]) -> None:
        identifier = json_object(content.get("transient")).get("display_id")
        for made in self._displays.get(identifier, []) if isinstance(identifier, str) else []:
            made["data"] = _bundle(content.get("data"))
            made["metadata"] = json_object(content.get("metadata"))

    def _comm(self, kind: str, content: dict[str, Any], size: int) -> None:
        identifier, data = content.get("comm_id"), json_object(content.get("data"))
        state = data.get("state")
        self._widget_bytes += size
        if (
            not isinstance(identifier, str)
            or not isinstance(state, dict)
            or not is_shallow(state)
            or self._widget_bytes > LARGEST_WIDGET_STATE
        ):
            return
        if kind == "comm_open" or identifier in self._widgets:
            known = self._widgets.setdefault(identifier, {})
            known.update(state)
            if known.get("_model_name") == "OutputModel" and "msg_id" in state:
                self._capture(identifier, bool(state["msg_id"]))

    def _capture(self, identifier: str, begins: bool) -> None:
        if begins:
            self._captured_by.append(identifier)
        elif identifier in self._captured_by:
            self._captured_by.remove(identifier)

    def widgets(self) -> dict[str, Any] | None:
        """Return the notebook's `widgets` metadata, or None if it has no widget."""
        state = {
            identifier: {
                "model_name": one.get("_model_name"),
                "model_module": one.get("_model_module"),
                "model_module_version": one.get("_model_module_version"),
                "state": one | {"outputs": self._captured[identifier]}
                if identifier in self._captured
                else one,
            }
            for identifier, one in self._widgets.items()
            if "_model_name" in one
        }
        return {WIDGET_STATE: {"state": state, "version_major": 2, "version_minor": 0}} if state else None
