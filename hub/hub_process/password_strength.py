"""Strength of new passwords, as zxcvbn estimates it."""

from __future__ import annotations

from collections.abc import Iterable

from zxcvbn import zxcvbn

LONGEST_CHECKED = 72
"""Signs that are looked at: the estimate takes long for longer ones, and they are hard to guess anyway."""
KNOWN_HERE = (
    *(
        "rwanda",
        "kigali",
        "nyarugenge",
        "gasabo",
        "kicukiro",
        "butare",
        "huye",
        "musanze",
        "rubavu",
        "gisenyi",
    ),
    *("umuganda", "amahoro", "imana", "mwaramutse", "muraho", "murakoze", "isomo", "amasomo", "ishuri"),
    *("umwana", "umubyeyi", "igihugu", "umukozi", "leta", "minisiteri", "ijambobanga"),
)
"""Words that people here would try first; zxcvbn's own lists hold English."""
FEWEST_OTHER_SIGNS = 6
"""Signs that a password has besides the names of its owner."""
FEWEST_GUESSES = 7.0
"""Powers of ten. Lists of leaked passwords, dates, names and keyboard rows lie below; three unlinked words above."""


def is_easy_to_guess(password: str, about: Iterable[str] = ()) -> bool:
    """Return whether `password` falls within ten million guesses of somebody who knows the texts `about` its owner.

    Example:
        >>> is_easy_to_guess("1234567890"), is_easy_to_guess("umuyaga rubavu ikaye")
        (True, False)
    """
    words = [word for text in about for word in text.replace(".", " ").casefold().split() if len(word) > 2]
    rest = password.casefold()
    for word in words:
        rest = rest.replace(word, "")
    if len(rest) < FEWEST_OTHER_SIGNS:
        return True
    found = zxcvbn(password[:LONGEST_CHECKED], user_inputs=[*words, *KNOWN_HERE])
    return float(found["guesses_log10"]) < FEWEST_GUESSES
