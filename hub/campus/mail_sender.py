"""Sends what waits in the queue through the office's mail server; what it refuses for now is tried again."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from hub.campus.mail_texts import mail_message
from hub.isomo_settings import Settings
from hub.shared_names import is_email
from hub.store import Store
from hub.store.mail_queue import Mail

log = logging.getLogger("mail")
TIMEOUT = 20
MOST_AT_ONCE = 200
"""Mails of one connection; the next round goes on."""


@contextmanager
def mail_connection(settings: Settings) -> Iterator[smtplib.SMTP]:
    """Open a line to the mail server, encrypted as the settings say. Raises OSError or SMTPException."""
    chosen = settings.mail
    if chosen is None:
        raise OSError("no mail server is set")
    trusted = ssl.create_default_context(cafile=str(settings.ca_bundle) if settings.ca_bundle else None)
    if chosen.encryption == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(chosen.host, chosen.port, timeout=TIMEOUT, context=trusted)
    else:
        server = smtplib.SMTP(chosen.host, chosen.port, timeout=TIMEOUT)
    with server:
        if chosen.encryption == "starttls":
            server.starttls(context=trusted)
        if chosen.username and chosen.password_file:
            server.login(chosen.username, chosen.password_file.read_text("utf-8").strip())
        yield server


def send_waiting(store: Store) -> int:
    """Send mails until none is due; return how many were taken. A server that is away ends the round."""
    if store.settings.mail is None:
        return 0
    sent = 0
    mail = store.mails.claim()
    if mail is None:
        return 0
    try:
        with mail_connection(store.settings) as server:
            while mail is not None:
                sent += _send(store, server, mail)
                mail = store.mails.claim() if sent < MOST_AT_ONCE else None
    except (OSError, smtplib.SMTPException) as error:
        if mail is not None:
            store.mails.put_off(mail, _reason(error))
        log.warning("mail-server-away reason=%s", type(error).__name__)
    return sent


def _send(store: Store, server: smtplib.SMTP, mail: Mail) -> int:
    """Send one mail; return 1 if the server took it. Raises SMTPException if the line itself is broken."""
    try:
        message = _written(store, mail)
        if message is None:
            return 0
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code = next(iter(refused.recipients.values()))[0]
        if code >= 500:
            store.mails.drop(mail.id, f"the server refuses this address ({code})")
        else:
            store.mails.put_off(mail, f"the server asks to wait ({code})")
        return 0
    except smtplib.SMTPNotSupportedError:
        store.mails.drop(mail.id, "the server cannot write to this address")
        return 0
    except smtplib.SMTPDataError as error:
        store.mails.put_off(mail, f"the server did not take it ({error.smtp_code})")
        return 0
    except OSError:
        raise
    except Exception as error:  # The others must be sent, and this one given up some day.
        log.exception("mail-failed mail=%s", mail.id)
        store.mails.put_off(mail, f"it could not be written: {type(error).__name__}")
        return 0
    store.mails.sent(mail.id)
    return 1


def _written(store: Store, mail: Mail) -> EmailMessage | None:
    """Return a mail ready to be sent; None if it was dropped, because nobody can get it or it is no news any more."""
    person = store.people.get(mail.username)
    if person and person.email and not is_email(person.email):
        # Python's mail library would read another address in it, or fail.
        store.mails.drop(mail.id, "this cannot be an e-mail address")
        return None
    message = mail_message(store, mail, person) if person and person.disabled_at is None else None
    if message is None:
        store.mails.drop(mail.id, "nobody to send it to, or nothing to tell any more")
    return message


def _reason(error: Exception) -> str:
    return f"the mail server is away or refuses: {type(error).__name__}"
