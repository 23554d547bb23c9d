"""Similar answers: pairs of learners' texts that share more of their phrases than chance explains."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

PHRASE = 4
"""Words of a phrase."""
ALIKE = 0.4
"""Share of common phrases from which two answers are shown."""
MOST_PAIRS = 30
COMMON = 8
"""A phrase that more learners use than this is the lab's own wording, or a usual one, and counts for nobody."""
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class SimilarPair:
    """Two answers, by receipt, and the share of their phrases that both have (Jaccard index), from 0 to 1."""

    first: str
    second: str
    share: float


def text_phrases(text: str) -> set[tuple[str, ...]]:
    """Return the phrases of a text; a shorter text is one phrase."""
    words = WORD.findall(text.casefold())
    if len(words) < PHRASE:
        return set()
    return {tuple(words[place : place + PHRASE]) for place in range(len(words) - PHRASE + 1)}


def similar_pairs(answers: Mapping[str, str], given: str = "") -> list[SimilarPair]:
    """Return pairs of similar answers, the most similar first; phrases of the `given` text count for nobody."""
    ours = text_phrases(given)
    own = {name: text_phrases(text) - ours for name, text in answers.items()}
    users: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, found in own.items():
        for phrase in found:
            users[phrase].append(name)
    common: dict[tuple[str, str], int] = defaultdict(int)
    for names in users.values():
        if len(names) <= COMMON:
            for pair in combinations(sorted(names), 2):
                common[pair] += 1
    pairs = [
        SimilarPair(first, second, both / (len(own[first]) + len(own[second]) - both))
        for (first, second), both in common.items()
    ]
    alike = [each for each in pairs if each.share >= ALIKE]
    return sorted(alike, key=lambda each: (-each.share, each.first, each.second))[:MOST_PAIRS]
