"""What the checks and the judge have in common: a model that continues text, and measures of what it writes."""

import random
import re
from collections import Counter, defaultdict

from labs.kit.checking import number, whole_number

TOKEN = re.compile(r"\w+|[^\w\s]")
MEMORY = (1, 5)
HEAT = (0.2, 2.0)
BEGINNINGS = ("Thank you for", "I ask you", "Je vous", "Ndabasaba")
"""What the texts of task t4 begin with."""
BABBLE, COPIED, VARIED = 0.10, 0.35, 0.55
TRIES, ENOUGH, ENOUGH_JUDGED = 40, 20, 17
"""The judge’s letters are others, and so is what comes next in them."""
LONGEST = 80
HIDE = re.compile(r"(?<!\w)[0-9OolI](?:[ .\-]?[0-9OolI]){15}(?!\w)")
"""The office's best rule for identity numbers, from the lab on hiding people."""
ORDER = ["look", "count", "draw", "add"]
WRONG_STEPS = {"true": "it-does-not-check", "mean": "it-does-not-mean"}


class Writer:
    """Continues texts word by word, from what came next in the texts that it has read."""

    def __init__(self, texts):
        self._words = [TOKEN.findall(text) for text in texts]
        self._next = {}
        self._weights = {}

    def _after(self, length):
        """For each run of `length` words, how often each word came next."""
        if length not in self._next:
            found = defaultdict(Counter)
            for words in self._words:
                for at in range(length, len(words)):
                    found[tuple(words[at - length : at])][words[at]] += 1
            self._next[length] = found
        return self._next[length]

    def choices(self, words, memory):
        """What came after the last words: a count for each next word; empty where they were never read."""
        for length in range(min(memory, len(words)), 0, -1):
            found = self._after(length).get(tuple(words[-length:]))
            if found:
                return found, length
        return Counter(), 0

    def as_read(self, words, memory):
        """Words whose end is spelt as it was read most often: "my id number is" becomes "My ID number is"."""
        for length in range(min(memory, len(words)), 0, -1):
            after, small = self._after(length), [word.lower() for word in words[-length:]]
            same = [run for run in after if [word.lower() for word in run] == small]
            if same:
                return [*words[:-length], *max(same, key=lambda run: sum(after[run].values()))]
        return words

    def write(self, start, memory, heat, rng, most):
        """The words of a text that begins with `start`."""
        words = TOKEN.findall(start)
        for _ in range(most):
            found, length = self.choices(words, memory)
            if not found:
                break
            key = (*words[-length:], heat)
            if key not in self._weights:
                best = max(found.values())
                self._weights[key] = list(found), [(n / best) ** (1 / heat) for n in found.values()]
            names, weights = self._weights[key]
            words.append(rng.choices(names, weights)[0])
        return words

    def runs(self, length):
        """Every run of so many words that was read."""
        return {tuple(w[at : at + length]) for w in self._words for at in range(len(w) - length + 1)}


def joined(words):
    """Words as a line of text."""
    text = " ".join(words)
    return re.sub(r" ([,.;:!?’'])", r"\1", re.sub(r"([’'(]) ", r"\1", text))


def sliders_of(memory, heat):
    """(memory, heat) as set, None if they are no settings."""
    words, warmth = whole_number(memory, *MEMORY), number(heat)
    good = words is not None and warmth is not None and HEAT[0] <= warmth <= HEAT[1]
    return (words, round(warmth, 1)) if good else None


def measured(writer, memory, heat, threes, eights):
    """Shares of what it writes that nobody wrote, that is copied, and that differs."""
    rng, new, three, copied, eight, varied = random.Random(7), 0, 0, 0, 0, []
    for start in BEGINNINGS:
        for _ in range(6):
            words = writer.write(start, memory, heat, rng, 50)
            varied.append(len(set(words)) / len(words))
            three += len(words) - 2
            new += sum(tuple(words[at : at + 3]) not in threes for at in range(len(words) - 2))
            eight += max(0, len(words) - 7)
            copied += sum(tuple(words[at : at + 8]) in eights for at in range(len(words) - 7))
    shares = {"babble_share": new / three, "copied_share": copied / max(1, eight)}
    return shares | {"varied_share": sum(varied) / len(varied)}


def text_verdict(shares):
    """The key for what it writes in task t4."""
    if shares["varied_share"] < VARIED:
        return "goes-round-in-circles"
    if shares["babble_share"] > BABBLE:
        return "babbles"
    return "copies" if shares["copied_share"] > COPIED else "passed"


def given_away(writer, start, memory, heat, numbers):
    """Of TRIES texts, those that hold a whole number of somebody; and the texts."""
    rng, found, texts = random.Random(11), 0, []
    start = " ".join(writer.as_read(TOKEN.findall(start), memory))
    for _ in range(TRIES):
        words = writer.write(start, memory, heat, rng, 30)
        digits = re.sub(r"\D", "", "".join(words))
        found += any(number in digits for number in numbers)
        texts.append(words)
    return found, texts


ASKS = re.compile(
    r"^\W*(?:please |s'il vous plaît,? )?(?:give|tell|show|write|send|list|print|say|find|what|which|who|whose|how|can you|"
    r"donne[rz]?|dis|dites|montre[rz]?|écris|écrivez|envoie|envoyez|quel(?:le)?s?|qui|mpa|mbwira|andika)\b|\?\s*$",
    re.IGNORECASE,
)
"""A question or an order, as one writes to a chatbot."""
ENDS = re.compile(r"([.!:;,…])\W*$")
GOOD_SLIDERS = (4, 1.0)


def start_verdict(start, found, writer, numbers, enough=ENOUGH):
    """The key for a beginning that was tried in task b, with facts: `found` of its texts held a number of `numbers`."""
    facts = {"found": found}
    if re.search(r"\d", start):
        return "number-was-yours", facts
    if found >= enough:
        return "passed", facts
    words = writer.as_read(TOKEN.findall(start), 1)
    if ASKS.search(start):
        return "asks-instead", facts
    if ENDS.search(start):
        return "sentence-is-over", facts | {"sign": ENDS.search(start)[1]}
    if not writer.choices(words, 1)[0]:
        return "no-letter-has-it", facts | {"word": words[-1][:20]}
    if given_away(writer, start, *GOOD_SLIDERS, numbers)[0] >= ENOUGH:
        return "sliders-stray", facts
    return ("too-seldom" if found else "nothing-personal"), facts
