"""Charts for a narrow screen: the figure takes the column's width, its words stay 12 pixels high and find room.

It works on a figure that is complete, so it does not matter who made it: the kit, pandas, or a learner's own lines.
Words that are too long for their place are broken into lines, crowded words below an axis are turned, and the figure
grows in height. Nothing in it changes that could be counted: no data, no limits, no ticks.
"""

from __future__ import annotations

import textwrap
import warnings
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from functools import partial, wraps
from io import BytesIO
from itertools import pairwise, zip_longest
from typing import Any

from labs.kit.column_width import COLUMN

DPI = 96
"""Pixels of a page in an inch, so that a point has the size in a picture that it has in a page."""
LEAST_POINTS = 9
"""12 pixels."""
LEAST_HEIGHT = 0.8
"""Of the width: a figure that was low and wide does not become a strip."""
LEAST_AXES = 0.35
"""Of the width: what is left in height for the drawing itself."""
NAMES = 0.42
"""Of the width: the most that names to the left of a drawing take."""
WORDS = (0.62, 0.42)
"""Of the width: the most that words in a drawing take, and if they meet others there."""
AROUND = 0.26
"""Of the width: the most that words on each side of a pie take."""
BY_A_BAR = 0.8
"""Of its place: what a drawing has next to a colour bar."""
EDGE = 4


def fit_figure(figure: Any, inches: float, height: float) -> None:
    """Give a complete figure this size, more in height if its words need it, and its words a size to be read.

    Args:
        figure: a figure of matplotlib; it stays as it becomes here. What a learner made is copied before.
        inches: its width.
        height: its least height.
    """
    figure.set_size_inches(inches, max(height, _stack(figure) * LEAST_HEIGHT * inches))
    bar_in_grid = any(_is_colour_bar(axes) and axes.get_subplotspec() is not None for axes in figure.axes)
    with suppress(RuntimeError):  # A colour bar was placed by one of the two, and the other cannot take over.
        figure.set_layout_engine("tight" if bar_in_grid else "constrained")
    _enlarge(figure)
    for axes in figure.axes:
        _break_names(axes)
    _lay_out(figure)
    for axes in figure.axes:
        _break_titles(axes)
    _break_words(figure)
    _lay_out(figure)
    for axes in figure.axes:
        _spread_names(axes)
    for _ in range(2):
        _lay_out(figure)
        if not _grow(figure):
            break
    for _ in range(3):
        moved = [(_move_inside(axes), _move_apart(axes)) for axes in figure.axes]
        if not any(map(any, moved)):
            break
        _lay_out(figure)
    if not _lay_out(figure):  # Drawing would say so to the learner, below her cell.
        figure.set_layout_engine("none")


def _lay_out(figure: Any) -> bool:
    """Give everything its place, as drawing does first; whether there was room for it."""
    engine = figure.get_layout_engine()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        if engine is not None:
            engine.execute(figure)
    return not said


def _stack(figure: Any) -> int:
    """Put drawings that stand next to each other below each other; return how many were, 0 if they stay as they are."""
    shown = [axes for axes in figure.axes if axes.get_visible()]
    drawings = [axes for axes in shown if not _is_colour_bar(axes)]
    specs = [_cell(axes) for axes in drawings]
    grids = {id(spec and spec.get_gridspec()) for spec in specs}
    # Some over several places, or several in one place, were arranged by somebody: they stay.
    if len(grids) != 1 or len(set(map(_place, specs))) < len(specs) or specs[0] is None:
        return 0
    if specs[0].get_gridspec().ncols == 1 or any(len(spec.colspan) * len(spec.rowspan) > 1 for spec in specs):
        return 0
    if not all(_follows(axes, drawings) for axes in shown if axes not in drawings):
        return 0
    for axes in figure.axes:
        axes.set_in_layout(axes in shown)
    grid = figure.add_gridspec(len(drawings), 1)
    for row, axes in enumerate(sorted(drawings, key=lambda one: _place(_cell(one)))):
        _put(axes, grid[row])
        if len(axes.get_shared_y_axes().get_siblings(axes)) > 1:  # Only the first had its numbers.
            axes.tick_params(axis="y", labelleft=True)
    for axes in shown:
        if axes.get_subplotspec() is not None:
            axes.set_subplotspec(axes.get_subplotspec())  # Takes the place that it has now.
    return len(drawings)


