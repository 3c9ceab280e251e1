"""Jobs for the worker. Each takes ids, is safe to run twice, and leaves the rules to others."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from assessments.models import StoredReport
from assessments.reports.pdf import report_pdf
from send_portal.pdf import PdfError


@task()
def store_report_pdf(assessment_id: int) -> None:
    """Make the two PDFs of a submitted assessment once and keep them.

    When it cannot be made, that is kept too, for the page to say; the assessment stays as it is.
    """
    stored = StoredReport.objects.select_related("assessment__framework").get(
        assessment_id=assessment_id
    )
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
