"""A feedback page gets a person's marks: each in its place, in the page's language, and as text."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from hub.store.marked_pages import GivenMark, mark_place, with_marks


def page(*places: str, language: str = "en") -> bytes:
    return f'<html lang="{language}"><body>{"".join(places)}</body></html>'.encode()


WAITS = mark_place("why", "<code>why</code>", "<p>To be marked</p>")
TESTED = mark_place("x_test", "2 · Filter <i>", "<p>Passed</p>")
ANSWER = mark_place("x", "", "")


def test_a_mark_takes_the_place_of_what_waited_for_it() -> None:
    made = with_marks(page(WAITS, TESTED), [GivenMark("why", 1.5, "Well seen.", 2.0)]).decode()
    assert "Marked by your trainer</strong> <code>why</code> · 1.5 of 2 points<br>Well seen.</p>" in made
    assert "To be marked" not in made
    assert "<p>Passed</p>" in made


def test_a_comment_alone_comes_below_the_verdict() -> None:
    made = with_marks(page(TESTED), [GivenMark("x_test", None, "Look\nagain.", 2.0)]).decode()
    assert made.index("<p>Passed</p>") < made.index("Your trainer writes:</strong><br>Look<br>again.")


def test_an_answer_without_a_verdict_has_a_place_too() -> None:
    made = with_marks(page(ANSWER, WAITS), [GivenMark("x", None, "Short.")]).decode()
    assert made.index("Short.") < made.index("To be marked")


def test_a_mark_without_a_place_comes_first() -> None:
    """Of a page that was made before there were places, or a cell that is gone."""
    made = with_marks(
        b"<html><body><p>as it was</p></body></html>", [GivenMark("gone", 1.0, "", 3.0)]
    ).decode()
    assert made.index("<code>gone</code> · 1 of 3 points") < made.index("as it was")


@pytest.mark.parametrize("given", [[], [GivenMark("why", None, "")]])
def test_what_says_nothing_changes_nothing(given: list[GivenMark]) -> None:
    assert with_marks(page(WAITS), given) == page(WAITS)


def test_a_comment_is_text() -> None:
    made = with_marks(page(WAITS), [GivenMark("why", 0.0, "<script>alert(1)</script> <!--place a b-->", 2.0)])
    assert b"<script>" not in made
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in made


def test_half_a_character_spoils_nothing() -> None:
    assert b"Yes" in with_marks(page(WAITS), [GivenMark("why", 2.0, "Yes \ud800", 2.0)])


def test_a_french_page_has_a_french_mark() -> None:
    made = with_marks(page(WAITS, language="fr"), [GivenMark("why", 1.0, "Bien vu.", 2.0)]).decode()
    assert "Noté par votre formateur" in made
    assert "1 points sur 2" in made


def test_any_name_has_a_place() -> None:
    for name in ("a b", "--><script>", "é", "-", "名前"):
        made = with_marks(
            page(mark_place(name, Markup.escape(name), "<p>waits</p>")), [GivenMark(name, 1.0, "ok", 1.0)]
        )
        assert b"waits" not in made, name
        assert b"<script>" not in made
