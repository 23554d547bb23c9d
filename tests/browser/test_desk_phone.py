"""Labs on a phone: no page is wider than the screen, and what is cut off at an edge says so."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from hub.ops.desk_build import ensure_desk
from labs.authoring.lab_spec import lab_folders
from tests.support.desk_page import DeskPage
from tests.support.desk_served import Served, look
from tests.support.labs_served import TOKEN, labs_served
from tests.support.notebook_page import PATIENCE
from tests.support.page_faults import wide

pytestmark = pytest.mark.browser

MODEL = "bar = 0.06\nfrom sklearn.linear_model import LinearRegression\nLinearRegression()"
TABLE = "bar = 0.06\nimport pandas as pd\npd.DataFrame({f'column {n}': ['entry'] * 3 for n in range(9)})"
BREAKS = """(code) => {
  const range = document.createRange();
  const rows = [];
  for (const node of [...code.childNodes].filter((one) => one.nodeType === 3)) {
    for (const word of node.textContent.split(/(?<=\\s)/)) {
      range.setStart(node, node.textContent.indexOf(word));
      range.setEnd(node, node.textContent.indexOf(word) + word.trimEnd().length);
      rows.push([word, range.getClientRects().length]);
    }
  }
  return rows;
}"""


ROWS = """(cells) => cells.map((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return [cell.textContent, new Set([...range.getClientRects()].map((box) => box.top)).size];
})"""


@pytest.fixture
def phone(browser: Any) -> Iterator[Any]:
    """A page of a phone."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def run_own(page: Any, served: Served, code: str) -> Any:
    """Run lines of the learner's own; returns their result."""
    page.goto(served.page_address)
    desk = DeskPage(page)
    cell = desk.cell("bar = None")
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)
    return desk.run("bar = None").locator(".result")


@pytest.fixture(scope="module", params=["fr"])
def all_labs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with all labs in a language."""
    home, desk = tmp_path_factory.mktemp("labs"), {"ISOMO_DESK": str(ensure_desk())}
    with labs_served(lab_folders(), home, request.param, desk) as address:
        yield address


def test_no_lab_is_wider_than_a_phone(phone: Any, all_labs: str) -> None:
    wider = []
    for folder in lab_folders():
        phone.goto(f"{all_labs}/desk/{folder.name[3:]}?token={TOKEN}")
        DeskPage(phone)
        if wide(phone) > 0:
            wider.append((folder.name, wide(phone)))
    assert wider == []


def test_a_name_or_a_number_in_a_pair_to_compare_stays_on_one_line(phone: Any, all_labs: str) -> None:
    phone.goto(f"{all_labs}/desk/same-citizen-twice?token={TOKEN}")
    DeskPage(phone)
    phone.locator(".isomo-review td").first.scroll_into_view_if_needed()
    look(phone, "desk-phone-pairs")
    cells = phone.locator(".isomo-review td").evaluate_all(ROWS)
    assert len(cells) == 84
    assert [text for text, rows in cells if rows > 1] == []
    tables = phone.locator(".isomo-review").get_by_role("table")
    assert tables.count() == 6
    assert tables.first.get_by_role("row").count() == 8


def test_a_model_at_the_end_of_a_cell_is_shown_as_its_text(phone: Any, served: Served) -> None:
    result = run_own(phone, served, MODEL)
    result.get_by_text("LinearRegression()").wait_for()
    assert "rerun this cell" not in result.inner_text()
    assert wide(phone) <= 0


def shaded(page: Any, frame: Any) -> float:
    """Return the part of a frame's right edge that is not the page's ground."""
    box = frame.bounding_box()
    place = {"x": box["x"] + box["width"] - 2, "y": box["y"], "width": 2, "height": box["height"]}
    picture = Image.open(BytesIO(page.screenshot(clip=place))).convert("RGB")
    dots = list(picture.getdata())
    return sum(dot != (255, 255, 255) for dot in dots) / len(dots)


def test_a_table_that_is_wider_than_the_screen_has_a_shadow_at_the_edge_where_more_is(
    phone: Any, served: Served
) -> None:
    frame = run_own(phone, served, TABLE).locator(".scrolls")
    frame.scroll_into_view_if_needed()
    assert frame.evaluate("(one) => one.scrollWidth > one.clientWidth")
    look(phone, "desk-wide-table")
    assert shaded(phone, frame) > 0.9
    frame.evaluate("(one) => { one.scrollLeft = one.scrollWidth; }")
    phone.wait_for_timeout(200)
    assert shaded(phone, frame) < 0.4
    assert wide(phone) <= 0


def test_a_line_of_code_to_choose_breaks_between_its_words(phone: Any, served: Served) -> None:
    phone.goto(served.page_address)
    DeskPage(phone)
    lines = phone.locator(".isomo-order code")
    lines.first.wait_for()
    for place in range(lines.count()):
        for word, rows in lines.nth(place).evaluate(BREAKS):
            assert rows <= 1 or len(word) > 14, (word, rows)
