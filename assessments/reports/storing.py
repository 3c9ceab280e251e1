"""Make the PDFs of a submitted report once, and keep them for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Files:
    """The two PDFs of one report."""

    pdf: bytes
    programme_pdf: bytes


def render(assessment: Assessment) -> Files:
    """Both PDFs, from the snapshot alone. Raises PdfError when one cannot be made."""
    return Files(
        report_pdf(assessment, shows_partners=True), report_pdf(assessment, shows_partners=False)
    )


def store(assessment_id: int) -> bool:
    """Make and keep both PDFs, and tell the area by mail; whether it was this call that did.

    Safe to run twice, and by two workers at once: the first to finish is the one that counts.
    Raises PdfError when they cannot be made.
    """
    stored = (
        StoredReport.objects.without_files()
        .select_related("assessment__area", "assessment__framework")
        .get(assessment_id=assessment_id)
    )
    if stored.has_pdf:
        return False
    files = render(stored.assessment)
    with transaction.atomic():
        kept = StoredReport.objects.without_pdf().filter(pk=stored.pk).update(
            pdf=files.pdf,
            programme_pdf=files.programme_pdf,
            pdf_sha256=hash_of(files.pdf),
            programme_pdf_sha256=hash_of(files.programme_pdf),
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
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(file.read_bytes())
    return f"WeasyPrint {version('weasyprint')}, layout {found.hexdigest()[:8]}"