def _is_colour_bar(axes: Any) -> bool:
    return hasattr(axes, "_colorbar")


def _follows(bar: Any, drawings: list[Any]) -> bool:
    """Return whether a colour bar goes where its drawings go: it shares their cell, or the layout puts it there."""
    parents = getattr(bar, "_colorbar_info", {}).get("parents", [])
    if not parents or any(one not in drawings for one in parents):
        return False
    return bar.get_subplotspec() is None or _place(_cell(bar)) == _place(_cell(parents[0]))


def _cell(axes: Any) -> Any:
    """Return the cell of the outer grid in which a drawing stands, by itself or with its colour bars; None without."""
    spec = axes.get_subplotspec()
    return spec and spec.get_topmost_subplotspec()


def _put(axes: Any, place: Any) -> None:
    """Put a drawing into another place, and what shares its cell with it."""
    grid = axes.get_gridspec()
    if not hasattr(grid, "_subplot_spec"):  # It is not in a grid within a cell.
        axes.set_subplotspec(place)
        return
    while hasattr(outer := grid._subplot_spec.get_gridspec(), "_subplot_spec"):
        grid = outer
    grid._subplot_spec = place


def _place(spec: Any) -> tuple[int, int]:
    return (spec.rowspan.start, spec.colspan.start) if spec else (-1, -1)


def _share(axes: Any) -> float:
    """Return the pixels that a drawing has for itself and its words: its part of the figure's width."""
    spec = _cell(axes)
    whole = float(axes.figure.bbox.width)
    if spec is None:
        return whole
    share = whole * len(spec.colspan) / spec.get_gridspec().ncols
    return share if spec is axes.get_subplotspec() else share * BY_A_BAR


def _enlarge(figure: Any) -> None:
    from matplotlib.text import Text

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            for which in ("major", "minor"):
                size = axis.get_tick_params(which=which).get("labelsize")
                if isinstance(size, int | float) and size < LEAST_POINTS:
                    axis.set_tick_params(which=which, labelsize=LEAST_POINTS)
    for text in figure.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), LEAST_POINTS))


def _broken(text: str, letters: int) -> str:
    """Return a text in lines of at most so many letters; a word that is longer stays whole."""
    break_line = partial(textwrap.wrap, width=max(letters, 6), break_long_words=False)
    return "\n".join("\n".join(break_line(line)) for line in text.split("\n"))


def _break(text: Any, limit: float, *, upright: bool = False) -> None:
    """Break a text of the figure into lines that take at most `limit` pixels."""
    said = text.get_text()
    box = text.get_window_extent()
    size = box.height if upright else box.width
    if size > limit and "$" not in said:
        longest = max(map(len, said.split("\n")))
        whole = getattr(text, "isomo_whole", said)
        text.isomo_whole = whole
        text.set_text(_broken(whole, int(longest * limit / size)))


def _named(axis: Any, *, minor: bool = False) -> list[Any]:
    """Return the words at an axis that are seen, those of its minor ticks if they are asked for."""
    axis.get_ticklabels(minor)  # Brings the ticks up to date; there may be some beyond what is shown.
    low, high = sorted(axis.get_view_interval())
    edge = (high - low) / 1000
    ticks = axis.get_minor_ticks() if minor else axis.get_major_ticks()
    seen = [tick.label1 for tick in ticks if low - edge <= tick.get_loc() <= high + edge]
    return [label for label in seen if label.get_visible() and label.get_text().strip()]


