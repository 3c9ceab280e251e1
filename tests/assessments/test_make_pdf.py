"""The PDF of a submitted report: being made, failed, tried again, asked for again; and its mail."""

import subprocess
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assessments.models import StoredReport
from assessments.models.guards import SubmittedError
from assessments.models.reports import MOST_ATTEMPTS, WAITS
from assessments.reports import storing
from assessments.tasks import look_after_reports, store_report_pdf
from send_portal.jobs import LOST_AFTER, requeue_lost_jobs
from send_portal.models import Mail
from send_portal.pdf import PdfError
from tests.assessments.pages import sentences, soup, text
from tests.assessments.shortcuts import agree, submit
from tests.conftest import client_of
from tests.databases import on_postgresql


@pytest.fixture
def submitted(partnership):
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    return partnership


@pytest.fixture
def broken(monkeypatch):
    """The library fails as it does on a text that it cannot lay out."""

    def fail(*args, **kwargs):
        raise RuntimeError("no room")

    monkeypatch.setattr("weasyprint.HTML.render", fail)
    return monkeypatch


@pytest.fixture
def failed(submitted):
    """Given up, and no job left."""
    DBTaskResult.objects.all().delete()
    StoredReport.objects.update(
        pdf_failed_at=timezone.now(), pdf_attempts=MOST_ATTEMPTS, pdf_error="It could not be made."
    )
    return submitted


def url(partnership, name):
    return reverse(f"assessments:{name}", args=[partnership.assessment.pk])


def jobs():
    return DBTaskResult.objects.filter(task_path="assessments.tasks.store_report_pdf")


def attempt(partnership):
    with pytest.raises(PdfError):
        store_report_pdf.call(partnership.assessment.pk)


def make(partnership):
    store_report_pdf.call(partnership.assessment.pk)


def state(partnership, who="viewer"):
    return partnership.client(who).get(url(partnership, "pdf-state")).json()


# ---- While it is being made --------------------------------------------------------------------


def test_report_page_says_that_the_pdf_is_being_made(submitted):
    page = soup(submitted.client("viewer").get(url(submitted, "report")))
    region = page.find(role="status")
    assert "The PDF is being made. This usually takes less than a minute." in region.get_text()
    assert region["data-pdf"] == url(submitted, "pdf-state")
    assert region.find("a", string="Check again")["href"] == url(submitted, "report")
    assert page.select(".app-files a[href$='report.pdf']") == []
    assert page.find("script", src=lambda src: src and "pdf" in src)
    assert "Readiness band" in page.main.get_text()


def test_report_page_links_to_the_pdf_when_it_is_made(submitted):
    make(submitted)
    page = soup(submitted.client("viewer").get(url(submitted, "report")))
    assert page.find(role="status") is None
    assert page.select_one(".app-files a")["href"] == url(submitted, "report-pdf")
    assert page.find("script", src=lambda src: src and "pdf" in src) is None


def test_pdf_that_is_not_stored_yet_is_never_made_on_the_spot(submitted):
    response = submitted.client("lead").get(url(submitted, "report-pdf"))
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response["Content-Type"].startswith("text/html")
    assert "The PDF is being made" in text(response)
    link = soup(response).find("a", string="Check again")
    assert link["href"] == url(submitted, "report-pdf")


def test_state_of_the_pdf_for_a_page_that_waits(submitted, programme):
    assert state(submitted) == {"state": "being_made"}
    StoredReport.objects.update(pdf_failed_at=timezone.now())
    assert state(submitted) == {"state": "failed"}
    StoredReport.objects.update(pdf_failed_at=None)
    make(submitted)
    assert state(submitted) == {"state": "made"}
    assert client_of(programme).get(url(submitted, "pdf-state")).json() == {"state": "made"}


def test_state_of_the_pdf_of_a_draft(partnership):
    assert state(partnership, "lead") == {"state": "draft"}


# ---- Tried again by itself -----------------------------------------------------------------------


def test_failed_attempt_is_tried_again_after_growing_pauses_and_then_given_up(submitted, broken):
    jobs().delete()
    pauses = []
    for _ in WAITS:
        before = timezone.now()
        attempt(submitted)
        job = jobs().get()
        pauses.append(round((job.run_after - before).total_seconds() / 60))
        assert StoredReport.objects.get().pdf_try_at == job.run_after
        jobs().delete()
    assert pauses == [1, 5, 15, 60]
    attempt(submitted)
    stored = StoredReport.objects.get()
    assert (stored.has_failed, stored.pdf_attempts, jobs().count()) == (True, 5, 0)
    make(submitted)  # a job that comes late does nothing
    assert StoredReport.objects.get().pdf is None


