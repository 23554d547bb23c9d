"""In a real browser: pages full of what learners tried to run, where nothing runs and nothing is fetched."""

from __future__ import annotations

import mimetypes

import pytest

from tests.support.page_payloads import CALL, ELSEWHERE, HTML, book, code, data, text, together
from tests.unit.test_inert_pages import TEMPLATES, by_agent, by_nbgrader, exported

pytestmark = pytest.mark.browser
HERE = "http://pages.invalid"
STATIC = TEMPLATES.parent / "static"


def by_formgrader(notebook: bytes) -> str:
    """The whole page with nbgrader's own scripts."""
    from graders.nbgrader.formgrader.inert_notebooks import InertExporter

    return exported(InertExporter, "formgrade", notebook)


BUILDERS = {"agent": by_agent, "nbgrader": by_nbgrader, "formgrader": by_formgrader}


class Trap:
    """A page with everything that it asked for and everything that ran on it."""

    def __init__(self, browser, html: str) -> None:
        self.asked: list[str] = []
        self.ran: list[str] = []
        self._html = html
        self.page = browser.new_context().new_page()
        self.page.on("dialog", self._dialog)
        self.page.route("**/*", self._answer)
        self.page.goto(f"{HERE}/page")
        self.page.wait_for_timeout(300)

    def _dialog(self, dialog) -> None:
        self.ran.append(dialog.message)
        dialog.dismiss()

    def _answer(self, route) -> None:
        url = route.request.url
        path = STATIC / url.removeprefix(f"{HERE}/formgrader/static/")
        if url == f"{HERE}/page":
            route.fulfill(body=self._html, content_type="text/html")
        elif url.startswith(f"{HERE}/formgrader/static/") and path.is_file():
            route.fulfill(
                body=path.read_bytes(), content_type=mimetypes.guess_type(path.name)[0] or "text/plain"
            )
        else:
            self.asked.append(url)
            route.fulfill(status=404, body="")

    def touch(self) -> None:
        """Do with every element of the notebook what a reader may do by accident."""
        self.page.evaluate(
            """() => { for (const one of document.querySelectorAll('body *')) {
                for (const kind of ['mouseover', 'focus', 'toggle', 'pointerenter'])
                    one.dispatchEvent(new Event(kind, {bubbles: true}));
                if (one.tagName === 'A' && one.href && !one.closest('nav')) {
                    one.target = '_self'; if (one.protocol !== 'http:' && one.protocol !== 'https:') one.click();
                } } }"""
        )
        self.page.wait_for_timeout(300)

    def hits(self) -> list[str]:
        return [*self.ran, *(["HIT"] if self.page.evaluate("window.HIT") else [])]

    def close(self) -> None:
        self.page.context.close()


@pytest.fixture(params=BUILDERS)
def builder(request):
    return BUILDERS[request.param]


def test_nothing_runs_and_nothing_leaves(browser, builder):
    # Without its policy: the allow list alone must do.
    trap = Trap(browser, builder(together()).replace("Content-Security-Policy", "Nothing"))
    trap.touch()
    assert trap.hits() == []
    # nbgrader's own page asks its own server for marks.
    assert [url for url in trap.asked if "/formgrader/api/" not in url] == []
    assert trap.page.is_visible("pre >> nth=0")
    trap.close()


@pytest.mark.parametrize("html", HTML[:3])
def test_the_trap_sees_what_runs(browser, html):
    """The same content as it came."""
    trap = Trap(browser, f"<!doctype html><body>{html}</body>")
    assert trap.hits(), CALL
    trap.close()


def test_the_trap_sees_what_leaves(browser):
    trap = Trap(browser, f"<!doctype html><body><img src='{ELSEWHERE}/x.png'></body>")
    assert trap.asked == [f"{ELSEWHERE}/x.png"]
    trap.close()


def test_headings_tables_and_pictures_have_their_size(browser, builder):
    """Readable is what a browser lays out, not what is in the page somewhere."""
    drawing = "<svg width='40' height='30'><rect width='40' height='30'/></svg>"
    notebook = book(
        text("# Why\n\n| n | A |\n|---|---|\n| 6 | 2.6 |\n\n$x_1*y_1*z_1$"),
        code(data("image/svg+xml", drawing)),
    )
    trap = Trap(browser, builder(notebook))
    assert trap.page.inner_text("h1").startswith("Why")
    assert trap.page.inner_text("td >> nth=1") == "2.6"
    assert "$x_1*y_1*z_1$" in trap.page.inner_text("body")
    gap = trap.page.evaluate("getComputedStyle(document.querySelector('td')).paddingLeft")
    assert gap != "0px", "numbers of two cells are not one number"
    size = trap.page.evaluate("[...document.images].map(one => [one.naturalWidth, one.naturalHeight])")
    assert [40, 30] in size
    trap.close()
