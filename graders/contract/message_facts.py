"""Messages to learners, trainers and administrators as data: a key and facts. `message_words` words them for a reader.

`message_keys` has the keys. A message without facts is made by its key, one with facts by a function here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graders.contract.message_keys import FRAMES, SENTENCES

LONGEST_KEY = 80
LONGEST_TEXT = 4000
"""Characters of one fact."""
MOST_FACTS = 60
DEEPEST = 4
"""Messages within messages that are read."""


@dataclass(frozen=True)
class Message:
    """One message: its key in `message_keys`, and the facts that fill its sentence.

    A fact is a text, a number, another message, or a list of messages. `str` of a message is its English.
    """

    key: str
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return sentence_of(self, english_sentence)

    def as_data(self) -> dict[str, Any]:
        """Return the message as plain JSON: `{"key", "facts"}`, messages within it too."""
        return {"key": self.key, "facts": {name: _as_data(value) for name, value in self.facts.items()}}

    @classmethod
    def from_data(cls, data: Any, depth: int = DEEPEST) -> Message:
        """Read the JSON form; a text alone is a sentence of an older engine, and stays as it is.

        Raises:
            ValueError: it has another shape.
        """
        if isinstance(data, str):
            return text_message(data)
        if not _is_message(data) or not isinstance(data["facts"], dict) or depth <= 0:
            raise ValueError("no message")
        facts = data["facts"]
        if len(facts) > MOST_FACTS or not isinstance(data["key"], str) or len(data["key"]) > LONGEST_KEY:
            raise ValueError("no message")
        return cls(data["key"], {str(name): _fact(value, depth - 1) for name, value in facts.items()})

    def cleaned(self, clean: Callable[[str], str]) -> Message:
        """Return the message with every text among its facts passed through `clean`."""
        return Message(
            clean(self.key), {clean(name): _cleaned(value, clean) for name, value in self.facts.items()}
        )


def _as_data(value: Any) -> Any:
    if isinstance(value, Message):
        return value.as_data()
    return [_as_data(one) for one in value] if isinstance(value, list | tuple) else value


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"key", "facts"}


def _fact(value: Any, depth: int) -> Any:
    if isinstance(value, list):
        return tuple(Message.from_data(one, depth) for one in value)
    if isinstance(value, dict):
        return Message.from_data(value, depth)
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if value is None or isinstance(value, bool | int | float):
        return value
    raise ValueError("no fact")


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, Message):
        return value.cleaned(clean)
    if isinstance(value, tuple | list):
        return tuple(_cleaned(one, clean) for one in value)
    return clean(value) if isinstance(value, str) else value


def english_sentence(one: str, _many: str = "", n: int = 1) -> str:
    """Return the sentence as it is written above."""
    return _many if _many and n != 1 else one


def sentence_of(message: Message, translated: Callable[[str, str, int], str]) -> str:
    """Return a message as a sentence; `translated(one, many, n)` gives each sentence in the reader's language.

    Example:
        sentence_of(stopped_after(30), english)
    """
    sentence = SENTENCES.get(message.key) or FRAMES.get(message.key)
    if sentence is None:
        return sentence_of(Message("unknown", {"key": message.key}), translated)
    count = message.facts.get("n", 1)
    template = sentence.one
    if message.key in SENTENCES:
        template = translated(sentence.one, sentence.many, count if type(count) is int else 1)
    facts = {name: _worded(value, translated) for name, value in message.facts.items()}
    return template.format_map(_Facts(facts))


class _Facts(dict[str, str]):
    """Facts of a message; one that is missing, in a message of another version, leaves a mark."""

    def __missing__(self, name: str) -> str:
        return "…"


def _worded(value: Any, translated: Callable[[str, str, int], str]) -> str:
    if isinstance(value, Message):
        return sentence_of(value, translated)
    if isinstance(value, tuple | list):
        return " ".join(_worded(one, translated) for one in value)
    return str(value)


def text_message(words: str) -> Message:
    """Return somebody else's words as a message."""
    return Message("text", {"text": words})


