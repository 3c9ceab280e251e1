"""What happened, act by act: the history with its filters, and the minutes of the meeting."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from assessments.actions import moderation, scoring
from assessments.models import Assessment
from assessments.views.moderation import Meeting
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def met(partnership: Partnership) -> Partnership:
    """Everyone submitted; the meeting agreed one statement, changed its mind, and heard dissent."""
    for sector, row in partnership.returns.items():
        partnership.answer(sector, "1" if sector == "parent_carers" else "3")
        scoring.submit_return(partner_return=row, by=partnership.people[sector])
    lead, statement = partnership.people["lead"], partnership.statements[0]
    partnership.assessment.refresh_from_db()
    for version, answer in enumerate("32"):
        moderation.save_agreed(
            assessment=partnership.assessment, statement=statement,
            agreement=agreement(partnership), answer=answer, rationale=f"Reason {version}.",
            outside_reason="", version=version, by=lead,
        )  # fmt: skip
    moderation.record_dissent(
        partner_return=partnership.returns["parent_carers"], statement=statement,
        text="Families would say 1.", by=partnership.people["parent_carers"],
    )  # fmt: skip
    assert partnership.assessment.stage == Assessment.Stage.MODERATION
    return partnership


def agreement(own: Partnership):
    return Meeting(own.assessment).picture.statements[own.statements[0].slug].agreement


@everywhere
def test_lead_finds_a_dissent_in_the_history_and_reads_the_minutes(visit: Visit, met: Partnership):
    lead = visit(met.people["lead"])
    lead.go(met.area.get_absolute_url())
    lead.at(met.area.name)
    lead.sees("What happened lately", "recorded dissent for Moorland Parent carers on")
    lead.follow("See the whole history")
    finds_the_dissent(lead)
    mistypes_a_day(lead)
    lead.go(f"/assessments/{met.assessment.pk}/moderation/")
    lead.follow("Minutes of the meeting")
    lead.at("Minutes of the meeting", shot="minutes")
    lead.sees(
        "changed it from level 3 to level 2", "Families would say 1.", "Left undecided",
        "The meeting is not finished.",
    )  # fmt: skip


def finds_the_dissent(lead: Visitor) -> None:
    lead.at("History", shot="history")
    lead.page.get_by_label("Kind of act").select_option("Moderation")
    lead.fill("Words in it", "dissent")
    lead.press("Apply filters")
    lead.at("History", shot="history-filtered")
    expect(lead.page.get_by_role("status")).to_contain_text("1 act.")
    acts = lead.page.locator(".app-history").get_by_role("listitem")
    expect(acts).to_have_count(1)
    expect(acts).to_contain_text("recorded dissent for Moorland Parent carers on")
    assert "kind=moderation" in lead.page.url
    with lead.page.expect_download() as download:
        lead.page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("moorland-history-")


def mistypes_a_day(lead: Visitor) -> None:
    lead.page.get_by_text("Filter by partner, assessment or day").click()
    day = lead.page.get_by_role("group", name="From day", exact=True)
    for part, number in (("Day", "31"), ("Month", "2"), ("Year", "2026")):
        day.get_by_label(part, exact=True).fill(number)
    lead.press("Apply filters")
    lead.at("History", status=400, shot="history-errors")
    lead.is_told("From day must be a real date")