def _break_at(axis: Any, limit: float, *, upright: bool = False) -> None:
    """Break the words at an axis into lines that take at most `limit` pixels."""
    boxes = [(label.get_window_extent(), label.get_text()) for label in _named(axis)]
    sizes = [(box.height if upright else box.width, said) for box, said in boxes]
    width, longest = max(sizes, default=(0, ""))
    if width <= limit or "$" in longest:
        return
    letters = int(max(map(len, longest.split("\n"))) * limit / width)
    _rewrite(axis, partial(_broken, letters=letters))


def _rewrite(axis: Any, change: Callable[[str], str]) -> None:
    """Have the words at an axis changed before they are drawn."""
    from matplotlib.ticker import Formatter

    before = axis.get_major_formatter()

    class Rewritten(Formatter):
        """The earlier words of the axis, changed."""

        def __call__(self, value: float, place: int | None = None) -> str:
            return change(before(value, place))

        def format_ticks(self, values: Any) -> list[str]:
            return [change(one) for one in before.format_ticks(values)]

        def get_offset(self) -> str:
            return str(before.get_offset())

    axis.set_major_formatter(Rewritten())


def _break_names(axes: Any) -> None:
    if axes.axison:
        _break_at(axes.yaxis, NAMES * _share(axes))


def _break_titles(axes: Any) -> None:
    """Titles, words of the axes and of a legend; a title stands over its drawing, from there to the figure's edge."""
    share, right = _share(axes), axes.figure.bbox.x1
    centred = min(share, max(2 * right - axes.bbox.x0 - axes.bbox.x1, share / 2)) - 2 * EDGE
    for title in (axes.title, axes.xaxis.label):
        _break(title, centred)
    for title in (axes._left_title, axes._right_title):
        _break(title, max(right - axes.bbox.x0, share / 2) - EDGE)
    _break(axes.yaxis.label, max(axes.bbox.height, LEAST_AXES * share), upright=True)
    legend = axes.get_legend()
    for text in legend.get_texts() if legend else ():
        _break(text, WORDS[0] * share)
    if legend and legend.get_window_extent().height > 0.25 * axes.bbox.height:
        _put_below(axes, legend)


def _put_below(axes: Any, legend: Any) -> None:
    """Put a legend that would hide the drawing below it."""
    from matplotlib.transforms import ScaledTranslation

    named = axes.xaxis.get_tightbbox()
    down = ((named.y0 if named else axes.bbox.y0) - axes.bbox.y0 - 2 * EDGE) / axes.figure.dpi
    moved = axes.transAxes + ScaledTranslation(0, down, axes.figure.dpi_scale_trans)
    legend.set_loc("upper center")
    legend.set_bbox_to_anchor((0.5, 0), transform=moved)


def _box(text: Any) -> Any:
    """Return the place of words in a drawing, with the frame around them if they have one."""
    return text.get_window_extent().padded(_frame(text))


def _frame(text: Any) -> float:
    patch = text.get_bbox_patch()
    pad = getattr(patch.get_boxstyle(), "pad", 0.0) if patch else 0.0
    return float(pad * text.get_fontsize() * text.figure.dpi / 72)


def _break_words(figure: Any) -> None:
    for text in figure.texts:
        _break(text, figure.bbox.width - 2 * EDGE)
    for legend in figure.legends:
        for text in legend.get_texts():
            _break(text, WORDS[0] * figure.bbox.width)
    for axes in figure.axes:
        is_round = axes.get_aspect() == 1 and not _named(axes.xaxis)
        for text in axes.texts:
            _break(text, (AROUND if is_round else WORDS[0]) * _share(axes) - 2 * _frame(text))
        boxes = [(text, _box(text)) for text in axes.texts]
        for text, box in boxes:
            if any(box.overlaps(other) for one, other in boxes if one is not text):
                _break(text, WORDS[1] * _share(axes) - 2 * _frame(text))


