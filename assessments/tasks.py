"""Jobs for the worker. Each takes ids, is safe to run twice, and leaves the rules to others."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.utils import timezone
from django_tasks import task

from assessments.emails import reminders
from assessments.models import StoredReport
from assessments.reports.pdf import report_pdf
from send_portal.pdf import PdfError

# Reminders leave in daytime, on every day of the week: many who score are volunteers with free
# weekends, and a rule of working days would drop what falls due over a long bank holiday.
FIRST_HOUR, LAST_HOUR = 8, 18
BETWEEN_REMINDERS = 15 * 60  # seconds


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

    When it cannot be made, that is kept too, for the page to say; the assessment stays as it is.
    """
    stored = StoredReport.objects.select_related("assessment").get(assessment_id=assessment_id)
    if stored.pdf is not None:
        return
    rows = StoredReport.objects.filter(pk=stored.pk)
    try:
        pdf = report_pdf(stored.assessment, shows_partners=True)
        programme_pdf = report_pdf(stored.assessment, shows_partners=False)
    except PdfError as error:
        rows.update(pdf_error=str(error))
        raise
    rows.update(pdf=pdf, programme_pdf=programme_pdf, pdf_made_at=timezone.now(), pdf_error="")
