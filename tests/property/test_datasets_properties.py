"""Properties of the tools that made-up data is drawn with."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from labs.datasets.build import packed_table
from labs.datasets.effects.weekly_drift import stability_index
from labs.datasets.generators import personal_marks, random_draws, sentence_frames
from labs.datasets.loader import parse_table

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\ue000\ue001\ue002\ue003"), max_size=12)
PIECES = st.lists(st.tuples(st.sampled_from([None, *personal_marks.OPENING]), WORDS), max_size=12)


@given(PIECES)
def test_marks_say_where_each_piece_stands(pieces):
    """After marks are stripped, each span covers exactly the piece that was marked."""
    marked = "".join(personal_marks.mark_piece(kind, text) if kind else text for kind, text in pieces)
    text, spans = personal_marks.strip_marks(marked)
    assert text == "".join(piece for _, piece in pieces)
    assert [(text[a:b], kind) for a, b, kind in spans] == [(t, k) for k, t in pieces if k]


@given(st.integers(0, 2**32), st.lists(st.floats(0.01, 1), min_size=1, max_size=6), st.integers(0, 400))
def test_shares_are_kept_to_within_one(seed, weights, rows):
    """Each name is drawn as often as its weight says, to within one."""
    named = {f"n{i}": w for i, w in enumerate(weights)}
    drawn = random_draws.draw_shares(np.random.default_rng(seed), named, rows)
    assert len(drawn) == rows
    for name, weight in named.items():
        assert abs((drawn == name).sum() - rows * weight / sum(weights)) <= 1.0001


@given(st.integers(0, 2**32), st.lists(st.floats(0, 1), max_size=200))
def test_the_number_of_yeses_is_the_expected_one(seed, chances):
    """The number of yeses is the sum of the chances, to within one; never and always are kept."""
    chance = np.array(chances, float)
    answer = random_draws.draw_yes(np.random.default_rng(seed), chance)
    assert abs(answer.sum() - chance.sum()) <= 1.0001
    assert not answer[chance == 0].any()


@given(
    st.lists(st.lists(st.sampled_from(["a", "b ", "c, "]), min_size=1, max_size=3), min_size=1, max_size=3)
)
def test_a_frame_gives_only_what_its_choices_allow(choices):
    """A frame's number of variants is the product of its choices, and what is drawn comes from them."""
    line = "x ".join("[" + "|".join(options) + "]" for options in choices)
    frame = sentence_frames.parse_frame(line)
    assert frame.variants() == int(np.prod([len(options) for options in choices]))
    said = sentence_frames.draw_way(frame.parts, random_draws.plain_random(np.random.default_rng(1)), str)
    assert not set(said) & set("[]|")


@given(
    st.lists(
        st.tuples(
            WORDS.filter(lambda t: t.strip() and "\x00" not in t and "\r" not in t),
            st.booleans(),
            st.integers(-9, 9),
        ),
        min_size=1,
    )
)
def test_a_table_survives_writing_and_reading(rows):
    """A table survives writing and reading: texts, yes-no and whole numbers come back as they were."""
    table = pd.DataFrame(rows, columns=["t", "y", "w"])
    import gzip

    back = parse_table(gzip.decompress(packed_table(table)), {"t": "text", "y": "yes-no", "w": "whole"})
    assert back["t"].tolist() == table["t"].tolist()
    assert back["y"].tolist() == table["y"].tolist()
    assert back["w"].tolist() == table["w"].tolist()


@given(st.integers(0, 2**32))
def test_a_sample_is_stable_against_itself(seed):
    """The stability index of a sample against itself is nought, and never below nought against another."""
    rng = np.random.default_rng(seed)
    a, b = rng.random(200), rng.random(150)
    assert stability_index(a, a) == 0
    assert stability_index(a, b) >= 0