def _spread_names(axes: Any) -> None:
    """Break words below a drawing that run into each other; turn them if that is not enough."""
    axis = axes.xaxis
    if not axes.axison or not _named(axis):
        return
    if _named(axis, minor=True):
        _turn_months(axis)
        return
    room = axes.bbox.width / len(_named(axis))
    if _crowded(axis) and not any(label.get_rotation() for label in _named(axis)):
        before = axis.get_major_formatter()
        _break_at(axis, room - EDGE)
        if _crowded(axis):
            axis.set_major_formatter(before)
    if _crowded(axis):
        line = max(label.get_fontsize() for label in _named(axis)) * axes.figure.dpi / 72
        slanted = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
        turned = (
            slanted if room > 1.6 * line else {"rotation": 90, "ha": "center", "rotation_mode": "default"}
        )
        axis.set_tick_params(rotation=turned["rotation"])
        for label in axes.get_xticklabels():
            label.set(**turned)
    upright = [label for label in _named(axis) if label.get_rotation() == 90]
    if upright:
        longest = max(label.get_window_extent().height for label in upright)
        lines = max(1, int(room / (1.3 * upright[0].get_fontsize() * axes.figure.dpi / 72)))
        _break_at(axis, max(NAMES * _share(axes), 1.2 * longest / lines), upright=True)


def _turn_months(axis: Any) -> None:
    """Turn words that are partly at minor ticks, as pandas writes months, if those of one line run into each other."""
    labels = [*_named(axis), *_named(axis, minor=True)]
    lines = zip_longest(*map(_line_boxes, labels))
    if any(label.get_rotation() for label in labels) or not any(map(_meet, lines)):
        return
    _rewrite(axis, lambda said: said.replace("\n", " "))
    axis.set_tick_params(which="both", rotation=90)
    for label in labels:
        label.set_rotation(90)


def _line_boxes(label: Any) -> list[tuple[float, float]]:
    """Return from where to where each line of a label goes, by its letters."""
    box, lines = label.get_window_extent(), label.get_text().split("\n")
    middle, longest = (box.x0 + box.x1) / 2, max(map(len, lines))
    halves = [box.width / 2 * len(line) / longest for line in lines]
    return [(middle - half, middle + half) for half in halves]


def _crowded(axis: Any) -> bool:
    return _meet((box.x0, box.x1) for box in (label.get_window_extent() for label in _named(axis)))


def _meet(boxes: Iterable[tuple[float, float] | None]) -> bool:
    """Return whether two of some words next to each other run into each other."""
    ordered = sorted(box for box in boxes if box)
    return any(one[1] + EDGE > other[0] and one[0] + EDGE < other[0] for one, other in pairwise(ordered))


def _grow(figure: Any) -> bool:
    """Make the figure higher if names run into each other or little is left of a drawing; whether it did."""
    more = 0.0
    for axes in figure.axes:
        spec = _cell(axes)
        if axes.axison and spec is not None and not _is_colour_bar(axes):
            high = axes.bbox.height
            wanted = max(high * _crowding(axes.yaxis), LEAST_AXES * _share(axes))
            more = max(more, (wanted - high) * spec.get_gridspec().nrows / len(spec.rowspan))
    if more < 1:
        return False
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + more / figure.dpi)
    return True


def _crowding(axis: Any) -> float:
    """Return how many times as far from each other names to the left of a drawing should be."""
    boxes = sorted((label.get_window_extent() for label in _named(axis)), key=lambda box: box.y0 + box.y1)
    return max((_closeness(one, other) for one, other in pairwise(boxes)), default=1.0)


def _closeness(one: Any, other: Any) -> float:
    apart = (other.y0 + other.y1 - one.y0 - one.y1) / 2
    return (one.height + other.height) * 0.55 / apart if apart > 0 else 1.0


def _move_inside(axes: Any) -> bool:
    """Move words that are over an edge of the figure to where they are read; whether there were any."""
    moved = False
    left, right = axes.figure.bbox.x0 + EDGE, axes.figure.bbox.x1 - EDGE
    for text in axes.texts:
        box = _box(text)
        by = min(0.0, right - box.x1)
        by += max(0.0, left - (box.x0 + by))
        if abs(by) >= 1:
            moved |= _move(text, by, 0)
    return moved


