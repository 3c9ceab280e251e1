"""Jobs for the worker. Each takes ids, is safe to run twice, and leaves the rules to others."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from assessments.emails import reminders
from assessments.models import StoredReport
from assessments.models.reports import MOST_ATTEMPTS, WAITS, StoredReportQuerySet
from assessments.reports.storing import store
from send_portal.pdf import PdfError

# Reminders leave in daytime, on every day of the week: many who score are volunteers with free
# weekends, and a rule of working days would drop what falls due over a long bank holiday.
FIRST_HOUR, LAST_HOUR = 8, 18
BETWEEN_REMINDERS = 15 * 60  # seconds
# A report this young has its job from being submitted.
LEFT_ALONE = timedelta(minutes=2)
MOST_LOOKED_AFTER = 500


@task()
def send_reminders() -> None:
    """Put the reminders of today that have not gone yet into the outbox."""
    reminders.post_due(timezone.localdate())


def enqueue_reminders(now: datetime) -> bool:
    """Called each minute by every worker: one job in 15 minutes, in daytime; whether it was one."""
    in_daytime = FIRST_HOUR <= timezone.localtime(now).hour < LAST_HOUR
    if not in_daytime or not cache.add("reminders-enqueued", True, BETWEEN_REMINDERS):
        return False
    send_reminders.enqueue()
    return True


@task()
def store_report_pdf(assessment_id: int) -> None:
    """Make the two PDFs of a submitted assessment once and keep them.

    When they cannot be made, that is kept too, for the page to say, and it is tried again by
    itself after growing pauses, five times in all; the assessment stays as it is.
    """
    rows = StoredReport.objects.being_made().filter(assessment_id=assessment_id)
    # Counted before the attempt, so that one which kills its worker counts too.
    if not rows.filter(pdf_attempts__lt=MOST_ATTEMPTS).update(
        pdf_attempts=F("pdf_attempts") + 1, pdf_try_at=None
    ):
        give_up(rows, "")
        return
    try:
        store(assessment_id)
    except Exception as error:
        said = str(error) if isinstance(error, PdfError) else "The PDF could not be made."
        _try_later(assessment_id, said)
        raise


def _try_later(assessment_id: int, fault: str) -> None:
    rows = StoredReport.objects.being_made().filter(assessment_id=assessment_id)
    attempts = rows.values_list("pdf_attempts", flat=True).first()
    if attempts is None:  # made by another worker, or given up, meanwhile
        return
    if attempts >= MOST_ATTEMPTS:
        give_up(rows, fault)
        return
    at = timezone.now() + WAITS[attempts - 1]
    with transaction.atomic():
        rows.update(pdf_error=fault, pdf_try_at=at)
        store_report_pdf.using(run_after=at).enqueue(assessment_id)


def give_up(rows: StoredReportQuerySet, fault: str) -> int:
    """Say that these PDFs were not made, and how many: nothing more happens until somebody asks."""
    return rows.update(
        pdf_failed_at=timezone.now(),
        pdf_try_at=None,
        pdf_error=fault or "The PDF could not be made: its worker was stopped each time.",
    )


def look_after_reports(now: datetime) -> tuple[int, int]:
    """Called each minute by every worker: queue again what waits for its PDF without a job, because
    the job was lost for good or never got its next attempt.

    Returns how many were queued and how many were given up after five attempts.
    """
    waiting = StoredReport.objects.being_made().filter(made_at__lt=now - LEFT_ALONE)
    given_up = queued = 0
    for assessment_id in waiting.values_list("assessment_id", flat=True)[:MOST_LOOKED_AFTER]:
        with transaction.atomic():
            # Two workers look at the same time: the second finds the first one's job.
            row = (
                waiting.without_files()
                .select_for_update()
                .filter(assessment_id=assessment_id)
                .first()
            )
            if row is None or has_job(assessment_id):
                continue
            if row.pdf_attempts >= MOST_ATTEMPTS:
                given_up += give_up(StoredReport.objects.being_made().filter(pk=row.pk), "")
            else:
                store_report_pdf.enqueue(assessment_id)
                queued += 1
    return queued, given_up


def has_job(assessment_id: int) -> bool:
    """Whether a job that makes this PDF waits or runs."""
    return DBTaskResult.objects.filter(
        status__in=["READY", "RUNNING"],
        task_path=store_report_pdf.module_path,
        args_kwargs={"args": [assessment_id], "kwargs": {}},
    ).exists()
