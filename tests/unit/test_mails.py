"""Mails: who is written to about what, in which language, and that a provider's failure loses none."""

from __future__ import annotations

import contextlib
import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, update

from hub.campus import mail_sender
from hub.campus.mail_news import queue_news
from hub.campus.mail_sender import send_waiting
from hub.campus.nightly_rounds import Housekeeping
from hub.settings_checks import setting_problems
from hub.shared_names import is_email
from hub.store.lab_schedules import Schedule
from hub.store.mail_queue import MailQueue
from hub.store.table_models import Release
from hub.verb_errors import IsomoError
from tests.support.pretended_campus import ROOT, Campus, form_key
from tests.support.small_stores import COURSE, LAB, TRAINER, hand_in, settings_for
from tests.unit.test_marks_table import AMINA, BOSCO, grade, task

HOUR = timedelta(hours=1)


class Office:
    """An office's mail server that keeps what it takes; `answer` is what it says to each mail."""

    def __init__(self):
        self.taken, self.answer, self.refused = [], "250 OK", {}

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer


@pytest.fixture(scope="module")
def server():
    office = Office()
    # A thread with a loop of its own; port 0 is any free one.
    controller = Controller(office, hostname="127.0.0.1", port=0)
    with contextlib.suppress(OSError):
        controller.start()
    port = controller.server.sockets[0].getsockname()[1]
    yield office, port
    controller.stop()


@pytest.fixture
def office(server):
    office, _port = server
    office.taken, office.answer, office.refused = [], "250 OK", {}
    return office


@pytest.fixture
def campus(tmp_path, server):
    mail = {"host": "127.0.0.1", "port": server[1], "encryption": "none", "sender": "isomo@example.gov"}
    made = Campus(tmp_path, mail=mail)
    for name, language in ((AMINA, "fr"), (BOSCO, "en")):
        made.store.people.change(
            name,
            display_name=f"{name} Example",
            roles=["learner"],
            institution="minict",
            language=language,
            email=f"{name}@example.gov",
        )
    return made


def returned(store, learner=AMINA):
    attempt, _ = hand_in(store, learner)
    grade(store, task(score=1.5, message="the answer is 42"))
    store.results.return_to([attempt.id], TRAINER)


def test_feedback_is_told_once_in_the_readers_language_without_marks_or_answers(campus, office):
    returned(campus.store)
    assert (queue_news(campus.store), queue_news(campus.store)) == (1, 0)
    assert send_waiting(campus.store) == 1
    (mail,) = office.taken
    text = mail.get_content()
    assert mail["To"] == f"{AMINA}@example.gov"
    assert mail["Subject"] == "Votre retour sur « Sums » est là"
    assert "Bonjour amina.k Example," in text
    assert f"{campus.settings.address}{ROOT}/" in text
    for secret in ("1.5", "42", "2.0", "1,5"):
        assert secret not in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert send_waiting(campus.store) == 0


def test_a_lab_that_closes_within_a_day_is_told_to_those_who_have_not_handed_it_in(campus, office):
    store, now = campus.store, datetime.now(UTC)
    store.courses.open_until(COURSE, LAB, now + 20 * HOUR)
    hand_in(store, BOSCO)
    assert queue_news(store, now - 10 * HOUR) == 0, "more than a day before"
    assert queue_news(store, now) == 1
    send_waiting(store)
    assert "ferme le" in office.taken[0]["Subject"]
    assert queue_news(store, now + 21 * HOUR) == 1
    send_waiting(store)
    assert "est fermé" in office.taken[1]["Subject"]
    assert queue_news(store, now + 60 * HOUR) == 0, "news of last week is no help"


def test_somebody_with_more_time_is_not_called_late(campus):
    store, now = campus.store, datetime.now(UTC)
    store.courses.open_until(COURSE, LAB, now + HOUR)
    store.extensions.give(COURSE, LAB, [AMINA, BOSCO], now + 100 * HOUR, TRAINER)
    assert queue_news(store, now + 2 * HOUR) == 0


