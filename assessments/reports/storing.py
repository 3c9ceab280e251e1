"""Make the PDFs of a submitted report once, and keep them for good."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from assessments import emails
from assessments.models import Assessment, StoredReport
from assessments.reports.pdf import report_pdf

# Everything of ours that has a say in what a PDF looks like.
LAYOUT = ("templates/reports", "templates/partials", "static/portal/report.css", "static/portal/fonts",
          "assessments/reports", "assessments/readiness", "send_portal/pdf.py")  # fmt: skip


# The area's copy, and the one without any partner's levels.
Files = tuple[bytes, bytes]


def render(assessment: Assessment) -> Files:
    """Both PDFs, from the snapshot alone. Raises PdfError when one cannot be made."""
    return (
        report_pdf(assessment, shows_partners=True), report_pdf(assessment, shows_partners=False)
    )  # fmt: skip


def read(pk: int) -> Files:
    """Both PDFs as they are stored. Raises ValueError when there are none."""
    pdf, programme_pdf = StoredReport.objects.values_list("pdf", "programme_pdf").get(pk=pk)
    if pdf is None or programme_pdf is None:
        raise ValueError("This report has no PDF.")
    return bytes(pdf), bytes(programme_pdf)


def store(assessment_id: int) -> bool:
    """Make and keep both PDFs, and tell the area by mail; whether it was this call that did.

    Safe to run twice, and by two workers at once: the first to finish is the one that counts.
    Raises PdfError when they cannot be made.
    """
    stored = (
        StoredReport.objects.without_files()
        .select_related("assessment__area")
        .get(assessment_id=assessment_id)
    )
    if stored.has_pdf:
        return False
    pdf, programme_pdf = render(stored.assessment)
    with transaction.atomic():
        kept = StoredReport.objects.without_pdf().filter(pk=stored.pk).update(
            pdf=pdf,
            programme_pdf=programme_pdf,
            pdf_sha256=hash_of(pdf),
            programme_pdf_sha256=hash_of(programme_pdf),
            pdf_made_at=timezone.now(),
            pdf_made_with=made_with(),
            pdf_error="",
            pdf_failed_at=None,
            pdf_try_at=None,
        )  # fmt: skip
        if kept:
            emails.report_ready(stored.assessment)
    return bool(kept)


def hash_of(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


@lru_cache(maxsize=1)
def made_with() -> str:
    """The versions on which the bytes of a PDF depend: WeasyPrint's, and a hash of our layout."""
    found = hashlib.sha256()
    for name in LAYOUT:
        path = Path(settings.BASE_DIR) / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.*")):
            if file.is_file() and not {"__pycache__", "exports"} & set(file.parts):
                found.update(file.read_bytes())
    return f"WeasyPrint {version('weasyprint')}, layout {found.hexdigest()[:8]}"