def _move_apart(axes: Any) -> bool:
    """Move words in a drawing that meet others there below those, or above without room; whether there were any."""
    moved = False
    placed: list[Any] = []
    for text in axes.texts:
        box = _box(text)
        met = [one for one in placed if box.x0 < one.x1 - 1 and one.x0 < box.x1 - 1]
        met = [one for one in met if box.y0 < one.y1 - 1 and one.y0 < box.y1 - 1]
        if met:
            by = min(one.y0 for one in met) - box.y1 - EDGE / 2
            if box.y0 + by < axes.bbox.y0:
                by = max(one.y1 for one in met) - box.y0 + EDGE / 2
            moved |= _move(text, 0, by)
            box = _box(text)
        placed.append(box)
    return moved


def _move(text: Any, right: float, up: float) -> bool:
    """Move words by so many pixels; whether that could be done."""
    with suppress(ValueError):  # A place that cannot be reckoned back: the words stay.
        to_page = text.get_transform()
        x, y = to_page.transform(text.get_position())
        text.set_position(to_page.inverted().transform((x + right, y + up)))
        return True
    return False


def install_narrow_charts() -> None:
    """Have figures that a cell shows drawn for the desk's column; nothing is imported that a kernel has not."""
    from IPython.core import pylabtools

    before = pylabtools.print_figure
    if hasattr(before, "__wrapped__"):
        return

    @wraps(before)
    def print_figure(figure: Any, fmt: str = "png", **words: Any) -> Any:
        column = COLUMN.narrow
        # Its own size if it has room; an empty figure is not shown at all.
        if column is None or not figure.axes or figure.get_figwidth() * figure.dpi <= column:
            return before(figure, fmt, **words)
        with _fitted(figure, column) as fitted:
            if fmt != "png" or not words.get("base64"):
                return before(fitted, fmt, **words)
            found = pylabtools.retina_figure(fitted, **{"pad_inches": PAD, **words, "base64": False})
            return found and (b64encode(_small(found[0])).decode(), found[1])

    pylabtools.print_figure = print_figure


PAD = 0.02


def _small(png: bytes) -> bytes:
    """Return a picture with at most 256 colours, which takes a third of the bytes, if nothing shows through it."""
    from PIL import Image

    with Image.open(BytesIO(png)) as picture, BytesIO() as made:
        if picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] != 255:
            return png
        picture.convert("RGB").quantize(dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
        return made.getvalue()


@contextmanager
def _fitted(figure: Any, column: int) -> Iterator[Any]:
    """Yield a learner's figure as it is drawn for the column; their own stays as they made it, for a file of it."""
    size, dots = figure.get_size_inches().copy(), figure.dpi
    fitted = _copied(figure) or figure
    with suppress(Exception):  # Wide words are better than no chart.
        _fit_page(fitted, column)
    try:
        yield fitted
    finally:
        if fitted is figure:
            figure.set_dpi(dots)
            figure.set_size_inches(size)


def _copied(figure: Any) -> Any:
    """Return a figure like this one that shares nothing with it, None if something in it cannot be copied."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = figure.canvas
    window, canvas.manager = canvas.manager, None  # Or the copy would be one more figure of pyplot's.
    try:
        made = deepcopy(figure)
        FigureCanvasAgg(made)
        return made
    except Exception:
        return None
    finally:
        canvas.manager = window


def _fit_page(figure: Any, column: int) -> None:
    inches = column / DPI - 2 * PAD
    width, height = figure.get_size_inches() * figure.dpi / DPI
    lowest = LEAST_HEIGHT * inches
    figure.set_dpi(DPI)
    fit_figure(figure, inches, min(height, max(height * inches / width, lowest)))
    over = figure.get_tightbbox().width / inches
    if over > 1:
        fit_figure(figure, inches / over, figure.get_figheight())
