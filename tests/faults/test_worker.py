"""The worker killed in the middle of a job, and its mail server away."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assessments.models import StoredReport
from send_portal import mail
from send_portal.jobs import LOST_AFTER
from send_portal.models import Mail
from tests.assessments.shortcuts import agree, submit
from tests.faults.conftest import free_port, kill, running

State = Mail.State
WORK = (sys.executable, "manage.py", "work", "--no-startup-delay", "--interval", "0.1", "--verbosity", "0")  # fmt: skip


class Sink:
    """A mail server. At the message to `stalls_at` it says nothing until `goes_on` is set."""

    def __init__(self, stalls_at: str = "") -> None:
        self.stalls_at = stalls_at
        self.stalled, self.goes_on = threading.Event(), threading.Event()
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        (to,) = envelope.rcpt_tos
        if to == self.stalls_at:
            self.stalled.set()
            while not self.goes_on.is_set():
                await asyncio.sleep(0.02)
        self.taken[to] += 1
        return "250 OK"


@contextmanager
def listening(sink: Sink, port: int) -> Iterator[None]:
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        sink.goes_on.set()
        controller.stop()


@pytest.fixture
def post_office(environment) -> dict[str, str]:
    """The worker's surroundings, with a mail server that is not there yet."""
    return environment | {
        "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(free_port()), "EMAIL_USE_TLS": "0",
    }  # fmt: skip


def port_of(post_office: dict[str, str]) -> int:
    return int(post_office["EMAIL_PORT"])


def post_five() -> list[str]:
    people = [
        f"{name}@{time.monotonic_ns()}.example" for name in ("ann", "ben", "cat", "dan", "eve")
    ]
    for to in people:
        assert mail.post_text(to, "Scores revealed", "Come and see.", key=f"faults:{to}")
    return people


def state_of(to: str) -> str:
    return Mail.objects.get(to=to).state


def wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120  # on a machine that is busy with other tests
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


def let_time_pass() -> None:
    """What a killed worker had in hand counts as lost only after some minutes."""
    ago = timezone.now() - LOST_AFTER - timedelta(minutes=1)
    DBTaskResult.objects.running().update(started_at=ago)
    DBTaskResult.objects.ready().update(run_after=ago)
    Mail.objects.filter(state=State.SENDING).update(started_at=ago)
    Mail.objects.filter(state=State.WAITING).update(try_at=ago)


def test_worker_killed_while_a_mail_is_on_its_way(area, post_office):
    people = post_five()
    cut_off = people[2]
    sink = Sink(stalls_at=cut_off)
    with listening(sink, port_of(post_office)):
        with running(WORK, post_office) as worker:
            assert sink.stalled.wait(120)
            kill(worker)
        sink.goes_on.set()
        let_time_pass()
        with running(WORK, post_office):
            wait_until(lambda: not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists())

    # The server took it, or it did not: nobody here can know, so it is said and not sent again.
    assert state_of(cut_off) == State.UNCERTAIN
    assert sink.taken.pop(cut_off, 0) <= 1
    assert sink.taken == Counter({to: 1 for to in people if to != cut_off})
    assert all(state_of(to) == State.SENT for to in people if to != cut_off)


def test_mail_server_away_and_worker_killed_meanwhile(area, post_office):
    people = post_five()
    with running(WORK, post_office) as worker:
        wait_until(lambda: Mail.objects.filter(to__in=people, attempts=1).count() == len(people))
        kill(worker)
    let_time_pass()
    sink = Sink()
    with listening(sink, port_of(post_office)), running(WORK, post_office):
        wait_until(lambda: all(state_of(to) == State.SENT for to in people))

    assert sink.taken == Counter(people)


def test_two_workers_send_each_mail_once(area, post_office):
    people = post_five() + post_five()
    sink = Sink()
    with (
        listening(sink, port_of(post_office)),
        running(WORK, post_office),
        running(WORK, post_office),
    ):
        wait_until(lambda: all(state_of(to) == State.SENT for to in people))

    assert sink.taken == Counter(people)


def test_worker_killed_while_it_makes_a_report(area, environment):
    area.reveal()
    agree(area)
    submit(area)
    stored = StoredReport.objects.get(assessment=area.assessment)
    job = DBTaskResult.objects.get(
        task_path__endswith="store_report_pdf", args_kwargs__args=[area.assessment.pk]
    )
    with running(WORK, environment) as worker:
        wait_until(lambda: DBTaskResult.objects.running().filter(pk=job.pk).exists())
        kill(worker)
    stored.refresh_from_db()
    assert stored.pdf is None
    let_time_pass()
    with running(WORK, environment):
        wait_until(lambda: StoredReport.objects.filter(pk=stored.pk, pdf__isnull=False).exists())

    stored.refresh_from_db()
    assert bytes(stored.pdf).startswith(b"%PDF-")
    assert bytes(stored.programme_pdf).startswith(b"%PDF-")
