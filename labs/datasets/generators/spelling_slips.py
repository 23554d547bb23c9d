"""Changes to a text on its way: slips of the finger, lost accents, a scanner's misreadings."""

import unicodedata
from collections.abc import Callable
from random import Random

Changer = Callable[[Random, str], str]
SCANNED = str.maketrans({"l": "1", "O": "0", "o": "0", "I": "l"})


def spelling_slip(random: Random, word: str) -> str:
    """A word with one slip: two letters swapped, one lost or one doubled."""
    if len(word) < 4 or not word.isalpha():
        return word
    at = random.randint(1, len(word) - 2)
    kind = random.random()
    if kind < 0.4:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind < 0.7 else word[:at] + word[at] + word[at:]


def some_words(random: Random, text: str, share: float, change: Changer) -> str:
    """The text with about `share` of its words changed."""
    lines = []
    for line in text.split("\n"):
        words = [change(random, word) if random.random() < share else word for word in line.split(" ")]
        lines.append(" ".join(words))
    return "\n".join(lines)


def scan_misreading(random: Random, word: str) -> str:
    """A word as a poor scan gives it: l and 1, O and 0."""
    return word.translate(SCANNED) if random.random() < 0.7 else word


def bare_text(text: str) -> str:
    """The text without its accents."""
    kept = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return "".join(kept)


def roughen_text(random: Random, text: str, scanned: bool) -> str:
    """The text as it arrived; most letters arrive as they were written."""
    if random.random() < 0.28:
        text = some_words(random, text, 0.05, spelling_slip)
    if random.random() < 0.15:
        text = bare_text(text)
    if scanned:
        text = some_words(random, text, 0.1, scan_misreading)
    if random.random() < 0.05:
        text = text.lower()
    if random.random() < 0.05:
        text = text.replace(".", "...").replace("?", "???")
    return text
