"""Pages from templates, in the reader's language, with dates and numbers as that language writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import mistune
import nh3
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from pydantic import AfterValidator
from sqlalchemy.exc import SQLAlchemyError

from hub.campus.flag_words import flag_sentence
from hub.campus.mail_texts import TRACKS
from hub.campus.problem_codes import Problem
from hub.campus.request_context import LOCALE, MESSAGE_COOKIE, PREFIX, Visitor, campus_sentence, language_of
from hub.campus.web.done_messages import Message
from hub.campus.web.manual_pages import is_built
from hub.isomo_settings import Settings
from hub.message_catalogues import N_, domain_catalogue
from hub.store.verdict_messages import message_text

PROSE = {
    "p",
    "strong",
    "em",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "br",
    "hr",
}
"""What a rubric may be made of."""
TEMPLATES = Path(__file__).parent / "templates"

# What programs call these, and what people read.
WORDS = {
    "draft": N_("Not released"),
    **TRACKS,
    "released": N_("Open"),
    "closed": N_("Closed"),
    "planned": N_("Opens later"),
    "waiting": N_("Being checked"),
    "graded": N_("Checked, feedback not returned yet"),
    "returned": N_("Feedback returned"),
    "changed": N_("Changed, not returned yet"),
    "replaced": N_("Checked; a newer attempt counts"),
    "could-not-check": N_("Could not be checked yet"),
    "passed": N_("Passed"),
    "not-yet": N_("Not yet"),
    "not-attempted": N_("Not attempted"),
    "learner": N_("Learner"),
    "trainer": N_("Trainer"),
    "data-team": N_("Data team"),
    "coordinator": N_("Coordinator"),
    "administrator": N_("Administrator"),
}
OUTCOMES = {
    "could-not-check": N_("Could not be checked"),
    "to-be-marked": N_("To be marked"),
    "marked": N_("Marked"),
}
SIGNS = {
    **{"passed": "✓", "not-yet": "…", "not-attempted": "–", "could-not-check": "!"},
    **{"to-be-marked": "✎", "marked": "◐"},
}


MOST_PAGES = 1_000_000
PageNumber = Annotated[int, AfterValidator(lambda page: min(max(page, 1), MOST_PAGES))]
"""Which page of a long list; a number that no list has is the nearest one."""


class Pages:
    """The templates and texts that every page of one installation is made with."""

    def __init__(
        self,
        settings: Settings,
        versions: dict[str, str],
        announcement: Callable[[str], str] = lambda _language: "",
    ) -> None:
        self._settings = settings
        self._versions = versions
        self._announcement = announcement

    def _values(self, language: str) -> dict[str, Any]:
        """Return the values that every template may use."""
        settings = self._settings
        return {
            "_": template_translator(language),
            "plural": plural_translator(language),
            "language": language,
            "languages": [(code, own_name(code)) for code in settings.languages],
            "timezone": settings.timezone,
            "zone": settings.timezone.rpartition("/")[2].replace("_", " "),
            "evaluate": settings.evaluate,
            "announcement": self._announced(language),
            "prefix": PREFIX,
            "hub": f"{settings.address}/hub",
            "asset": self._asset,
            "has_htmx": "htmx.js" in self._versions,
            "has_manual": is_built(),
        }

    def _announced(self, language: str) -> str:
        """Return the administrator's announcement; a page about a broken database must not need it."""
        try:
            return self._announcement(language)
        except SQLAlchemyError:
            return ""

    def _asset(self, name: str) -> str:
        return f"{PREFIX}/static/{name}?v={self._versions[name]}"

    def show(self, who: Visitor, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page for a person we know."""
        message = Message(who.message, who.language)
        pieces = {
            "who": who,
            # One key for all forms of a page: each new one is 70 bytes of chance that no compression makes smaller.
            "key": cache(lambda: form_key(who)),
            "link": lambda to, text: menu_link(who, to, text),
            "message": message,
        }
        page = page_templates().get_template(template)
        answer = HTMLResponse(page.render(**self._values(who.language), **pieces, **values), status)
        if message.was_shown:
            answer.delete_cookie(MESSAGE_COOKIE, path=PREFIX)
        return answer

    def refusal(self, request: Request, problem: Problem) -> HTMLResponse:
        """A page with one sentence that says what happened and what to do next."""
        language = language_of(request)
        sentence = campus_sentence(language, problem.sentence, problem.facts)
        return self.show_stranger(
            language, "problem.html", status=problem.status, sentence=sentence, problem=problem
        )

    def show_stranger(
        self, language: str, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Return a page for anybody, without an account and without a menu."""
        page = page_templates().get_template(template)
        made = page.render(**self._values(language), who=None, message=Message("", language), **values)
        return HTMLResponse(made, status)


def template_translator(language: str) -> Callable[..., str]:
    """The `_` of templates: `_("Attempt %(number)s", number=2)`; what comes out is escaped like all else."""
    words = domain_catalogue("campus", language, LOCALE)
    return lambda text, **facts: words.gettext(text) % facts if facts else words.gettext(text)


@lru_cache
def plural_translator(language: str) -> Callable[[str, str, float], str]:
    """The `plural` of templates: `plural("%(number)s point", "%(number)s points", 1.5)`."""
    words = domain_catalogue("campus", language, LOCALE)
    is_source = type(words) is NullTranslations

    def plural(one: str, many: str, count: float) -> str:
        text = words.ngettext(one, many, count if is_source else int(count))  # type: ignore[arg-type]
        return text % {"number": points_text(float(count), language)}

    return plural


@lru_cache
def own_name(code: str) -> str:
    """Return the name that a language has in itself."""
    return (Locale.parse(code).get_display_name(code) or code).capitalize()


@lru_cache
def page_templates() -> Environment:
    """Every template, compiled once; the language comes with each page."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        marked=strong_markup, when=moment_text, typed=form_moment, number=number_text, word=state_word,
        outcome=outcome_words, sign=state_sign, told=engine_sentence, flagged=flag_text, prose=markdown_prose,
        when_in=when_in, day=day_text, day_of=day_of, moment=parsed_moment,
    )  # fmt: skip
    return made


@pass_context
def moment_text(context: Context, moment: datetime) -> str:
    """A moment as a reader in the office's time zone writes it: `23 Nov 2026 11:14`."""
    local = moment.astimezone(ZoneInfo(context["timezone"]))
    return format_datetime(local, "d MMM y HH:mm", locale=context["language"])


@pass_context
def day_text(context: Context, moment: datetime) -> str:
    """The day of a moment, without its hour: `23 Nov`."""
    local = moment.astimezone(ZoneInfo(context["timezone"]))
    return format_date(local, "d MMM", locale=context["language"])


def parsed_moment(text: str) -> datetime:
    """Return a moment that was written as text, such as the hub's and the backups' own; a bare one is UTC."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


@pass_context
def day_of(context: Context, moment: date) -> str:
    """A date with its year: `23 November 2026`."""
    return format_date(moment, "d MMMM y", locale=context["language"])


@pass_context
def when_in(context: Context, moment: datetime, language: str) -> str:
    """The same in another language than the page's."""
    return format_datetime(moment.astimezone(ZoneInfo(context["timezone"])), "d MMM y HH:mm", locale=language)


def when_text(moment: datetime, who: Visitor) -> str:
    """The same for a sentence outside of a template, in the language of `who`."""
    local = moment.astimezone(ZoneInfo(who.campus.settings.timezone))
    return format_datetime(local, "d MMM y HH:mm", locale=who.language)


@pass_context
def form_moment(context: Context, moment: datetime) -> str:
    """A moment as a form's date field wants it."""
    return f"{moment.astimezone(ZoneInfo(context['timezone'])):%Y-%m-%dT%H:%M}"


@pass_context
def number_text(context: Context, value: float) -> str:
    """Points: two digits after the mark at most, none where there is nothing to tell."""
    return points_text(float(value), context["language"])


@lru_cache(maxsize=4096)
def points_text(value: float, language: str) -> str:
    """Return points as a language writes them; a table of marks has the same few hundreds of times."""
    return str(format_decimal(value, "#,##0.##", locale=language))


@pass_context
def state_word(context: Context, code: str) -> str:
    """Return the word that people read for a state or a role."""
    return str(context["_"](WORDS[code])) if code in WORDS else code


@pass_context
def engine_sentence(context: Context, english: str, said: Any) -> str:
    """Return what the grading engine said, as `hub.store.verdict_messages.message_text` has it."""
    return message_text(english, said, context["language"], context.get("says"))


@pass_context
def outcome_words(context: Context, code: str) -> str:
    """Return the words that people read for how a task ended."""
    return str(context["_"](OUTCOMES.get(code) or WORDS.get(code, code)))


@pass_context
def flag_text(context: Context, flag: Any, most: float) -> str:
    """Return what a trainer reads of one flag on a task that is worth `most`."""
    return flag_sentence(flag, context["_"], lambda points: number_text(context, points), most)


def strong_markup(text: str) -> Markup:
    """A grader's sentence, of which a part may be marked as **strong**; all else in it is text."""
    return Markup(re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", str(escape(text))))  # noqa: S704 - escaped


def markdown_prose(text: str) -> Markup:
    """A lab author's Markdown as HTML that runs nothing and loads nothing."""
    shown = nh3.clean(str(_markdown()(text)), tags=PROSE, attributes={})
    return Markup(shown)  # noqa: S704 - cleaned by the allow list


@lru_cache
def _markdown() -> mistune.Markdown:
    return mistune.create_markdown(escape=True)


def state_sign(code: str) -> str:
    """A sign next to the colour, so that nothing is told by colour alone."""
    return SIGNS.get(code, "")


def form_key(who: Visitor) -> Markup:
    """Return the hidden field that every form carries."""
    return Markup('<input type="hidden" name="key" value="{}">').format(who.form_key)


def menu_link(who: Visitor, to: str, text: str) -> Markup:
    """A link of the menu, marked where it leads to the page that is shown."""
    here = Markup(' aria-current="page"') if who.path == f"{PREFIX}{to}" else ""
    return Markup('<a href="{}"{}>{}</a>').format(f"{PREFIX}{to}", here, text)


def pages_of(request: Request) -> Pages:
    """The pages of the campus that this request reached."""
    found: Pages = request.app.state.pages
    return found


def back_to(path: str) -> RedirectResponse:
    """After a form: load the page again, so that a reload sends nothing twice."""
    return RedirectResponse(f"{PREFIX}{path}", 303)
