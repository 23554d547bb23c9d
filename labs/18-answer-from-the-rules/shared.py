"""What the checks, the probe and the judge have in common."""

import math
import re
from collections import Counter

RIGHT, WRONG = 0.65, 0.18
GOOD_LINES = ["make", "fit", "ask", "near"]
WRONG_LINES = {"refit": "learns-from-questions", "names": "searches-the-names"}
NEEDS = {"make": [], "fit": ["make"], "ask": ["fit"], "near": ["fit", "ask"]}
LIMIT = 0.5
"""The limit of the office's assistant in task b."""
LONGEST = 200
FISHING = re.compile(
    r"fishing licen[cs]e|licen[cs]e (?:for|to) (?:\w+ )?fish(?:ing)?\b|permis de p[êe]che|permis pour p[êe]cher|"
    r"uruhushya rwo kuroba",
    re.IGNORECASE,
)


def lines_key(chosen):
    """The key for four lines: each has to come after those that it needs."""
    if set(chosen) != set(GOOD_LINES):
        return "order-matters"
    good = all(chosen.index(need) < chosen.index(line) for line in chosen for need in NEEDS[line])
    return "passed" if good else "order-matters"


def outcomes(best, scores, truth, limit):
    """Shares of what an assistant with this limit does; `truth` is the right rule, empty where there is none."""
    asked = sum(one != "" for one in truth)
    right = sum(score >= limit and one == rule for one, score, rule in zip(best, scores, truth) if rule)
    wrong = sum(score >= limit and one != rule for one, score, rule in zip(best, scores, truth))
    open_right = sum(one == rule for one, rule in zip(best, truth) if rule)
    refused = sum(score < limit for score in scores)
    every = max(1, len(truth))
    facts = {
        "right_share": right / max(1, asked),
        "wrong_share": wrong / every,
        "refused_share": refused / every,
    }
    return facts | {"open_share": open_right / max(1, asked)}


SETTINGS = {"bad-analyzer": "analyzer", "bad-ngrams": "ngram_range"}


def settings_key(words):
    """The key of the miss in two settings of a vectorizer; None if both can be used."""
    analyzer, ngrams = getattr(words, "analyzer", "word"), getattr(words, "ngram_range", (1, 1))
    if not callable(analyzer) and analyzer not in ("word", "char", "char_wb"):
        return "bad-analyzer"
    good = isinstance(ngrams, tuple) and len(ngrams) == 2 and all(type(one) is int for one in ngrams)
    return None if good and 1 <= ngrams[0] <= ngrams[1] else "bad-ngrams"


def limit_key(limit):
    """What is wrong with a limit, None if it is one."""
    if limit is None:
        return "not-a-number"
    return None if 0 <= limit <= 1 else "per-cent"


def assistant_verdict(facts):
    """The key for what an assistant does."""
    if facts["open_share"] < RIGHT:
        return "finds-too-little"
    if facts["wrong_share"] > WRONG:
        return "answers-everything"
    return "refuses-too-much" if facts["right_share"] < RIGHT else "passed"


class Search:
    """The office's assistant: pieces of three to five letters, weighed by how rare they are."""

    def __init__(self, texts):
        counts = [self.pieces(text) for text in texts]
        seen = Counter(piece for count in counts for piece in count)
        self._rare = {piece: math.log((1 + len(texts)) / (1 + n)) + 1 for piece, n in seen.items()}
        self._rows = [self._weighed(count) for count in counts]

    def pieces(self, text):
        """How often each piece of a word is in a text."""
        found = Counter()
        for word in re.findall(r"\w+", text.lower()):
            word = f" {word} "
            for length in (3, 4, 5):
                found.update(word[at : at + length] for at in range(max(1, len(word) - length + 1)))
        return found

    def _weighed(self, count):
        row = {piece: n * self._rare[piece] for piece, n in count.items() if piece in self._rare}
        size = math.sqrt(sum(value * value for value in row.values())) or 1.0
        return {piece: value / size for piece, value in row.items()}

    def near(self, question, most=3):
        """The nearest texts: (score, place), the nearest first."""
        asked = self._weighed(self.pieces(question))
        scores = [
            (sum(value * row.get(piece, 0.0) for piece, value in asked.items()), -at)
            for at, row in enumerate(self._rows)
        ]
        return [(score, -at) for score, at in sorted(scores, reverse=True)[:most]]


def question_verdict(text, search):
    """The key for a question of task b, with facts."""
    if len(re.findall(r"\w+", text)) < 4:
        return "too-short", {}
    if not FISHING.search(text):
        return "not-about-fishing", {}
    score, _ = search.near(text, 1)[0]
    return ("passed" if score >= LIMIT else "not-found"), {"score": round(score, 2)}
