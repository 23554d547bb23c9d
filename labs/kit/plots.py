"""One clear style for pictures: few lines, colours that colour-blind people tell apart, words that describe them."""

from __future__ import annotations

import html
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from labs.kit.column_width import COLUMN
from labs.kit.show import Shown, marked, paragraph, table

__all__ = ["CALM", "INK", "THIRD", "WARN", "figure", "marked", "table", "text"]

# From Okabe and Ito's palette ("Color universal design", 2008), darker if text has the colour.
CALM = "#0072B2"
WARN = "#B34700"
THIRD = "#007A5A"
INK = "#333333"
LEAST_WIDTH = 520
"""Pixels: a narrower picture has words under 10 pixels, so one drawn for a wide column is moved in its frame."""
STYLE = {
    "font.size": 9,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#666666",
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "isomo",
    "figure.dpi": 72,
}

text = paragraph


class Picture(Shown):
    """A drawing with the words that describe it. `axes` are there while it is drawn."""

    axes: list[Any]

    def __init__(self, html: str = "", text: str = "") -> None:
        super().__init__(html, text)

    def _draw(self, html: str, text: str) -> None:
        # Shown is frozen for everybody else; this one is filled when its `with` ends.
        object.__setattr__(self, "html", html)
        object.__setattr__(self, "text", text)


@contextmanager
def figure(title: str, alt: str, rows: int = 1, height: float = 2.3) -> Iterator[Picture]:
    """A picture to draw into: `with figure("Scores", "Two histograms …") as picture: picture.axes[0].plot(…)`.

    `alt` describes it for those who do not see it, and is shown on request to everybody. In a narrow column the picture
    is as wide as the column, its words are 12 pixels high and may stand in lines; it may become higher than `height`.
    """
    # Without pyplot: no window, no state that a learner's own plots could meet.
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    picture = Picture()
    with mpl.rc_context(STYLE):
        drawing = Figure(figsize=(6.4, 0.4 + height * rows * (0.75 if rows > 1 else 1)), layout="constrained")
        FigureCanvasSVG(drawing)
        axes = drawing.subplots(rows, 1, sharex=True, squeeze=False)
        object.__setattr__(picture, "axes", list(axes[:, 0]))
        yield picture
        if COLUMN.narrow:
            _fit(drawing, COLUMN.narrow)
        drawn = io.BytesIO()
        drawing.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    svg = drawn.getvalue().decode()
    least = COLUMN.narrow or LEAST_WIDTH
    drawn_style = f"max-width:100%;min-width:{least}px;height:auto;background:#fff"
    svg = svg[svg.index("<svg") :].replace("<svg ", f'<svg style="{drawn_style}" ', 1)
    caption = html.escape(title)
    words = html.escape(alt)
    made = (
        f'<figure style="margin:.5em 0;max-width:46em"><figcaption style="font-weight:600">{caption}</figcaption>'
        f'<div role="img" aria-label="{words}" tabindex="0" style="overflow-x:auto">{svg}</div></figure>'
    )
    picture._draw(made, f"{title}\n{alt}")


def _fit(drawing: Any, pixels: int) -> None:
    from labs.kit import narrow_charts

    with suppress(Exception):  # A wide picture is better than none.
        narrow_charts.fit_figure(drawing, pixels / narrow_charts.DPI, drawing.get_figheight())