def test_feedback_is_told_once_however_many_rounds_come_and_midnights_pass(campus):
    returned(campus.store)
    now = datetime.now(UTC)
    assert [queue_news(campus.store, now + hours * HOUR) for hours in (0, 6, 12, 18, 23)] == [1, 0, 0, 0, 0]


def class_closes(store, now, after):
    number = store.schedules.class_times(COURSE, LAB)[0].class_id
    store.schedules.set_class_times(number, LAB, None, now + after)


def more_after_closing_by_hand(store, now):
    store.courses.close(COURSE, LAB)
    store.extensions.give(COURSE, LAB, [AMINA], now + HOUR, TRAINER)


SOON, OVER, BOTH = {"closes_at": HOUR}, {"closes_at": -90 * HOUR}, ["closing", "late"]
TOLD = {
    "the lab's own": (SOON, None, BOTH),
    "grace": ({**SOON, "grace_minutes": 180}, None, ["closing"]),
    "late work is taken": ({**SOON, "late_policy": "accepted"}, None, ["closing"]),
    "late work is taken for days": ({**SOON, "late_policy": "accepted", "late_days": 9}, None, ["closing"]),
    "late days are over": (
        {"closes_at": -23 * HOUR, "late_policy": "accepted", "late_days": 1},
        None,
        ["late"],
    ),
    "not open yet": ({"closes_at": 9 * HOUR, "opens_at": 5 * HOUR}, None, []),
    "closed by hand": (SOON, lambda store, _now: store.courses.close(COURSE, LAB), []),
    "the class has longer": (SOON, lambda store, now: class_closes(store, now, 90 * HOUR), []),
    "the class closes": ({}, lambda store, now: class_closes(store, now, HOUR), BOTH),
    "extra time": (SOON, lambda store, _now: store.schedules.set_extra_time(AMINA, 100, TRAINER), []),
    "an extension of a closed lab": (OVER, more_after_closing_by_hand, BOTH),
}


@pytest.mark.parametrize(("schedule", "change", "told"), TOLD.values(), ids=TOLD)
def test_mails_about_closing_follow_the_times_that_count_for_their_reader(campus, schedule, change, told):
    store, now = campus.store, datetime.now(UTC)
    with store.database.write() as session:
        session.execute(update(Release).values(opened_at=now - 90 * HOUR))
    hand_in(store, BOSCO)
    times = {name: now + each if name.endswith("_at") else each for name, each in schedule.items()}
    store.schedules.change(COURSE, LAB, Schedule(**times))
    if change:
        change(store, now)
    for hours in (0, 2):
        queue_news(store, now + hours * HOUR)
    assert [mail.kind for mail in store.mails.of_person(AMINA)] == told


def test_news_cost_the_same_number_of_queries_however_many_labs_there_are(campus):
    store, now = campus.store, datetime.now(UTC)
    few = queries_of(store, lambda: queue_news(store, now))
    more = {"version": "1", "title": {}, "minutes": 1, "tasks": [], "release": {}, "source": {}}
    for number in range(10):
        store.courses.release(COURSE, f"lab{number}", closes_at=now + 900 * HOUR, **more)
        store.extensions.give(COURSE, f"lab{number}", [BOSCO], now + 950 * HOUR, TRAINER)
    assert queries_of(store, lambda: queue_news(store, now)) == few


def queries_of(store, act):
    """Return how many statements the database was asked."""
    asked = []

    def count(*told):
        asked.append(told)

    event.listen(store.database.engine, "before_cursor_execute", count)
    act()
    event.remove(store.database.engine, "before_cursor_execute", count)
    return len(asked)


@pytest.mark.parametrize("reason", ["not wanted", "no address", "closed"])
def test_nobody_is_written_to_who_does_not_want_it_or_cannot_be_reached(campus, reason):
    store = campus.store
    returned(store)
    if reason == "not wanted":
        store.mails.choose(AMINA, ["late", "closing"])
    elif reason == "closed":
        store.people.set_disabled(AMINA, True)
    else:
        store.people.change(
            AMINA, display_name="A", roles=["learner"], institution=None, language="fr", email=None
        )
    assert queue_news(store) == 0


