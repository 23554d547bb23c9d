"""The desk with a screen reader: the order of a part, names and roles, and what is said by itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.support.accessibility_tree import Node, tree_of
from tests.support.desk_page import DeskPage
from tests.support.desk_served import Served
from tests.support.notebook_page import PATIENCE

pytestmark = pytest.mark.browser

ORDER = [
    "link Skip to the lab",
    "banner",
    "heading 4 · Where to set the bar",
    "status",
    "combobox Language",
    "button Hand in",
    "navigation Parts of this lab",
    "link 5 · Move the bar (to do)",
    "link All parts on one page",
    "main",
    "heading 5 · Move the bar",
    "region Your code",
    "textbox Your code",
    "button Run",
    "button Check",
    "navigation One part at a time",
    "link ← Back",
    "link Next →",
]
"""What a part with code to write has, from its beginning to its end."""
NAMED = {
    "link",
    "button",
    "textbox",
    "combobox",
    "radio",
    "checkbox",
    "region",
    "heading",
    "navigation",
    "image",
}
SAID = "(text) => document.querySelector('.desk > [aria-live]').textContent.includes(text)"


@pytest.fixture(params=[1280, 320])
def reader(request: pytest.FixtureRequest, served: Served, browser: Any) -> Iterator[Any]:
    """The part of a lab in which code is written, on a wide screen and on a narrow one."""
    context = browser.new_context(viewport={"width": request.param, "height": 740}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{served.page_address}#part-5")
    page.locator(".cell.task .cm-content").wait_for()
    page.locator(".saved[data-status=saved]").wait_for()
    yield page
    context.close()


def the(nodes: list[Node], wanted: str) -> Node:
    """Return the one node that reads as `wanted`."""
    (found,) = [node for node in nodes if str(node) == wanted]
    return found


def test_a_part_is_read_in_order_with_roles_and_names_and_says_what_ran_and_what_is_kept(reader: Any) -> None:
    nodes = tree_of(reader)
    read = [str(node) for node in nodes]
    at = -1
    for wanted in ORDER:
        assert wanted in read[at + 1 :], f"{wanted!r} comes after {read[at]!r} in {read}"
        at = read.index(wanted, at + 1)
    assert [node for node in nodes if node.role in NAMED and not node.name] == []
    assert the(nodes, "button Run").description.startswith("Code "), "which code the button runs"
    assert the(nodes, "textbox Your code").states["multiline"]

    desk = DeskPage(reader, whole=False)
    live = [node for node in nodes if node.role == "status"]
    assert live
    assert {node.states["live"] for node in live} == {"polite"}
    desk.write("bar = None", "bar = 0.06").locator("button.run").click()
    reader.wait_for_function(SAID, arg="Finished.")
    desk.cell('lab.check("t4"').locator("button.run").click()
    reader.wait_for_function(SAID, arg="Yes. With the bar at 0.06")
    assert any(node.role == "group" and node.name == "Result" for node in tree_of(reader))

    desk.saved()
    status = reader.locator(".saved")
    assert status.get_attribute("role") == "status"
    assert status.inner_text().endswith("Saved")
    reader.context.set_offline(True)
    desk.write("bar = None", "bar = 0.07")
    reader.locator(".saved[data-status=kept]").wait_for()
    assert status.inner_text().endswith("Kept on this device")
    reader.context.set_offline(False)
    desk.saved()


def test_every_control_of_a_whole_lab_has_a_name_and_headings_skip_no_rank(
    served: Served, desk_page: Any
) -> None:
    desk_page.goto(served.page_address)
    DeskPage(desk_page)
    nodes = tree_of(desk_page)
    assert [node for node in nodes if node.role in NAMED and not node.name] == []
    ranks = [int(node.states["level"]) for node in nodes if node.role == "heading"]
    assert ranks[0] == 1
    assert len(ranks) > 5
    assert all(after <= before + 1 for before, after in pairwise(ranks)), ranks
