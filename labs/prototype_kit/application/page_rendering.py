"""Render the application's pages in the reader's language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from labs.prototype_kit.application.bench_sentences import (
    LANGUAGES,
    N_,
    reason_text,
    sentences_in,
    share_text,
)
from labs.prototype_kit.application.card_html import card_html
from labs.prototype_kit.application.open_duties import duty_notices
from labs.prototype_kit.application.own_page import has_own_page
from labs.prototype_kit.application.request_guard import FORM_KEY, language_of

if TYPE_CHECKING:
    from labs.prototype_kit.application.one_request import Asked
    from labs.prototype_kit.application.person_identity import Rights

TEMPLATES = Path(__file__).parent / "templates"
WHY_A_PERSON = {
    "unsure": N_("The model is not sure enough."),
    "unknown": N_("It holds a value that the model has never met."),
    "out-of-range": N_("The number lies outside of all that the model has met."),
}
EVENTS = {
    "approved": N_("approved"),
    "rolled back": N_("rolled back"),
    "switched off": N_("switched off"),
    "switched on": N_("switched on"),
}


@lru_cache(maxsize=1)
def page_templates() -> Environment:
    """Return the templates; everything that is filled in is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["card_html"] = card_html
    return made


def _arranges(rights: Rights) -> bool:
    """Return whether a person can do something about a notice; users cannot."""
    return rights.team or rights.approve or rights.switch or rights.review


def render_page(asked: Asked | Request, template: str, status: int, values: dict[str, Any]) -> HTMLResponse:
    """Return a page; `asked` is a bare request if nobody is signed in."""
    if isinstance(asked, Request):
        language, prefix = language_of(asked), asked.app.state.prefix
        shared: dict[str, Any] = {
            "person": None,
            "rights": None,
            "version": None,
            "settings": None,
            "key": "",
            "own_page": False,
            "notices": [],
        }
    else:
        language, prefix = asked.language, asked.prefix
        shared = {
            "person": asked.person,
            "rights": asked.rights,
            "version": asked.version,
            "settings": asked.version.settings,
            "key": asked.form_key,
            "own_page": has_own_page(asked.version),
            "notices": duty_notices(asked.version.settings, language) if _arranges(asked.rights) else [],
        }
    text = (
        page_templates()
        .get_template(template)
        .render(
            **shared,
            **values,
            _=sentences_in(language).gettext,
            language=language,
            languages=LANGUAGES,
            prefix=prefix,
            percent=lambda share: share_text(share, language),
            reason=lambda name: reason_text(name, language),
            why_a_person=WHY_A_PERSON,
            event_words=EVENTS,
            key_field=FORM_KEY,
        )
    )
    return HTMLResponse(text, status)
