"""Messages of ours among a notebook's outputs: how a cell carries them, and how its reader sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graders.contract.message_facts import Message
from graders.contract.message_words import worded_message
from graders.contract.wire_frames import is_shallow

Output = dict[str, Any]
VERDICT = "verdict"
"""Name, among the messages that a cell shows, of the sentence above a judge's mark."""


def json_object(value: Any) -> dict[str, Any]:
    """Return a JSON object that is not too deep; an empty one for anything else."""
    return value if isinstance(value, dict) and is_shallow(value) else {}


def error_output(ename: str, evalue: str, traceback: list[str] | None = None) -> Output:
    """Return an error output; shows `evalue` if there is no traceback."""
    return {
        "output_type": "error",
        "ename": ename,
        "evalue": evalue,
        "traceback": [f"\x1b[0;31m{ename}\x1b[0m: {evalue}"] if traceback is None else traceback,
    }


def notice_output(message: Message) -> Output:
    """Return an output that says a message of ours among what a cell shows."""
    about = {"isomo": {"message": message.as_data()}}
    return {"output_type": "display_data", "data": {"text/plain": str(message)}, "metadata": about}


def said_data(said: Mapping[str, Message]) -> dict[str, Any]:
    """Return the messages that a cell shows as JSON, for its metadata."""
    return {kind: message.as_data() for kind, message in said.items()}


def said_in(cell: Mapping[str, Any]) -> dict[str, Message]:
    """Return the messages that `said_data` put into a graded cell's metadata; a notebook may hold anything there."""
    said = json_object(json_object(json_object(cell.get("metadata")).get("isomo")).get("said"))
    return {kind: message for kind, data in said.items() if (message := _message(data))}


def in_language(outputs: list[Output], said: Mapping[str, Message], language: str) -> list[Output]:
    """Return a cell's outputs with the engine's messages among them in `language`.

    Args:
        outputs: nbformat outputs; they stay as they are.
        said: the cell's messages by what shows them (an error's name, or VERDICT), from `said_in`.
        language: the reader's.
    """
    return [_in_language(output, said, language, first=number == 0) for number, output in enumerate(outputs)]


def _in_language(output: Output, said: Mapping[str, Message], language: str, *, first: bool) -> Output:
    kind, ename = output.get("output_type"), output.get("ename")
    if kind == "error" and isinstance(ename, str) and ename in said:
        return error_output(ename, worded_message(said[ename], language))
    if kind == "stream" and first and VERDICT in said:
        return {**output, "text": f"{worded_message(said[VERDICT], language)}\n"}
    about = json_object(json_object(output.get("metadata")).get("isomo"))
    if kind == "display_data" and (message := _message(about.get("message"))):
        return {**output, "data": {"text/plain": worded_message(message, language)}}
    return output


def _message(data: Any) -> Message | None:
    """Return a message of a notebook's, None if it is none: a notebook may hold anything."""
    try:
        return Message.from_data(data) if isinstance(data, dict) else None
    except ValueError:
        return None
