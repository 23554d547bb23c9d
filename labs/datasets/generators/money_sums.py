"""Sums of money in letters: each between the least and the most that an office would see for such a thing."""

from random import Random

SUMS: dict[str, tuple[int, int, int]] = {
    "fare": (300, 2_500, 100),
    "fee": (500, 20_000, 500),
    "tea": (1_000, 20_000, 1_000),
    "price": (800_000, 18_000_000, 100_000),
    "landtax": (5_000, 60_000, 1_000),
    "debt": (100_000, 6_000_000, 50_000),
    "costs": (10_000, 75_000, 5_000),
    "dossier": (5_000, 20_000, 1_000),
    "deposit": (200_000, 5_000_000, 100_000),
    "unit": (5_000, 150_000, 5_000),
    "advance": (100_000, 3_000_000, 50_000),
    "total": (200_000, 20_000_000, 50_000),
    "budget": (150_000, 12_000_000, 50_000),
}
"""Francs by slot: lowest, highest, and to what they are rounded: assumptions of ours for 2025."""
SAME_THROUGHOUT = frozenset({"fee", "debt", "total"})
"""Slots that name the same sum wherever a letter says it."""
MARKS = {"en": [",", ""], "fr": [" ", "."], "rw": [".", ""]}
"""Separators of thousands in each language; not everybody writes them."""


def draw_sum(random: Random, slot: str) -> int:
    """Return a sum for a slot: small ones are as usual as large ones, as on a scale of powers."""
    low, high, step = SUMS[slot]
    place = (random.choice(range(5)) * 19 + random.randint(1, 19) - 1) / 94
    return int(min(max(round(low * (high / low) ** place / step) * step, low), high))


def written_sum(random: Random, language: str, francs: int) -> str:
    """Return a sum in digits as the language writes them."""
    return f"{francs:,}".replace(",", random.choice(MARKS[language]))
