"""The report as a tagged PDF."""

from __future__ import annotations

from django.template.loader import render_to_string

from assessments.models import Assessment
from assessments.reports.build import contents_of
from assessments.reports.contents import ReportContents
from send_portal.pdf import kept_pdf, render_pdf


def report_html(report: ReportContents) -> str:
    """The whole page from which the PDF is made."""
    return render_to_string("reports/report_pdf.html", {"report": report})


def report_pdf(assessment: Assessment, *, shows_partners: bool) -> bytes:
    """The PDF/UA-1 report of an assessment. Raises PdfError when it cannot be made."""
    return render_pdf(report_html(contents_of(assessment, shows_partners=shows_partners)))


def draft_pdf(assessment: Assessment, *, shows_partners: bool) -> bytes:
    """As report_pdf, for what is not stored yet; asked for again unchanged, it is not made again."""
    return kept_pdf(report_html(contents_of(assessment, shows_partners=shows_partners)))
