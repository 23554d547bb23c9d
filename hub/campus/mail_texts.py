"""Texts of mails, in their reader's language: what happened and where to look, never a mark, never an answer."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime as mail_date
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from hub.campus.request_context import PREFIX, campus_sentence
from hub.isomo_settings import Settings
from hub.message_catalogues import N_
from hub.store import Store
from hub.store.course_store import Lab
from hub.store.mail_queue import Mail
from hub.store.table_models import ClassGroup, Person

SUBJECTS = {
    "feedback": N_("Your feedback on “{lab}” is there"),
    "closing": N_("“{lab}” closes on {time}"),
    "late": N_("“{lab}” is closed, and nothing of yours arrived"),
    "class": N_("Your class meets on {time}"),
}
TEXTS = {
    "feedback": N_(
        "Your trainer returned feedback on the lab “{lab}” of the course “{course}”. Read it here:"
    ),
    "closing": N_(
        "The lab “{lab}” of the course “{course}” closes on {time}, and you have not handed it in yet. Go on here:"
    ),
    "late": N_(
        "The lab “{lab}” of the course “{course}” closed on {time} without work of yours. "
        "Ask your trainer for more time if you need it; you can still read the lab here:"
    ),
    "class": N_("“{group}” of the course “{course}” meets on {time}. Your labs are here:"),
    "class-at": N_("“{group}” of the course “{course}” meets on {time}. Place: {place}. Your labs are here:"),
}
ABOUT = N_("About this lab: {facts}.")
BUILDS_ON = N_("builds on:")
TRACKS = {
    "everyone": N_("for everyone"),
    "technical": N_("for technical staff"),
    "capstone": N_("final project"),
}
"""For whom a lab is, as a list says it next to the lab's title."""
BEGINNING = ("closing", "late")
"""Mails that send a person to a lab that they may not have begun."""
GREETING = N_("Good day {name},")
CHOICE = N_("You choose which of these mails you get on your own page: {address}")
AUTOMATIC = N_("This mail was written by Isomo. It holds no marks and no answers.")


def mail_message(store: Store, mail: Mail, person: Person) -> EmailMessage | None:
    """Return a mail ready to be sent; None if it is about something that is there no longer."""
    settings = store.settings
    chosen = settings.mail
    language = person.language if person.language in settings.languages else settings.languages[0]
    about = _class_facts(store, mail) if mail.kind == "class" else _lab_facts(store, mail, language)
    if chosen is None or about is None or not person.email:
        return None
    moment = mail.facts.get("starts_at") or mail.facts.get("closes_at")
    facts = {
        "name": person.display_name or person.username,
        "time": _local(settings, moment, language),
        **about,
    }
    text = TEXTS["class-at"] if facts.get("place") else TEXTS[mail.kind]
    own = f"{settings.address}{PREFIX}/me"
    body = [
        campus_sentence(language, GREETING, facts),
        f"{campus_sentence(language, text, facts)}\n{_address(settings, mail)}",
        *([facts["about"]] if mail.kind in BEGINNING and facts.get("about") else []),
        f"{campus_sentence(language, CHOICE, {'address': own})}\n{campus_sentence(language, AUTOMATIC)}",
    ]
    made = EmailMessage()
    made["From"] = chosen.sender
    made["To"] = person.email
    made["Subject"] = " ".join(campus_sentence(language, SUBJECTS[mail.kind], facts).split())
    made["Date"] = mail_date(mail.queued_at)
    # The same each time it is tried: a mail that arrives twice is shown once by most programs.
    made["Message-ID"] = f"<isomo-{mail.id}-{int(mail.queued_at.timestamp())}@{_domain(chosen.sender)}>"
    made["Auto-Submitted"] = "auto-generated"
    made["List-Unsubscribe"] = f"<{own}>"
    made["Content-Language"] = language
    if chosen.reply_to:
        made["Reply-To"] = chosen.reply_to
    made.set_content("\n\n".join(body) + "\n")
    return made


def _lab_facts(store: Store, mail: Mail, language: str) -> dict[str, str] | None:
    """Return the names of course and lab; None if one of them is there no longer."""
    course = store.courses.get(str(mail.facts["course"]))
    lab = store.courses.lab(str(mail.facts["course"]), str(mail.facts["lab"]))
    if course is None or lab is None:
        return None
    return {"lab": lab.named(language), "course": course.title, "about": _about(store, lab, language)}


def _about(store: Store, lab: Lab, language: str) -> str:
    """Return for whom a lab is and what it builds on, as one sentence; empty if it says neither."""
    before = lab.names_before(language, {each.lab: each for each in store.courses.labs(lab.course)})
    facts = [campus_sentence(language, TRACKS[lab.track])] if lab.track in TRACKS else []
    facts += [f"{campus_sentence(language, BUILDS_ON)} {', '.join(before)}"] if before else []
    return campus_sentence(language, ABOUT, {"facts": ", ".join(facts)}) if facts else ""


def _class_facts(store: Store, mail: Mail) -> dict[str, str] | None:
    """Return class, course and place; None if the class has no such meeting any more."""
    number, start = int(mail.facts["class"]), datetime.fromisoformat(str(mail.facts["starts_at"]))
    known = store.class_times.planned(number, start)
    with store.database.read() as session:
        group = session.get(ClassGroup, number)
    course = store.courses.get(str(mail.facts["course"]))
    if known is None or group is None or course is None or group.archived_at is not None:
        return (
            None  # The meeting was moved or removed while the mail waited, or the class is there no longer.
        )
    return {"group": group.title, "course": course.title, "place": known.place}


def _address(settings: Settings, mail: Mail) -> str:
    """Return the page that a mail leads to: the person's own labs, where feedback and deadlines are."""
    if mail.kind in ("feedback", "class"):
        return f"{settings.address}{PREFIX}/"
    lab = quote(f"{mail.facts['course']}/{mail.facts['lab']}", safe="/")
    return f"{settings.address}{PREFIX}/open/{lab}"


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2] or urlsplit(sender).netloc


def _local(settings: Settings, moment: object, language: str) -> str:
    if not moment:
        return ""
    local = datetime.fromisoformat(str(moment)).astimezone(ZoneInfo(settings.timezone))
    return format_datetime(local, "d MMM y HH:mm", locale=language)
