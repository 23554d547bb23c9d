"""Charts of a learner's own lines on a phone: what she saves stays hers, and what stands in a chart can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.desk_page import DeskPage
from tests.support.desk_served import Served, look
from tests.support.notebook_page import PATIENCE
from tests.support.page_faults import wide

pytestmark = pytest.mark.browser

SAVED = (
    "bar = 0.06\nimport matplotlib.pyplot as plt\n"
    "fig, axes = plt.subplots(figsize=(9, 3))\naxes.plot([3, 1, 2])\nplt.show()\nfig.savefig('own.png', dpi=100)"
)
BARS = (
    "bar = 0.06\nimport matplotlib.pyplot as plt\n"
    "fig, both = plt.subplots(1, 2, figsize=(9, 3))\n"
    "for axes in both:\n    fig.colorbar(axes.imshow([[1, 2], [3, 4]]), ax=axes, label='days')\n"
)
MONTHS = (
    "bar = 0.06\nimport pandas as pd\n"
    "months = pd.period_range('2023-10', periods=30, freq='M')\n"
    "pd.Series(range(30), index=months).plot(title='requests a month')"
)
DOTS = "(image) => [image.getBoundingClientRect().width, image.getBoundingClientRect().height]"


@pytest.fixture
def phone(browser: Any, served: Served) -> Iterator[DeskPage]:
    """The whole lab on a phone."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(served.page_address)
    yield DeskPage(page)
    context.close()


def shown(desk: DeskPage, code: str, name: str) -> list[float]:
    """Return how wide and high the chart of a learner's own lines is shown."""
    cell = desk.cell("bar = None")
    cell.locator(".cm-content").click()
    desk.page.keyboard.press("Control+A")
    desk.page.keyboard.insert_text(code)
    image = desk.run("bar = None").locator(".result img")
    size = [float(one) for one in image.evaluate(DOTS)]
    look(desk.page, name)
    assert wide(desk.page) <= 0
    return size


def test_a_file_saved_after_the_chart_was_shown_on_a_phone_has_the_size_that_was_asked_for(
    phone: DeskPage, served: Served
) -> None:
    width, _ = shown(phone, SAVED, "desk-own-saved")
    assert width < 340
    kept = (served.folder / "own.png").read_bytes()
    assert (int.from_bytes(kept[16:20]), int.from_bytes(kept[20:24])) == (900, 300)


def test_two_pictures_with_their_colour_bars_stand_below_each_other_on_a_phone(phone: DeskPage) -> None:
    width, height = shown(phone, BARS, "desk-own-bars")
    assert height > 1.3 * width


def test_a_count_a_month_of_pandas_is_shown_on_a_phone(phone: DeskPage) -> None:
    width, height = shown(phone, MONTHS, "desk-own-months")
    assert 0.6 * width < height < 1.6 * width
