"""Which new passwords are refused, because somebody who knows a little would guess them."""

from __future__ import annotations

import pytest

from hub.hub_process.password_strength import is_easy_to_guess

ABOUT = ("amina.k", "Amina Keza")


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "password123",
        "qwertyuiop",
        "aaaaaaaaaa",
        "aminakeza1",
        "keza.amina",
        "umuganda2026",
        "Kigali2026",
    ],
)
def test_what_is_on_every_list_or_about_its_owner_is_easy_to_guess(password):
    assert is_easy_to_guess(password, ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        *("correct horse battery", "four words in row", "inka zanjye zose", "le chat boit du lait"),
        *("mT7#kq0v!x", "نافذة خضراء وكتاب", "x" * 40 + "yz 7 k" * 200),
    ],
)
def test_a_few_words_of_any_language_are_not(password):
    assert not is_easy_to_guess(password, ABOUT)
