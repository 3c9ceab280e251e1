"""The one way out for mail.

A page writes a message into the outbox, inside its own transaction; the job worker sends it.
So no message leaves for an act that did not happen, none is lost while the mail server is
away, and none goes twice.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import task

from send_portal.models import Mail

logger = logging.getLogger(__name__)

# Between two attempts while the mail server is away: a short outage is made up for quickly, a
# long one (nearly two days in all) without a storm.
WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440)]
# Far above the time-out of the connection.
CUT_OFF_AFTER = timedelta(minutes=5)


class NotTakenError(Exception):
    """The mail server did not take the message, so it may be tried again."""


class RefusedError(Exception):
    """The mail server refuses the message for good."""


def link(path: str) -> str:
    """A whole address for a page, as a job knows no request."""
    return f"{settings.PORTAL_URL}{path}"


def post(
    name: str, to: str, context: Mapping[str, Any], *, key: str, unsubscribe_url: str = ""
) -> Mail | None:
    """Put `templates/emails/<name>.txt` into the outbox; its first line is the subject.

    `key` says what the message is about ("invitation:12:2"): a second one of the same key is
    not made, and None comes back.
    """
    text = render_to_string(f"emails/{name}.txt", {"portal_name": settings.PORTAL_NAME, **context})
    subject, _, body = text.strip().partition("\n")
    return post_text(to, subject, body, key=key, unsubscribe_url=unsubscribe_url)


@transaction.atomic
def post_text(
    to: str, subject: str, body: str, *, key: str, unsubscribe_url: str = ""
) -> Mail | None:
    """As `post`, for a message that is written already."""
    values = {"to": to, "subject": " ".join(subject.split())[:200], "body": body.strip() + "\n"}
    mail, made = Mail.objects.get_or_create(
        key=key, defaults={**values, "unsubscribe_url": unsubscribe_url}
    )
    if not made:
        return None
    deliver.enqueue(mail.pk)
    return mail


@transaction.atomic
def withdraw(key: str) -> None:
    """What it says has become void: it does not leave any more, and its text is not kept.

    A message that is on its way at this moment arrives nevertheless.
    """
    Mail.objects.filter(key=key, state=Mail.State.WAITING).delete()
    Mail.objects.filter(key=key, ended_at__isnull=False).update(body="")


@task()
def deliver(mail_id: int) -> None:
    """Send one message, if it still waits. Safe to run twice, and by two workers at once."""
    send(mail_id, timezone.now())


def send(mail_id: int, now: datetime) -> None:
    """Take a message out of the outbox and hand it to the mail server.

    A server that cannot be reached or is busy: tried again later. One that refuses the message:
    failed. A connection lost while the message was on its way: uncertain.
    """
    taken = (
        Mail.objects.due(now).filter(pk=mail_id).update(state=Mail.State.SENDING, started_at=now)
    )
    if not taken:
        return
    mail = Mail.objects.get(pk=mail_id)
    try:
        _hand_over(mail)
    except NotTakenError as error:
        _try_later(mail, str(error))
    except RefusedError as error:
        _end(mail, Mail.State.FAILED, str(error))
    except OSError as error:  # smtplib's own errors are OSErrors too
        _end(mail, Mail.State.UNCERTAIN, str(error))
    else:
        _end(mail, Mail.State.SENT)


def _hand_over(mail: Mail) -> None:
    message = EmailMessage(mail.subject, mail.body, to=[mail.to], headers=_headers(mail))
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        raise NotTakenError(str(error)) from error
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _said_no(code, words) from error
    except smtplib.SMTPResponseException as error:  # it answered, so it did not take it
        raise _said_no(error.smtp_code, error.smtp_error) from error
    finally:
        connection.close()


def _headers(mail: Mail) -> dict[str, str]:
    # The same for every attempt, so that a mail program can tell a repetition.
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ")
    headers = {
        "Message-ID": f"<{mail.pk}.{mail.made_at:%Y%m%d%H%M%S%f}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    if mail.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _said_no(code: int, words: bytes | str) -> NotTakenError | RefusedError:
    said = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return NotTakenError(said) if 400 <= code < 500 else RefusedError(said)


def _try_later(mail: Mail, fault: str) -> None:
    if mail.attempts >= len(WAITS):
        _end(mail, Mail.State.FAILED, fault)
        return
    at = timezone.now() + WAITS[mail.attempts]
    Mail.objects.filter(pk=mail.pk, state=Mail.State.SENDING).update(
        state=Mail.State.WAITING,
        attempts=mail.attempts + 1,
        try_at=at,
        started_at=None,
        fault=fault[:200],
    )
    logger.warning("Mail %d was not taken and is tried again at %s: %s", mail.pk, at, fault)
    deliver.using(run_after=at).enqueue(mail.pk)


def _end(mail: Mail, state: Mail.State, fault: str = "") -> None:
    values: dict[str, Any] = {"state": state, "ended_at": timezone.now(), "fault": fault[:200]}
    if state == Mail.State.SENT:
        values["body"] = ""
    else:
        logger.error("Mail %d: %s, %s", mail.pk, state.label.lower(), fault)
    Mail.objects.filter(pk=mail.pk, state=Mail.State.SENDING).update(**values)


def look_after(now: datetime) -> tuple[int, int]:
    """Own up to what was cut off, and queue what waits without a job.

    Returns how many messages became uncertain and how many were queued again.
    """
    cut_off = Mail.objects.filter(state=Mail.State.SENDING, started_at__lt=now - CUT_OFF_AFTER)
    uncertain = cut_off.update(
        state=Mail.State.UNCERTAIN, ended_at=now, fault="The worker was stopped while sending it."
    )
    waiting = list(Mail.objects.due(now - CUT_OFF_AFTER).values_list("pk", flat=True))
    Mail.objects.filter(pk__in=waiting, state=Mail.State.WAITING).update(try_at=now)
    for pk in waiting:
        deliver.enqueue(pk)
    return uncertain, len(waiting)
