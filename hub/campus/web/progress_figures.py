"""Small figures of a coordinator's page: the numbers of an inline SVG, which a template writes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.campus.institution_report import GroupProgress, Week

HEIGHT, STEP, WIDTH = 60, 22, 320


@dataclass(frozen=True)
class Bar:
    """One bar: its left edge, top and height, the label below it, and its share in percent."""

    x: float
    y: float
    height: float
    label: str
    percent: int


def lab_bars(figure: GroupProgress) -> list[Bar]:
    """Return a bar for each lab: the share of a group's people who handed it in."""
    made = []
    all_numbered = all(count.lab.number for count in figure.counts)
    for place, count in enumerate(figure.counts):
        share = count.handed_in / figure.people if figure.people else 0.0
        height = round(HEIGHT * share, 1)
        label = str(count.lab.number if all_numbered else place + 1)
        made.append(Bar(place * STEP + 2, HEIGHT - height, height, label, round(100 * share)))
    return made


@dataclass(frozen=True)
class Line:
    """The points of two lines, as SVG writes them."""

    done: str
    due: str


def week_lines(weeks: Sequence[Week]) -> Line:
    """Return the lines of what was handed in and of what was due, by week, both in percent."""
    step = WIDTH / max(len(weeks) - 1, 1)

    def points(shares: Sequence[float]) -> str:
        return " ".join(f"{place * step:.1f},{100 - share:.1f}" for place, share in enumerate(shares))

    return Line(points([week.done for week in weeks]), points([week.due for week in weeks]))
