"""Have the PDF of a submitted report made again after it was given up."""

from __future__ import annotations

from django.db import transaction

from areas.actions import record
from areas.models import Audience, User
from assessments import tasks
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, StoredReport


@transaction.atomic
def make_pdf_again(*, assessment: Assessment, by: User) -> bool:
    """Queue the PDF once more; False when another click did, and it is being made already.

    Raises NotNowError when there is nothing to make: a draft, or a PDF that is stored.
    """
    rows = StoredReport.objects.filter(assessment=assessment)
    # The row is the lock: of several who ask at once, one changes it.
    changed = rows.without_pdf().filter(pdf_failed_at__isnull=False).update(
        pdf_failed_at=None, pdf_attempts=0, pdf_try_at=None, pdf_error=""
    )  # fmt: skip
    if not changed:
        if not rows.being_made().exists():
            raise NotNowError(
                "This report has its PDF, which is never made again."
                if assessment.is_submitted
                else "The PDF of a draft is made each time somebody opens it."
            )
        return False
    record(
        "report.make_pdf_again",
        f"asked for the PDF of ‘{assessment.name}’ to be made again",
        by=by,
        area=assessment.area,
        assessment_id=assessment.pk,
        audience=Audience.AREA,
    )
    tasks.store_report_pdf.enqueue(assessment.pk)
    return True
