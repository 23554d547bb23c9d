"""Each lab's controls in a real browser: they move by keyboard alone, and what they say is what is graded."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labs.authoring.lab_spec import Lab, Task, lab_folders, load_lab
from tests.support.labs_served import TOKEN, labs_served
from tests.support.notebook_page import PATIENCE, Notebook

pytestmark = pytest.mark.browser

WIDGETS = ("letter", "slider", "review", "menu", "order", "several", "one")
"""Kinds of control, the richest first."""
VIEWS: dict[str, Any] = {
    "wide": {"width": 1280, "height": 900},
    "zoomed": {"width": 640, "height": 450},
    "contrast": {"width": 640, "height": 450},
    "narrow": {"width": 400, "height": 900},
}
"""A page of 1280 points; the same at 200 %, plain and in high contrast; a phone."""
CONTROLS = {"letter": "textarea", "slider": "input[type=range]", "menu": "select", "order": "select"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A JupyterLab with every lab in one home, and that home."""
    root = tmp_path_factory.mktemp("home")
    with labs_served(lab_folders(), root) as address:
        yield address, root


def widget(lab: Lab) -> tuple[Task, str, str]:
    """The task with the richest control: task, kind of control, name of its part."""
    found = [
        (WIDGETS.index(part.type), task, part)
        for task in lab.tasks.values()
        for part in task.parts
        if task.kind not in ("predict", "recall", "text")
    ]
    _, task, part = min(found, key=lambda one: one[0])
    return task, part.type, part.name


@pytest.mark.parametrize("folder", lab_folders(), ids=[path.name for path in lab_folders()])
def test_a_labs_control_moves_by_keyboard_and_changes_what_is_graded(
    folder: Path, server: tuple[str, Path], browser: Any
) -> None:
    address, root = server
    lab = load_lab(folder)
    task, kind, name = widget(lab)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    try:
        page.goto(f"{address}/doc/tree/labs/{lab.slug}/{lab.slug}.ipynb?token={TOKEN}")
        notebook = Notebook(page)
        notebook.run("lab.start")
        cell = notebook.run(f'lab.ask("{task.id}")')
        form = cell.locator(".isomo-form")
        form.wait_for()
        before = kept(root, lab.slug, task.id)
        move(page, form, kind)
        wait_until(lambda: kept(root, lab.slug, task.id).get(name) not in (None, before.get(name)))
        for view, size in VIEWS.items():
            page.set_viewport_size(size)
            page.emulate_media(forced_colors="active" if view == "contrast" else "none")
            if os.environ.get("ISOMO_PICTURES"):
                form.screenshot(path=f"{os.environ['ISOMO_PICTURES']}/lab-{folder.name[:2]}-{view}.png")
            assert form.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), (
                f"nothing is cut off at its side ({view})"
            )
    finally:
        context.close()


def move(page: Any, form: Any, kind: str) -> None:
    """Move one control with the keyboard."""
    control = form.locator(CONTROLS.get(kind, "input[type=radio], input[type=checkbox]")).first
    control.scroll_into_view_if_needed()
    control.focus()
    if kind == "letter":
        page.keyboard.type("I write about my land. ")
    elif kind == "slider":
        at_its_end = control.evaluate("one => one.value === one.max")
        page.keyboard.press("ArrowLeft" if at_its_end else "ArrowRight")
    elif kind in ("menu", "order"):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
    else:
        page.keyboard.press("Space")


def kept(root: Path, slug: str, task: str) -> dict[str, Any]:
    """The task's answers in the file that is handed in."""
    try:
        found = json.loads((root / "labs" / slug / "answers.json").read_text())["answers"].get(task)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def wait_until(holds: Any) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "the answer was not kept"
        time.sleep(0.2)
