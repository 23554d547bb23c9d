"""A model card on the approver's page: read as text and tables, and nothing in it acts."""

from __future__ import annotations

import pytest

from labs.prototype_kit.application.card_html import card_html

TABLE = "| measure | model |\n|---|---|\n| cost per 100 cases | 33.6 |\n"


def test_headings_continue_those_of_the_page_and_tables_are_tables():
    html = card_html(f"# Data\n\n## Risk\n\n{TABLE}\n**Later** cases")
    assert "<h3>Data</h3>" in html
    assert "<h4>Risk</h4>" in html
    assert "<td>33.6</td>" in html
    assert "<strong>Later</strong>" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](https://example.org/)",
        "![seen](https://example.org/pixel.png)",
        "<https://example.org/>",
        "| <b onclick=x> |\n|---|\n| [y](javascript:z) |\n",
    ],
)
def test_what_a_team_writes_into_a_card_stays_text(text):
    html = card_html(text)
    for active in ("<script", "<img", "<a", "<b ", "href", "src=x>"):
        assert active not in html, html