def test_each_person_chooses_on_their_page_which_mails_they_get(campus):
    amina = campus.browser(AMINA)
    page = amina.get(f"{ROOT}/me").text
    assert page.count(" checked") == 4
    amina.post(f"{ROOT}/me/mails", data={"key": form_key(page), "kind": ["late"]})
    assert campus.store.mails.refused_kinds(AMINA) == {"feedback", "closing", "class"}
    assert amina.get(f"{ROOT}/me").text.count(" checked") == 1


def test_a_server_that_is_away_loses_nothing(campus, office, server, monkeypatch):
    store = campus.store
    returned(store)
    returned(store, BOSCO)
    queue_news(store)
    away = store.settings.mail.model_copy(update={"port": 1})
    with monkeypatch.context() as patch:
        patch.setattr(store, "settings", store.settings.model_copy(update={"mail": away}))
        assert send_waiting(store) == 0
    assert store.mails.waiting()[0] == 2
    later = datetime.now(UTC) + 2 * HOUR
    assert [store.mails.claim(later) is not None for _ in range(3)] == [True, True, False]
    assert office.taken == []


@pytest.mark.parametrize(("answer", "waits"), [("450 try again", 1), ("550 nobody of this name", 0)])
def test_an_address_that_is_refused_for_now_waits_and_one_that_is_wrong_does_not(
    campus, office, answer, waits
):
    returned(campus.store)
    queue_news(campus.store)
    office.refused = {f"{AMINA}@example.gov": answer}
    assert send_waiting(campus.store) == 0
    assert campus.store.mails.waiting()[0] == waits


def test_one_refused_mail_does_not_hold_back_the_others(campus, office):
    returned(campus.store)
    returned(campus.store, BOSCO)
    queue_news(campus.store)
    office.refused = {f"{AMINA}@example.gov": "550 no"}
    assert send_waiting(campus.store) == 1
    assert office.taken[0]["To"] == f"{BOSCO}@example.gov"


def with_address(store, address):
    more = {"display_name": "A", "roles": ["learner"], "institution": None, "language": "en"}
    store.people.change(AMINA, email=address, **more)
    returned(store)
    returned(store, BOSCO)
    queue_news(store)


@pytest.mark.parametrize(
    "address",
    [
        "a@[c.dd",
        "=?utf-8?q?a=0Ab?=@c.dd",
        "a(b@c.dd",
        "a:b@c.dd",
        "a[b@c.dd",
        "a@c..dd",
        "a\\b@c.dd",
        "a\0b@c.dd",
    ],
)
def test_an_address_that_no_mail_can_have_is_given_up_at_once_and_never_read_as_another(
    campus, office, address
):
    assert not is_email(address)
    with_address(campus.store, address)
    assert send_waiting(campus.store) == 1
    assert [mail["To"] for mail in office.taken] == [f"{BOSCO}@example.gov"]
    assert campus.store.mails.waiting()[0] == 0
    assert "cannot be an e-mail address" in campus.store.mails.of_person(AMINA)[0].problem


PART = st.text("ab.!#$%&'*+-/?^_`{|}~é", min_size=1, max_size=8)


@given(st.builds("{}@{}.{}".format, PART, PART, PART).filter(is_email))
def test_what_counts_as_an_address_is_read_as_this_one_address_in_a_mail(address):
    message = EmailMessage()
    message["To"] = address
    assert [each.addr_spec for each in message["To"].addresses] == [address]


