"""A report whose PDF is being made: the page says when it is ready, and what can be done if it failed."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from assessments.models import StoredReport
from assessments.tasks import store_report_pdf
from tests.assessments.shortcuts import agree, submit
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere

pytestmark = pytest.mark.browser


@pytest.fixture
def submitted(partnership: Partnership) -> Partnership:
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    return partnership


@everywhere
def test_lead_waits_for_the_pdf_and_opens_it(visit: Visit, submitted: Partnership):
    lead = visit(submitted.people["lead"])
    report = f"/assessments/{submitted.assessment.pk}/report/"
    lead.go(report)
    lead.at("Readiness report, Autumn assessment", shot="pdf-being-made")
    lead.sees("The PDF is being made. This usually takes less than a minute.")
    store_report_pdf.call(submitted.assessment.pk)
    if lead.window.javascript:
        expect(lead.page.get_by_role("status")).to_contain_text("The PDF is ready.")
        link = lead.page.get_by_role("link", name="Open the PDF")
    else:
        lead.follow("Check again")
        link = lead.page.get_by_role("link", name="PDF", exact=True)
    expect(link).to_have_attribute("href", f"/assessments/{submitted.assessment.pk}/report.pdf")
    assert not lead.faults


@everywhere
def test_lead_has_a_failed_pdf_made_again(visit: Visit, submitted: Partnership):
    StoredReport.objects.update(pdf_failed_at=timezone.now(), pdf_error="It could not be made.")
    lead = visit(submitted.people["lead"])
    lead.go(f"/assessments/{submitted.assessment.pk}/report/")
    lead.at("Readiness report, Autumn assessment", shot="pdf-failed")
    lead.sees("The PDF could not be made.")
    lead.press("Make the PDF again")
    lead.at("Readiness report, Autumn assessment", shot="pdf-made-again")
    lead.sees("The PDF is being made again.", "This usually takes less than a minute.")