def verdict_message(task: str, verdict: str, words: str, written: Mapping[str, str] | None = None) -> Message:
    """Return a judge's verdict.

    Args:
        task: the task's id in its lab.
        verdict: the key of the sentence among the task's.
        words: the sentence, as the judge said it in the learner's language.
        written: facts of the sentence as each language writes them, named as in "fr.share".
    """
    return Message("judged", {**(written or {}), "task": task, "verdict": verdict, "text": words})


Says = Mapping[tuple[str, str], str]
"""A lab's own sentences in the reader's language, by task and verdict."""


def lab_sentence(message: Message, says: Says, language: str) -> Message:
    """Return a judge's verdict in the words that its lab has in `language`; any other message as it is.

    It keeps the judge's own words if the lab has none for it, or if a fact that they name is not there.
    """
    facts = message.facts
    template = (
        says.get((str(facts.get("task")), str(facts.get("verdict")))) if message.key == "judged" else None
    )
    if template is None:
        return message
    known = {
        name.partition(".")[2]: value
        for wanted in ("en", language)
        for name, value in facts.items()
        if name.startswith(f"{wanted}.")
    }
    try:
        return Message("text", {"text": template.format_map(known)})
    except (LookupError, ValueError, AttributeError):
        return message


def sameness_key(data: Any) -> str:
    """Return a text that two messages as JSON share if they say the same, in whatever language it was said."""
    facts = data.get("facts") if isinstance(data, dict) else None
    if _is_message(data) and isinstance(facts, dict) and data["key"] == "judged":
        data = {**data, "facts": {name: value for name, value in facts.items() if name != "text"}}
    return json.dumps(data, sort_keys=True)


def in_file(file: str, message: Message) -> Message:
    """Return a message about one of several notebooks."""
    return Message("in-file", {"file": file, "message": message})


def joined_messages(messages: Iterable[Message]) -> Message:
    """Return messages as one."""
    found = tuple(messages)
    return found[0] if len(found) == 1 else Message("several", {"messages": found})


def stopped_after(seconds: float) -> Message:
    """Return the message for a task that took too long."""
    return Message("stopped-after", {"n": round(seconds)})


def out_of_processor_time(seconds: float) -> Message:
    """Return the message for a notebook that computed for too long."""
    return Message("out-of-processor-time", {"n": round(seconds)})


def out_of_wall_time(seconds: float) -> Message:
    """Return the message for a notebook that took too long."""
    return Message("out-of-wall-time", {"n": round(seconds)})


def out_of_time_after_stop(seconds: float) -> Message:
    """Return the message for a notebook that took too long after one of its cells was stopped."""
    return Message("out-of-time-after-stop", {"n": round(seconds)})


def too_many_outputs(count: int) -> Message:
    """Return the message for a notebook that showed more outputs than are kept."""
    return Message("too-many-outputs", {"n": count})


def used_too_much_memory(limit: int) -> Message:
    """Return the message for a notebook over `limit` bytes of memory."""
    return Message("used-too-much-memory", {"n": limit >> 20})


def not_version_4(found: str) -> Message:
    """Return the message for a notebook of format `found`."""
    return Message("not-version-4", {"found": found})


def too_large(limit: int) -> Message:
    """Return the message for a notebook over `limit` bytes."""
    return Message("too-large", {"n": limit // 1_000_000})


def too_many_cells(limit: int) -> Message:
    """Return the message for a notebook of more than `limit` cells."""
    return Message("too-many-cells", {"n": limit})


def notebook_missing(file: str) -> Message:
    """Return the message for a notebook that was not handed in."""
    return Message("notebook-missing", {"file": file})


def other_language(file: str, language: str, kernel: str) -> Message:
    """Return the message for a notebook of another language than Python."""
    return Message(
        "other-language", {"file": file, "language": language.capitalize(), "kernel": kernel or "?"}
    )


def sandbox_refused(reason: str) -> Message:
    """Return the message for a machine on which the sandbox cannot start."""
    return Message("sandbox-refused", {"reason": reason})


def not_linux(found: str) -> Message:
    """Return the message for a machine that runs another system than Linux."""
    return Message("not-linux", {"found": found})
