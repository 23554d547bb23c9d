"""Charts for a narrow screen: they take the column's width, their words are 12 pixels high and none is lost."""

from __future__ import annotations

import base64
import re
import threading
import warnings
from io import BytesIO
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from IPython.core import pylabtools
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from labs.kit import narrow_charts, plots
from labs.kit.column_width import COLUMN, KEY, LEAST_WIDTH, Column
from labs.kit.lab_session import Lab

PHONE = 271
LONG = [
    "jugement non exécuté (judgment not carried out)",
    "enregistrement d’une entreprise ou d’une coopérative",
    "terre",
]


@pytest.fixture
def column(monkeypatch: pytest.MonkeyPatch) -> Column:
    """The column of this process; no width is known when a test begins or ends."""
    monkeypatch.setattr(COLUMN, "width", None)
    return COLUMN


@pytest.fixture
def cell_prints(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the formatter that prints a figure below a cell."""
    monkeypatch.setattr(pylabtools, "print_figure", pylabtools.print_figure)
    narrow_charts.install_narrow_charts()
    return lambda figure: pylabtools.print_figure(figure, base64=True)


def figure_of(width: float = 6.4, height: float = 4.8) -> Any:
    made = Figure(figsize=(width, height))
    FigureCanvasAgg(made)
    made.subplots()
    return made


def bars(names: list[str], height: float = 2.3) -> Any:
    with plots.figure("Requests", "Bars.", height=height) as made:
        made.axes[0].barh(names, range(1, len(names) + 1))
        made.axes[0].set_xlabel("Part de toutes les demandes qui sont arrivées pendant l’année, en pour cent")
    return made


def a_month_by_month_chart(months: int) -> Any:
    """Return the drawing that pandas makes of a count a month."""
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    index = pd.period_range("2023-10", periods=months, freq="M")
    return pd.Series(range(months), index=index).plot()


def words_of(html: str) -> list[tuple[str, float]]:
    """Return the words of a chart with their height in pixels of a page, as the chart stands in it by itself."""
    width, view = re.search(r'width="([\d.]+)pt"', html), re.search(r'viewBox="0 0 ([\d.]+) ', html)
    assert width
    assert view
    scale = float(width[1]) / float(view[1]) * 96 / 72
    found = re.findall(r'<text style="font:? ?[^"]*?([\d.]+)px[^"]*"[^>]*>([^<]*)<', html)
    return [(said, float(size) * scale) for size, said in found]


def told(width: object) -> Column:
    made = Column()
    made.note(SimpleNamespace(get_parent=lambda: {"metadata": {KEY: width}}))
    return made


@pytest.mark.parametrize(
    ("width", "narrow"),
    [(271, 271), (613, 613), (614, None), (1280, None), (40, LEAST_WIDTH)]
    + [(said, None) for said in (0, -5, None, True, "271", 271.5, [271])],
)
def test_a_column_is_narrow_if_a_chart_of_the_kit_takes_more_by_itself(
    width: Any, narrow: int | None
) -> None:
    assert told(width).narrow == narrow


def test_the_width_is_that_of_the_message_that_asks_for_the_cell_and_is_gone_with_the_next_that_names_none() -> (
    None
):
    class Events:
        def register(self, name: str, call: Any) -> None:
            assert name == "pre_run_cell"
            self.call = call

    messages = iter([{"metadata": {KEY: 320}}, {"metadata": {KEY: 290, "cellId": "a"}}, {"metadata": {}}, {}])
    shell = SimpleNamespace(events=Events(), get_parent=lambda: next(messages))
    column = Column()
    column.listen(shell)
    assert column.width == 320
    for width in (290, None, None):
        shell.events.call(None)
        assert column.width == width


def test_a_shell_without_messages_names_no_width() -> None:
    column = Column()
    column.note(SimpleNamespace())
    assert column.width is None


def test_who_grades_hears_of_no_width() -> None:
    Lab(SimpleNamespace(events=None), grading=True).listen()


def test_a_chart_of_the_kit_is_as_wide_as_the_column_and_its_words_are_twelve_pixels_high(
    column: Column,
) -> None:
    column.width = PHONE
    html = bars(LONG).html
    assert re.search(r'width="203\.\d+pt"', html), "271 pixels are 203.25 points"
    assert f"min-width:{PHONE}px" in html
    found = words_of(html)
    assert len(found) > 6
    assert min(size for _, size in found) >= 11.99, found


def test_small_words_of_a_lab_are_twelve_pixels_high_as_well(column: Column) -> None:
    column.width = PHONE
    with plots.figure("Districts", "Bars.") as made:
        made.axes[0].barh(range(3), range(3))
        made.axes[0].set_yticks(range(3), ["Burera", "Gakenke", "Musanze"], fontsize=7)
        made.axes[0].annotate("small", (1, 1), fontsize=6)
    assert min(size for _, size in words_of(made.html)) >= 11.99


def test_no_word_of_a_name_is_lost_and_names_in_lines_do_not_meet(column: Column) -> None:
    column.width = PHONE
    with plots.figure("Requests", "Bars.", height=1.4) as made:
        axes = made.axes[0]
        axes.barh(range(8), range(8))
        axes.set_yticks(range(8), (LONG * 3)[:8])
    said = [label.get_text() for label in axes.get_yticklabels()]
    assert [" ".join(one.split("\n")) for one in said] == (LONG * 3)[:8]
    assert "\n" in said[0]
    boxes = sorted((one.get_window_extent() for one in axes.get_yticklabels()), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 for below, above in pairwise(boxes))
    assert all(box.x0 >= -1 for box in boxes)
    assert axes.bbox.width > 0.4 * axes.figure.bbox.width, "room is left for the bars"


def test_without_a_narrow_column_a_chart_is_the_same_to_the_last_byte(column: Column) -> None:
    before = bars(LONG).html
    column.width = 900
    assert bars(LONG).html == before
    assert "min-width:520px" in before


def test_what_can_be_counted_in_a_chart_does_not_change() -> None:
    made = figure_of()
    axes = made.axes[0]
    axes.bar(LONG, [3, 5, 2])
    axes.set_ylim(0, 9)

    def counted() -> object:
        heights = [bar.get_height() for bar in axes.patches]
        return heights, axes.get_xlim(), axes.get_ylim(), list(axes.get_xticks())

    before = counted()
    narrow_charts.fit_figure(made, 2.8, 2.2)
    assert counted() == before


def test_names_below_bars_that_run_into_each_other_are_turned_or_broken() -> None:
    made = figure_of()
    made.axes[0].bar(["Nyarugenge", "Rubavu", "Musanze", "Kamonyi", "Ruhango", "Nyanza", "Huye"], range(7))
    narrow_charts.fit_figure(made, 2.8, 2.2)
    assert {label.get_rotation() for label in made.axes[0].get_xticklabels()} <= {45.0, 90.0}
    assert made.axes[0].bbox.height >= 0.34 * made.bbox.width


def test_words_in_a_drawing_stay_inside_the_picture() -> None:
    made = figure_of()
    axes = made.axes[0]
    axes.plot([0, 10], [0, 10])
    axes.annotate("part des dossiers urgents que l’on trouve", (9, 5))
    axes.annotate("ici", (9.9, 8), xytext=(4, 0), textcoords="offset points")
    axes.set_title("Ce que l’on trouve et ce que l’on lit, selon la barre", loc="left")
    narrow_charts.fit_figure(made, 2.8, 2.6)
    for text in (*axes.texts, axes._left_title):
        assert text.get_window_extent().x1 <= made.bbox.x1


@pytest.mark.parametrize("height", [1.13, 0.02])
def test_words_in_a_drawing_that_would_meet_stand_below_or_above_each_other(height: float) -> None:
    made = figure_of()
    axes = made.axes[0]
    axes.plot([0, 104], [0, 1.2])
    for week, words in ((75, "d’autres gens"), (93, "un autre sens")):
        axes.annotate(words, (week, height), ha="right")
    narrow_charts.fit_figure(made, 3.2, 2.6)
    first, second = (text.get_window_extent() for text in axes.texts)
    assert second.y1 < first.y0 - 1 or first.y1 < second.y0 - 1
    assert first.x1 > second.x0, "they would have met"
    for box in (first, second):
        assert box.y0 >= axes.bbox.y0 - 1


def test_a_learners_own_figure_fits_the_column_and_is_twice_as_sharp(
    column: Column, cell_prints: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = []
    fit = narrow_charts.fit_figure
    monkeypatch.setattr(
        narrow_charts, "fit_figure", lambda figure, *size: (fitted.append(figure), fit(figure, *size))
    )
    column.width = PHONE
    made = figure_of(12, 4)
    made.axes[0].barh(LONG, [1, 2, 3])
    data, about = cell_prints(made)
    png = base64.b64decode(data)
    assert 0.9 * PHONE < about["width"] <= PHONE
    assert int.from_bytes(png[16:20]) == pytest.approx(2 * about["width"], abs=1)
    assert about["height"] >= 0.7 * about["width"]
    shown = fitted[-1]
    assert min(label.get_fontsize() for label in shown.axes[0].get_yticklabels()) * shown.dpi / 72 >= 12


def saved_size(figure: Any) -> tuple[int, int]:
    """Return the pixels of a file that a learner saves, at 100 for an inch."""
    made = BytesIO()
    figure.savefig(made, dpi=100)
    return int.from_bytes(made.getvalue()[16:20]), int.from_bytes(made.getvalue()[20:24])


def test_a_file_saved_after_the_chart_was_shown_has_the_size_and_the_words_asked_for(
    column: Column, cell_prints: Any
) -> None:
    column.width = PHONE
    made = figure_of(12, 4)
    made.axes[0].barh(LONG, [1, 2, 3])
    made.axes[0].set_title("Requests", fontsize=7)
    before = saved_size(made), [label.get_text() for label in made.axes[0].get_yticklabels()]
    assert cell_prints(made) == cell_prints(made), "shown twice, it is the same"
    assert (saved_size(made), [label.get_text() for label in made.axes[0].get_yticklabels()]) == before
    assert before[0] == (1200, 400)
    assert made.axes[0].title.get_fontsize() == 7
    assert made.get_layout_engine() is None


def test_a_chart_of_pandas_is_shown_from_a_copy_and_pyplot_hears_of_no_other_figure(
    column: Column, cell_prints: Any
) -> None:
    from matplotlib import pyplot

    column.width = PHONE
    made = a_month_by_month_chart(30).figure
    try:
        window = made.canvas.manager
        assert cell_prints(made)
        assert saved_size(made) == (640, 480)
        assert pyplot.get_fignums() == [made.number]
        assert made.canvas.manager is window
    finally:
        pyplot.close("all")


def test_a_figure_that_cannot_be_copied_is_shown_fitted_and_has_its_size_again(
    column: Column, cell_prints: Any
) -> None:
    column.width = PHONE
    made = figure_of(12, 4)
    made.axes[0].plot([1, 2])
    made.lock = threading.Lock()
    data, about = cell_prints(made)
    assert data
    assert about["width"] <= PHONE
    assert saved_size(made) == (1200, 400)


def test_a_figure_that_has_room_is_printed_as_its_learner_made_it(column: Column, cell_prints: Any) -> None:
    column.width = PHONE
    made = figure_of(2.5, 2)
    assert isinstance(cell_prints(made), str)
    assert tuple(made.get_size_inches()) == (2.5, 2)


def test_on_a_wide_screen_a_figure_is_printed_as_it_always_was(column: Column, cell_prints: Any) -> None:
    def drawn() -> Any:
        made = figure_of()
        made.axes[0].plot([1, 2])
        return made

    before = pylabtools.print_figure.__wrapped__(drawn(), base64=True)
    assert cell_prints(drawn()) == before
    column.width = 800
    assert cell_prints(drawn()) == before


def test_an_empty_figure_shows_nothing(column: Column, cell_prints: Any) -> None:
    column.width = PHONE
    made = Figure()
    FigureCanvasAgg(made)
    assert cell_prints(made) is None


def test_a_fault_of_ours_leaves_the_chart_as_it_was(
    column: Column, cell_prints: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(narrow_charts, "fit_figure", fails)
    column.width = PHONE
    assert cell_prints(figure_of())
    assert "<svg" in bars(LONG).html


def test_it_is_installed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pylabtools, "print_figure", pylabtools.print_figure)
    narrow_charts.install_narrow_charts()
    first = pylabtools.print_figure
    narrow_charts.install_narrow_charts()
    assert pylabtools.print_figure is first


def test_a_chart_that_cannot_be_fitted_warns_nobody_below_the_cell(column: Column, cell_prints: Any) -> None:
    column.width = LEAST_WIDTH
    made = figure_of(12, 4)
    for place in range(9):
        made.colorbar(made.axes[0].imshow([[place, 2], [3, 4]])).set_label("How many")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cell_prints(made)


def test_drawings_next_to_each_other_stand_below_each_other() -> None:
    made = Figure(figsize=(12, 4))
    FigureCanvasAgg(made)
    for axes in made.subplots(1, 3, sharey=True):
        axes.plot(range(10), range(10))
        axes.set_title("Requests of the year before")
    narrow_charts.fit_figure(made, 2.8, 2.2)
    boxes = [axes.get_tightbbox() for axes in made.axes]
    assert all(below.y1 <= above.y0 for above, below in pairwise(boxes)), "in the order in which they were"
    assert all(axes.bbox.width > 0.6 * made.bbox.width for axes in made.axes)
    assert all(axes.bbox.height > 0.34 * made.bbox.width for axes in made.axes)
    assert all(axes.yaxis.get_ticklabels()[1].get_visible() for axes in made.axes), "each has its numbers"


def test_a_drawing_with_a_colour_bar_stays_arranged_as_it_was() -> None:
    made = figure_of()
    made.colorbar(made.axes[0].imshow([[1, 2], [3, 4]]))
    narrow_charts.fit_figure(made, 2.8, 2.2)
    drawing, bar = (axes.bbox for axes in made.axes)
    assert drawing.x1 < bar.x0
    assert bar.x1 <= made.bbox.x1


def pictures(kind: str) -> Any:
    """Return a figure with two pictures next to each other and the colour bars of this kind."""
    made = Figure(figsize=(12, 4), layout="constrained" if kind.startswith("constrained") else None)
    FigureCanvasAgg(made)
    axes = made.subplots(1, 2)
    for place, one in enumerate(axes):
        one.set_title(("Requests of last year", "Requests of this year")[place])
        image = one.imshow([[1, 2], [3, 4]])
        if not kind.endswith("shared"):
            made.colorbar(image, ax=one, location="bottom" if kind == "below" else "right")
    if kind.endswith("shared"):
        made.colorbar(image, ax=axes)
    return made


@pytest.mark.parametrize("kind", ["own", "below", "shared", "constrained", "constrained shared"])
def test_drawings_with_colour_bars_stand_below_each_other_each_with_its_own(kind: str) -> None:
    made = pictures(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        narrow_charts.fit_figure(made, 2.8, 2.2)
    upper, lower = made.axes[:2]
    assert lower.get_tightbbox().y1 <= upper.get_tightbbox().y0
    bars = made.axes[2:]
    for drawing, bar in zip((upper, lower), bars if len(bars) == 2 else bars * 2, strict=True):
        drawn, box = drawing.bbox, bar.bbox
        assert drawn.width > 0.4 * made.bbox.width
        if kind == "below":
            assert box.y1 <= drawn.y0
        else:
            assert drawn.x1 <= box.x0
            assert bar.get_tightbbox().x1 <= made.bbox.x1 + 1
        if len(bars) == 2:
            assert box.y1 <= drawn.y1 + 1
    if len(bars) == 2:
        assert bars[1].get_tightbbox().y1 <= upper.get_tightbbox().y0
    assert made.bbox.height < 4 * made.bbox.width


def test_a_colour_bar_in_a_place_that_somebody_chose_leaves_all_as_they_arranged_it() -> None:
    made = Figure(figsize=(12, 4))
    FigureCanvasAgg(made)
    axes = made.subplots(1, 3)
    image = axes[0].imshow([[1, 2], [3, 4]])
    axes[1].plot([1, 2])
    made.colorbar(image, cax=axes[2])
    narrow_charts.fit_figure(made, 2.8, 2.2)
    assert axes[0].bbox.x1 < axes[1].bbox.x0 < axes[2].bbox.x0


def drawn_lines(label: Any) -> list[tuple[float, float]]:
    """Return from where to where the lines of words below an axis are drawn, a turned word as one."""
    box = label.get_window_extent()
    if label.get_rotation():
        return [(box.x0, box.x1)]
    whole, middle, found = label.get_text(), (box.x0 + box.x1) / 2, []
    for line in whole.split("\n"):
        label.set_text(line)
        half = label.get_window_extent().width / 2
        found.append((middle - half, middle + half))
    label.set_text(whole)
    return found


@pytest.mark.parametrize("months", [18, 24, 30, 36, 48])
@pytest.mark.parametrize("width", [2.2, 2.8, 3.4])
def test_months_of_pandas_own_axis_do_not_touch(months: int, width: float) -> None:
    from matplotlib import pyplot

    axes = a_month_by_month_chart(months)
    try:
        narrow_charts.fit_figure(axes.figure, width, 0.8 * width)
        ticks = [*axes.xaxis.get_major_ticks(), *axes.xaxis.get_minor_ticks()]
        low, high = sorted(axes.xaxis.get_view_interval())
        seen = [tick.label1 for tick in ticks if tick.label1.get_text() and low <= tick.get_loc() <= high]
        assert len(seen) > 3
        said = {one.get_text().replace("\n", " ") for one in seen}
        assert {"Jan 2024", "Jul"} <= said, "no word is lost"
        for line in range(2):
            boxes = sorted(found for one in seen for found in drawn_lines(one)[line : line + 1])
            assert all(left[1] + 2 < right[0] for left, right in pairwise(boxes)), boxes
        assert min(one.get_fontsize() for one in seen) >= 9
    finally:
        pyplot.close("all")


def test_a_legend_that_would_hide_a_drawing_stands_below_it() -> None:
    made = figure_of()
    axes = made.axes[0]
    for name in ("au guichet", "par téléphone", "en ligne, par le portail", "par une équipe"):
        axes.plot([0, 1], [0, 1], label=name)
    axes.set_xlabel("jours")
    axes.legend()
    narrow_charts.fit_figure(made, 2.8, 1.6)
    assert axes.get_legend().get_window_extent().y1 <= axes.xaxis.label.get_window_extent().y0
    assert axes.get_legend().get_window_extent().y0 >= made.bbox.y0


def test_long_names_that_stand_upright_are_broken_as_far_as_there_is_room() -> None:
    made = figure_of()
    axes = made.axes[0]
    axes.bar(LONG, [3, 5, 2])
    axes.tick_params(axis="x", rotation=90)
    narrow_charts.fit_figure(made, 2.8, 2.2)
    labels = axes.get_xticklabels()
    assert "\n" in labels[0].get_text()
    boxes = [label.get_window_extent() for label in labels]
    assert all(left.x1 <= right.x0 for left, right in pairwise(boxes))


def test_a_picture_through_which_the_page_shows_keeps_its_colours(column: Column, cell_prints: Any) -> None:
    column.width = PHONE
    sizes = []
    for ground in ("white", "none"):
        made = figure_of()
        made.set_facecolor(ground)
        made.axes[0].plot([1, 2])
        sizes.append(base64.b64decode(cell_prints(made)[0])[25])
    assert sizes == [3, 6], "a palette, and colours with their transparency"
