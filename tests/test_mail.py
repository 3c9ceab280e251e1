"""Mail goes out once, by a real mail server, or says why not."""

from __future__ import annotations

import socket
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from send_portal import mail
from send_portal.models import Mail
from tests import factories

State = Mail.State


class Sink:
    """A mail server that keeps what it takes. `answer` is what it says to a message."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answer = "250 OK"
        self.unknown: set[str] = set()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        if address in self.unknown:
            return "550 No such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        if self.answer == "hang up":
            server.transport.close()
            return "421 Closing"
        if self.answer.startswith("250"):
            self.letters.append(BytesParser(policy=default).parsebytes(envelope.content))
        return self.answer


@pytest.fixture
def sink(settings):
    """A mail server on this machine, which the portal uses."""
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = False
    yield handler
    controller.stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def send(row: Mail) -> Mail:
    mail.send(row.pk, timezone.now())
    row.refresh_from_db()
    return row


def test_a_message_arrives_as_it_was_written(db, sink):
    row = mail.post_text("ann@area.example", "A subject", "Dear Ann,\n\nIt’s ready.", key="k:1")

    send(row)

    (letter,) = sink.letters
    assert letter["To"] == "ann@area.example"
    assert letter["Subject"] == "A subject"
    assert letter["From"].endswith("<no-reply@portal.example>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().replace("\r\n", "\n") == "Dear Ann,\n\nIt’s ready.\n"
    assert (row.state, row.fault) == (State.SENT, "")


def test_a_sent_message_is_not_kept_as_it_may_hold_a_link_that_signs_in(db, sink):
    row = send(factories.MailFactory(body="https://portal.example/secret"))

    assert row.body == ""


def test_a_message_that_one_may_unsubscribe_from_says_so_to_the_mail_program(db, sink):
    url = "https://portal.example/stop/"
    send(mail.post_text("ann@area.example", "S", "B", key="k", unsubscribe_url=url))

    assert sink.letters[0]["List-Unsubscribe"] == f"<{url}>"
    assert sink.letters[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_message_a_key(db):
    assert mail.post_text("ann@area.example", "S", "B", key="reminder:1") is not None
    assert mail.post_text("ann@area.example", "S", "B", key="reminder:1") is None

    assert Mail.objects.count() == DBTaskResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_undone_sends_nothing():
    def act() -> None:
        with transaction.atomic():
            mail.post_text("ann@area.example", "S", "B", key="k")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()

    assert (Mail.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_sending_twice_sends_once(db, sink):
    row = factories.MailFactory()

    send(row)
    send(row)

    assert len(sink.letters) == 1


def test_nobody_sends_what_another_worker_has_taken(db, sink):
    row = factories.MailFactory(state=State.SENDING, started_at=timezone.now())

    assert send(row).state == State.SENDING
    assert sink.letters == []


def test_while_the_mail_server_is_away_the_message_waits_and_then_goes(db, settings, sink):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    row = send(factories.MailFactory())

    assert (row.state, row.attempts) == (State.WAITING, 1)
    assert row.try_at > timezone.now()
    job = DBTaskResult.objects.get()
    assert (job.run_after, job.args_kwargs["args"]) == (row.try_at, [row.pk])

    settings.EMAIL_PORT = port
    assert send(row).state == State.WAITING, "it is not time yet"
    mail.send(row.pk, row.try_at)
    row.refresh_from_db()
    assert row.state == State.SENT
    assert len(sink.letters) == 1


def test_after_nine_attempts_it_is_given_up_in_the_open(db, settings, sink):
    settings.EMAIL_PORT = free_port()
    row = factories.MailFactory()

    for _ in range(9):
        mail.send(row.pk, row.try_at)
        row.refresh_from_db()

    assert row.state == State.FAILED
    assert "refused" in row.fault.lower()
    assert row.body != "", "kept, so that it can be sent again"


def test_a_busy_server_is_asked_again(db, sink):
    sink.answer = "451 Try again later"

    row = send(factories.MailFactory())

    assert (row.state, row.fault) == (State.WAITING, "451 Try again later")


@pytest.mark.parametrize("said", ["554 This looks like spam", "550 No such person"])
def test_a_refusal_is_final_and_kept_in_the_servers_words(db, sink, said):
    if said.startswith("550"):
        sink.unknown = {"person@area.example"}
    else:
        sink.answer = said

    row = send(factories.MailFactory())

    assert (row.state, row.fault) == (State.FAILED, said)


def test_a_connection_lost_on_the_way_is_owned_up_to_and_never_repeated(db, sink):
    sink.answer = "hang up"
    row = send(factories.MailFactory())
    sink.answer = "250 OK"

    assert row.state == State.UNCERTAIN
    mail.send(row.pk, timezone.now() + timedelta(days=1))
    mail.look_after(timezone.now() + timedelta(days=1))
    assert (sink.letters, DBTaskResult.objects.count()) == ([], 0)


def test_a_worker_killed_while_sending_leaves_an_uncertain_message(db):
    now = timezone.now()
    cut_off = factories.MailFactory(state=State.SENDING, started_at=now - timedelta(minutes=6))
    fresh = factories.MailFactory(state=State.SENDING, started_at=now - timedelta(minutes=1))

    assert mail.look_after(now) == (1, 0)

    cut_off.refresh_from_db()
    fresh.refresh_from_db()
    assert (cut_off.state, fresh.state) == (State.UNCERTAIN, State.SENDING)
    assert cut_off.fault == "The worker was stopped while sending it."


def test_a_message_whose_job_was_lost_is_queued_again_once(db):
    now = timezone.now()
    late = factories.MailFactory(try_at=now - timedelta(minutes=6))
    factories.MailFactory(try_at=now - timedelta(minutes=1))

    assert mail.look_after(now) == (0, 1)
    assert mail.look_after(now) == (0, 0)

    assert [job.args_kwargs["args"] for job in DBTaskResult.objects.all()] == [[late.pk]]


def test_a_line_break_in_a_subject_is_no_second_header(db, sink):
    row = mail.post_text("ann@area.example", "Hello\nBcc: all@area.example", "B", key="k")

    send(row)

    assert sink.letters[0]["Bcc"] is None
    assert sink.letters[0]["Subject"] == "Hello Bcc: all@area.example"


def test_a_message_withdrawn_in_time_never_leaves(db, sink):
    waiting = factories.MailFactory(key="invitation:1:1")
    other = factories.MailFactory(key="invitation:1:11")

    mail.withdraw("invitation:1:1")
    mail.send(waiting.pk, timezone.now())
    mail.send(other.pk, timezone.now())

    assert len(sink.letters) == 1
    assert not Mail.objects.filter(pk=waiting.pk).exists()


@pytest.mark.parametrize("state", [State.FAILED, State.UNCERTAIN])
def test_a_message_that_is_void_loses_its_text_and_not_its_trace(db, state):
    row = factories.MailFactory(key="k", state=state, ended_at=timezone.now(), body="A link")

    mail.withdraw("k")

    row.refresh_from_db()
    assert (row.body, row.state) == ("", state)
