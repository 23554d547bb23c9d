"""Letters that stand up to reading: many frames, no machinery to see, nobody real."""

import datetime
import json
import re
from collections import Counter
from random import Random

import numpy as np
import pytest

from labs.datasets.generators import filed_letters, letters_private, one_letter, sentence_frames

CATEGORIES = (*one_letter.CITIZEN, *one_letter.OFFICIAL)


@pytest.fixture(scope="module")
def made():
    return filed_letters.generate(np.random.default_rng(7), 3000)


@pytest.mark.parametrize("language", sentence_frames.LANGUAGES)
@pytest.mark.parametrize("category", CATEGORIES)
def test_each_language_and_category_has_hundreds_of_frames(language, category):
    """Each language and category has hundreds of distinct sentence frames, scores of them its own."""
    sections = sentence_frames.load_frames(language).sections
    group = "official" if category in one_letter.OFFICIAL else "citizen"
    own = sum(f.variants() for part in ("situation", "request") for f in sections[f"{category}.{part}"])
    parts = ("opening", "aside", "vague", "closing")
    shared = sum(f.variants() for part in parts for f in sections[f"{group}.{part}"])
    assert own >= 80
    assert own + shared >= 200


def test_all_languages_have_the_same_sections_and_topics():
    """All languages have the same sections and topics."""
    known = [sentence_frames.load_frames(language) for language in sentence_frames.LANGUAGES]
    assert len({tuple(sorted(k.sections)) for k in known}) == 1
    assert len({tuple(sorted((t.name, t.paper) for t in k.topics.values())) for k in known}) == 1
    assert len({tuple(sorted(k.supplies)) for k in known}) == 1


@pytest.mark.parametrize("language", sentence_frames.LANGUAGES)
def test_every_frame_can_be_said_about_every_topic_it_fits(language):
    """Every frame can be said about a topic, with every slot filled and no bracket left."""
    random = Random(1)
    who = one_letter.draw_person(random, True, "Huye")
    known = sentence_frames.load_frames(language)
    for name, section in known.sections.items():
        official = name.split(".")[0] in (*one_letter.OFFICIAL, "official")
        topic = "desks" if official else "birth"
        writer = letters_private.PrivateWriter(
            random, who, topic, day=datetime.date(2025, 6, 2), official=official
        )
        for frame in section:
            for _ in range(6):
                text = sentence_frames.draw_way(
                    frame.parts, random, lambda slot, w=writer: w.fill(language, slot)
                )
                said = one_letter.tidy_sentence(text, language)
                assert not re.search(r"[\[\]{}|]|  ", said), said
                assert not re.search(r"\b[dD]e (avril|août|octobre)", said), said


def test_no_word_gives_a_category_away(made):
    """No word is both common in a category's letters and almost only there."""
    words = [set(re.findall(r"[\w']+", text.lower())) for text in made["text"]]
    for language in ("en", "fr", "rw"):
        here = (made["lang"] == language).to_numpy()
        for category in CATEGORIES:
            of = (here & (made["true_category"] == category)).to_numpy()
            seen = Counter(w for row in np.flatnonzero(of) for w in words[row])
            everywhere = Counter(w for row in np.flatnonzero(here) for w in words[row])
            telling = [w for w, n in seen.items() if n >= 0.6 * of.sum() and n >= 0.9 * everywhere[w]]
            assert not telling or of.sum() < 15, (language, category, telling)


def test_twenty_letters_in_a_row_hardly_repeat_a_sentence(made):
    """Among twenty letters of one language and category, hardly a sentence occurs twice."""
    for language in ("en", "rw"):
        for category in ("application", "complaint"):
            some = made[(made["lang"] == language) & (made["true_category"] == category)]["text"].head(20)
            said = [s.strip() for text in some for s in re.split(r"(?<=[.?!])\s", text) if len(s.split()) > 5]
            assert len(set(said)) > 0.95 * len(said)


def test_letters_differ_in_length_and_tone(made):
    """Letters differ in length: the longest tenth is at least twice the shortest tenth."""
    length = made["text"].str.split().str.len()
    assert length.quantile(0.9) > 2 * length.quantile(0.1)
    assert (made["text"] == made["text"].str.lower()).any()
    assert made["text"].is_unique


def test_six_in_a_hundred_letters_lie_in_the_wrong_tray(made):
    """Six in a hundred letters lie in the wrong tray."""
    assert (made["category"] != made["true_category"]).mean() == pytest.approx(0.06, abs=0.005)


def test_no_identity_number_or_phone_can_be_real():
    """Identity numbers have a birth year to come, and phones the prefix that stands for made up."""
    table = letters_private.generate(np.random.default_rng(3), 300)
    found = Counter()
    for text, marked in zip(table["text"], table["marked"], strict=True):
        for begin, end, kind in json.loads(marked):
            found[kind] += 1
            digits = re.sub(r"\D", "", text[begin:end].replace("O", "0").replace("o", "0").replace("l", "1"))
            if kind == "id":
                assert len(digits) == 16
                assert 2041 <= int(digits[1:5]) <= 2089
            if kind == "phone":
                assert digits.removeprefix("250").lstrip("0").startswith("700")
    assert min(found.values()) > 100