def test_a_mail_that_cannot_be_written_waits_and_does_not_hold_back_the_others(campus, office, monkeypatch):
    with_address(campus.store, "a@example.gov")
    written = mail_sender.mail_message

    def fails_for_amina(store, mail, person):
        return written(store, mail, person) if person.username == BOSCO else {}["nothing"]

    monkeypatch.setattr(mail_sender, "mail_message", fails_for_amina)
    assert send_waiting(campus.store) == 1
    assert campus.store.mails.waiting() == (1, "it could not be written: KeyError")


def test_a_sender_that_dies_lets_the_mail_come_again(campus):
    store: MailQueue = campus.store.mails
    returned(campus.store)
    queue_news(campus.store)
    now = datetime.now(UTC)
    assert store.claim(now) is not None
    assert store.claim(now) is None, "held by the first"
    again = store.claim(now + timedelta(minutes=6))
    assert again.tries == 2


def test_a_mail_is_given_up_after_three_days(campus):
    store = campus.store.mails
    returned(campus.store)
    queue_news(campus.store)
    mail = store.claim()
    store.put_off(mail, "away", mail.queued_at + timedelta(days=2))
    assert store.waiting() == (1, "away")
    store.put_off(mail, "away", mail.queued_at + timedelta(days=4))
    assert store.waiting()[0] == 0


def test_a_name_with_a_line_break_adds_no_header(campus, office):
    store = campus.store
    store.people.add(AMINA, "Amina\r\nBcc: all@example.gov")
    returned(store)
    queue_news(store)
    assert send_waiting(store) == 1
    assert office.taken[0]["Bcc"] is None


def test_the_campus_sends_by_itself_while_it_runs(campus, office):
    returned(campus.store)
    Housekeeping(campus.app.state.campus).one_round(datetime.now(UTC))
    assert len(office.taken) == 1


def test_settings_of_mail_that_cannot_work_are_refused(tmp_path):
    mail = {"host": "mail.example.gov", "sender": "isomo@example.gov", "username": "isomo"}
    said = setting_problems(settings_for(tmp_path, mail=mail))
    assert any("mail.username and mail.password_file belong together" in each for each in said)
    file = tmp_path / "password"
    file.write_text("secret")
    open_line = {**mail, "encryption": "none", "password_file": str(file)}
    said = setting_problems(settings_for(tmp_path, mail=open_line))
    assert any("the password would travel readable" in each for each in said)
    assert "secret" not in "".join(said)


@pytest.mark.parametrize("sender", ["a(b@example.gov", "=?utf-8?q?a?=@example.gov", "a@example..gov"])
def test_a_sender_that_no_mail_can_have_is_refused(tmp_path, sender):
    with pytest.raises(IsomoError, match=r"mail\.sender"):
        settings_for(tmp_path, mail={"host": "mail.example.gov", "sender": sender})


def meeting(store, at, place=""):
    number = store.classes.add_class(COURSE, "Class B")
    store.enrolments.put_in_class(COURSE, [AMINA], number)
    store.class_times.set_time(COURSE, number, at, place=place)
    return number


def test_a_class_is_told_within_the_day_before_once_with_its_place(campus, office):
    store, now = campus.store, datetime.now(UTC)
    start = now + timedelta(hours=30)
    meeting(store, start, place="Room 4")
    assert queue_news(store, now) == 0
    assert [queue_news(store, now + timedelta(hours=hours)) for hours in (7, 8)] == [1, 0]
    assert send_waiting(store) == 1
    (mail,) = office.taken
    assert mail["Subject"].startswith("Votre classe se réunit le ")
    assert "Room 4" in mail.get_content()
    assert "Class B" in mail.get_content()


@pytest.mark.parametrize("change", ["moved", "archived"])
def test_a_mail_about_a_meeting_that_is_no_longer_there_is_not_sent(campus, office, change):
    store, now = campus.store, datetime.now(UTC)
    number = meeting(store, now + timedelta(hours=20))
    assert queue_news(store, now) == 1
    if change == "moved":
        store.class_times.set_time(COURSE, number, now + timedelta(days=3))
    else:
        store.classes.archive_class(COURSE, number)
    assert send_waiting(store) == 0
    assert office.taken == []