def test_report_page_says_when_it_is_tried_again(submitted, broken):
    attempt(submitted)
    at = timezone.localtime(StoredReport.objects.get().pdf_try_at)
    page = text(submitted.client("viewer").get(url(submitted, "report")))
    assert f"It is tried again by itself at {at:%H:%M}." in page


def test_success_after_a_failed_attempt_leaves_no_fault(submitted, broken):
    attempt(submitted)
    broken.undo()
    make(submitted)
    stored = StoredReport.objects.get()
    assert (stored.pdf_error, stored.pdf_try_at, stored.has_pdf) == ("", None, True)


def test_any_other_fault_is_kept_and_tried_again_too(submitted, monkeypatch):
    monkeypatch.setattr("assessments.reports.pdf.contents_of", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make(submitted)
    stored = StoredReport.objects.get()
    assert (stored.pdf_error, stored.pdf_try_at is None) == ("The PDF could not be made.", False)


# ---- A worker that is killed -------------------------------------------------------------------


def killed(moment):
    """The worker took the job up, counted the attempt, and was killed."""
    StoredReport.objects.update(pdf_attempts=StoredReport.objects.get().pdf_attempts + 1)
    for job in jobs().filter(status="READY"):
        job.claim("worker")
        jobs().filter(pk=job.pk).update(started_at=moment - LOST_AFTER - timedelta(seconds=1))


def test_killed_worker_leaves_the_pdf_to_be_made_again(submitted):
    now = timezone.now()
    killed(now)
    assert look_after_reports(now + timedelta(hours=1)) == (0, 0)  # its job still counts as running
    assert requeue_lost_jobs(now) == (1, 0)
    make(submitted)
    assert StoredReport.objects.get().has_pdf


def test_pdf_that_kills_its_worker_each_time_is_given_up_after_five_attempts(submitted):
    now = timezone.now() + timedelta(hours=1)
    for _ in range(20):
        killed(now)
        requeue_lost_jobs(now)
        if StoredReport.objects.get().has_failed:
            break
        look_after_reports(now)
        if not jobs().filter(status="READY").exists():
            continue
    stored = StoredReport.objects.get()
    assert stored.has_failed
    assert stored.pdf_error == "The PDF could not be made: its worker was stopped each time."
    assert look_after_reports(now) == (0, 0)


def test_job_of_a_pdf_that_killed_its_worker_five_times_does_not_try_a_sixth(submitted):
    StoredReport.objects.update(pdf_attempts=MOST_ATTEMPTS)
    make(submitted)
    stored = StoredReport.objects.get()
    assert (stored.has_failed, stored.pdf) == (True, None)


def test_report_whose_job_is_gone_is_queued_once(submitted):
    jobs().delete()
    now = timezone.now()
    assert look_after_reports(now) == (0, 0)  # too young
    later = now + timedelta(minutes=3)
    assert look_after_reports(later) == (1, 0)
    assert look_after_reports(later) == (0, 0)
    assert jobs().count() == 1


# ---- Asked for again --------------------------------------------------------------------------


def test_lead_has_a_failed_pdf_made_again(failed):
    client = failed.client("lead")
    page = soup(client.get(url(failed, "report")))
    assert "The PDF could not be made." in page.main.get_text()
    assert page.find("form", action=url(failed, "make-pdf-again")).button.get_text() == (
        "Make the PDF again"
    )
    response = client.post(url(failed, "make-pdf-again"), follow=True)
    assert "The PDF is being made again." in text(response)
    assert "The PDF is being made. This usually takes less than a minute." in text(response)
    assert jobs().count() == 1
    assert sentences("report.make_pdf_again") == [
        "Moorland Lead asked for the PDF of ‘Autumn assessment’ to be made again"
    ]
    make(failed)
    assert StoredReport.objects.get().has_pdf


def test_programme_staff_have_a_failed_pdf_made_again(failed, programme):
    assert client_of(programme).post(url(failed, "make-pdf-again")).status_code == 302
    assert jobs().count() == 1


@pytest.mark.parametrize("who", ["health", "health_board", "viewer"])
def test_others_are_told_who_can_have_it_made_again(failed, who):
    client = failed.client(who)
    page = soup(client.get(url(failed, "report")))
    assert "The SEND lead of Moorland can have it made again." in page.main.get_text()
    assert page.find("form", action=url(failed, "make-pdf-again")) is None
    assert client.post(url(failed, "make-pdf-again")).status_code == 403


def test_failed_pdf_is_said_where_the_file_would_be(failed):
    response = failed.client("lead").get(url(failed, "report-pdf"))
    assert (response.status_code, response.has_header("Retry-After")) == (503, False)
    assert "The PDF could not be made" in text(response)
    assert soup(response).find("form", action=url(failed, "make-pdf-again"))
    said = text(failed.client("viewer").get(url(failed, "report-pdf")))
    assert "The SEND lead of Moorland can have it made again." in said


def test_clicking_again_makes_no_second_job(failed):
    client = failed.client("lead")
    for _ in range(3):
        assert client.post(url(failed, "make-pdf-again")).status_code == 302
    assert (jobs().count(), len(sentences("report.make_pdf_again"))) == (1, 1)


def test_stored_pdf_is_not_made_again(submitted):
    make(submitted)
    response = submitted.client("lead").post(url(submitted, "make-pdf-again"))
    assert response.status_code == 409
    assert "This report has its PDF, which is never made again." in text(response)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_make_one_job(failed):
    answers = []

    def click():
        answers.append(failed.client("lead").post(url(failed, "make-pdf-again")).status_code)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert answers == [302] * 6
    assert (jobs().count(), len(sentences("report.make_pdf_again"))) == (1, 1)


# ---- Stored for good ----------------------------------------------------------------------------


def test_stored_pdf_says_what_it_was_made_with_and_never_changes(submitted):
    make(submitted)
    stored = StoredReport.objects.get()
    assert stored.pdf_made_with == storing.made_with()
    assert stored.pdf_made_with.startswith("WeasyPrint ")
    assert stored.pdf_sha256 == storing.hash_of(bytes(stored.pdf))
    assert stored.programme_pdf_sha256 == storing.hash_of(bytes(stored.programme_pdf))
    for field in ("pdf", "programme_pdf", "pdf_sha256"):
        with pytest.raises(SubmittedError, match="A stored PDF is never changed"):
            StoredReport.objects.update(**{field: b"" if "sha" not in field else ""})


@on_postgresql
@pytest.mark.parametrize("field", ["pdf", "programme_pdf"])
def test_postgresql_refuses_to_change_a_stored_pdf(submitted, field):
    make(submitted)
    with (
        pytest.raises(DatabaseError, match="A stored PDF is never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE assessments_storedreport SET {field} = 'x'::bytea")


# ---- Mail -------------------------------------------------------------------------------------


def ready_mails():
    return Mail.objects.filter(key__startswith="report-ready:")


def test_lead_and_board_get_one_mail_with_a_link_when_the_pdf_is_ready(submitted):
    assert ready_mails().count() == 0
    make(submitted)
    people = [p for who, p in submitted.people.items() if who == "lead" or who.endswith("_board")]
    assert sorted(ready_mails().values_list("to", flat=True)) == sorted(p.email for p in people)
    mail = ready_mails().first()
    assert mail.subject == "Moorland: the report is ready"
    assert url(submitted, "report") in mail.body
    assert ".pdf" not in mail.body


def test_report_made_by_two_workers_at_once_is_stored_and_told_once(submitted, monkeypatch):
    kept = storing.render

    def overtaken(assessment):
        files = kept(assessment)
        monkeypatch.setattr(storing, "render", kept)
        assert storing.store(assessment.pk) is True
        return files

    monkeypatch.setattr(storing, "render", overtaken)
    assert storing.store(submitted.assessment.pk) is False
    assert ready_mails().count() == 7
    make(submitted)
    assert ready_mails().count() == 7


# ---- What proves it ----------------------------------------------------------------------------


def test_page_and_pdf_name_the_snapshot_the_rule_and_the_framework(submitted):
    make(submitted)
    stored = StoredReport.objects.get()
    framework = submitted.assessment.framework
    page = text(submitted.client("viewer").get(url(submitted, "report")))
    pdf = subprocess.run(
        ["/usr/bin/pdftotext", "-layout", "-", "-"], input=bytes(stored.pdf),
        capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    assert f"Snapshot {stored.sha256[:8]}" in page
    assert f"sha256 {stored.sha256}" in page
    assert f"snapshot {stored.sha256[:8]}" in pdf
    assert stored.sha256 in "".join(pdf.split())
    for said in (page, " ".join(pdf.split())):
        assert stored.rule_version in said
        assert f"{framework.title}, version {framework.version}" in said
