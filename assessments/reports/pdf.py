"""The report as a tagged PDF."""

from __future__ import annotations

import re

from django.template.loader import render_to_string

from assessments.models import Assessment
from assessments.reports.build import contents_of
from assessments.reports.contents import ReportContents
from assessments.reports.layout import sheets_of
from send_portal.pdf import kept_pdf, render_pdf

# A word that may not fit where it stands; a hash has a line of its own.
LONG_WORD = re.compile(r"(?<!\S)(?![0-9a-f]{64}(?!\S))\S{26,}")
TAG = re.compile(r"<[^>]*>")


def report_html(report: ReportContents) -> str:
    """The whole page from which the PDF is made."""
    html = render_to_string(
        "reports/report_pdf.html", {"report": report, "sheets": sheets_of(report)}
    )
    if LONG_WORD.search(TAG.sub(" ", html)):
        return html.replace('<body class="report">', '<body class="report breaks">', 1)
    return html


def report_pdf(assessment: Assessment, *, shows_partners: bool) -> bytes:
    """The PDF/UA-1 report of an assessment. Raises PdfError when it cannot be made."""
    return render_pdf(report_html(contents_of(assessment, shows_partners=shows_partners)))


def draft_pdf(assessment: Assessment, *, shows_partners: bool) -> bytes:
    """As report_pdf, for what is not stored yet; asked for again unchanged, it is not made again."""
    return kept_pdf(report_html(contents_of(assessment, shows_partners=shows_partners)))
