"""English that a public servant reads in a second or third language, after a day's work."""

from __future__ import annotations

from pathlib import Path

import textstat

from labs.authoring import prose
from labs.authoring.spec import load

# School years of the Automated Readability Index (Senter and Smith, 1967): it counts letters, words and sentences, and
# so needs no word list from elsewhere.
GRADE = {"everyone": 6.0, "technical": 8.0, "capstone": 8.0}
WORDS_A_SENTENCE = 15


def test_a_labs_english_is_within_reach_of_those_it_is_for(folder: Path) -> None:
    lab = load(folder)
    text = prose.plain(lab)
    assert len(text.split()) > 500
    assert textstat.automated_readability_index(text) <= GRADE[lab.facts["track"]]
    assert textstat.words_per_sentence(text) <= WORDS_A_SENTENCE


def test_a_lab_takes_no_longer_than_it_says(folder: Path) -> None:
    lab = load(folder)
    assert prose.minutes(lab) <= lab.facts["minutes"] <= 75
    assert sum(piece["minutes"] for piece in lab.pieces) <= lab.facts["minutes"]
