"""What the checks and the judge have in common."""

SEEN = 0.77
"""Of all new letters: a model that has not seen them gets about 70 of 100 right, never so many."""


def gain_of(before, now):
    """How many letters more are right than before, of how many, and between what numbers in 100 the true gain may be.

    `before` and `now` say of the same letters whether each was right: a 95% interval of a paired difference.
    """
    whole = len(before)
    won = sum(new and not old for old, new in zip(before, now))
    lost = sum(old and not new for old, new in zip(before, now))
    gain = won - lost
    half = 1.96 * max(0.0, won + lost - gain * gain / whole) ** 0.5
    low, high = (round(100 * (gain + side * half) / whole) for side in (-1, 1))
    return {"gain": gain, "fr_letters": whole, "low": low, "high": high}
