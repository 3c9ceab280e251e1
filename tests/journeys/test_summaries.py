"""A lead shows the summary for families to everyone; a parent reads it; it is taken away again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from assessments.models import PublishedSummary
from tests.assessments.shortcuts import agree, lay_evidence, submit
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
PLACE = "/areas/moorland/summary/"
CONTACT = "How can families get in touch? (optional)"


@pytest.fixture
def submitted(partnership: Partnership) -> Partnership:
    partnership.reveal({"health": "4"})
    levels = {s.slug: str(s.number % 4 + 1) for s in partnership.statements}
    agree(partnership, levels)
    lay_evidence(partnership)
    submit(partnership)
    return partnership


@everywhere
def test_lead_publishes_the_summary_and_takes_it_away(visit: Visit, submitted: Partnership):
    parent = visit()
    parent.go(PLACE)
    parent.at("Page not found", status=404)

    lead = visit(submitted.people["lead"])
    lead.go(f"/assessments/{submitted.assessment.pk}/report/")
    lead.at("Readiness report, Autumn assessment", shot="report-summaries")
    expect(lead.page.get_by_role("link", name="Board summary, four pages (PDF)")).to_be_visible()
    lead.follow("Summary for families")
    lead.at("Summary for families", shot="family-summary")
    shows_it(lead)
    reads_it(parent)
    changes_it(lead)
    # Not from what the browser kept, but as somebody who comes now.
    another = visit()
    another.go(PLACE)
    another.sees("Ring the forum on 01234 567890.")
    takes_it_away(lead)
    somebody = visit()
    somebody.go(PLACE)
    somebody.at("Page not found", status=404)
    assert not PublishedSummary.objects.public().exists()


def shows_it(lead: Visitor) -> None:
    lead.sees("It is not public.")
    lead.follow("Show it to everyone")
    lead.at("Show the summary for families to everyone", shot="publish-summary")
    lead.fill(CONTACT, "Write to hello@forum.example")
    lead.press("Show it to everyone")
    lead.at("Show the summary for families to everyone", status=400, shot="publish-summary-refused")
    lead.is_told("Confirm that you have read the summary and that everyone can see it")
    expect(lead.page.get_by_label(CONTACT)).to_have_value("Write to hello@forum.example")
    lead.tick("I have read the summary, and the partnership agrees that everyone can see it")
    lead.press("Show it to everyone")
    lead.at("Summary for families", shot="family-summary-public")
    lead.sees("Everyone can read the summary now.", "Write to hello@forum.example")


def reads_it(parent: Visitor) -> None:
    parent.go(PLACE)
    parent.at("How well do we work together?", shot="public-summary")
    parent.sees("What goes well", "How to have your say", "Write to hello@forum.example")
    link = parent.page.get_by_role("link", name="Print this page, or keep it (PDF)")
    answer = parent.page.request.get(parent.home + (link.get_attribute("href") or ""))
    assert answer.body().startswith(b"%PDF")


def changes_it(lead: Visitor) -> None:
    lead.follow("Change how families get in touch")
    lead.at("Change the public summary for families")
    lead.fill(CONTACT, "Ring the forum on 01234 567890.")
    lead.tick("I have read the summary, and the partnership agrees that everyone can see it")
    lead.press("Save")
    lead.at("Summary for families")


def takes_it_away(lead: Visitor) -> None:
    lead.follow("Stop showing it to everyone")
    lead.at("Stop showing the summary for families", shot="withdraw-summary")
    lead.press("Stop showing it")
    lead.at("Summary for families")
    lead.sees("The summary is no longer public.", "It is not public.")
