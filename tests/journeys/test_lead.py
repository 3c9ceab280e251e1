"""The first hour of a SEND lead: from an area with partners to scoring."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from areas.models import Area, Sector
from areas.permissions import Role
from assessments.models import Assessment, QuorumReason
from tests import factories
from tests.conftest import SIX
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def new_area(framework) -> Area:
    """Six partners and a lead, and nothing started."""
    area = factories.AreaFactory(name="Moorland")
    for sector in SIX:
        factories.PartnerFactory(area=area, sector=sector, name=f"Moorland {sector.label}")
    return area


def test_lead_starts_an_assessment_and_opens_scoring(visit: Visit, new_area: Area):
    person = factories.UserFactory(name="Moorland Lead")
    council = new_area.partners.get(sector=Sector.LOCAL_AUTHORITY)
    factories.MembershipFactory(user=person, role=Role.LEAD, area=new_area, partner=council)
    lead = visit()
    lead.sign_in(person)
    lead.page.get_by_role("main").get_by_role("link", name="Moorland", exact=True).click()
    lead.at("Moorland", shot="area-home-new")
    lead.press("Start an assessment")
    closes = timezone.localdate() + timedelta(days=14)
    start(lead, closes)
    choose_partners_but_health(lead)

    lead.at("Autumn assessment", shot="task-list-lead")
    lead.sees("Scoring is open to 5 partners.")
    expect(lead.page.get_by_role("table").get_by_role("row")).to_have_count(6)
    assessment = Assessment.objects.get(area=new_area)
    assert assessment.stage == Assessment.Stage.SCORING
    assert assessment.scoring_closes_on == closes
    assert assessment.moderation_on == closes + timedelta(days=1)
    assert QuorumReason.objects.get(assessment=assessment).reason.startswith("The post is vacant")
    lead.follow("Home")
    lead.at("Moorland", shot="area-home-scoring")


def start(lead: Visitor, closes: date) -> None:
    """Nothing filled in; then a meeting before scoring closes; then all in order."""
    lead.at("Start an assessment", shot="start-assessment")
    lead.press("Continue")
    lead.at("Start an assessment", status=400, shot="start-assessment-errors")
    lead.is_told("Select why you are doing this assessment", "Enter title")
    lead.choose("Baseline")
    lead.fill("Title", "Autumn assessment")
    lead.fill_date("When does scoring close?", closes)
    lead.fill_date("When do you meet to agree levels?", closes - timedelta(days=1))
    lead.press("Continue")
    lead.at("Start an assessment", status=400)
    lead.is_told("The day you meet must be on or after the day scoring closes")
    lead.fill_date("When do you meet to agree levels?", closes + timedelta(days=1))
    lead.press("Continue")


def choose_partners_but_health(lead: Visitor) -> None:
    lead.at("Choose the partners who will score", shot="choose-partners")
    lead.untick("Moorland Health")
    lead.press("Open scoring")
    lead.at("Choose the partners who will score", status=400, shot="choose-partners-errors")
    lead.is_told("Choose a partner from health, or say why there is none")
    reason = lead.page.get_by_label("If no partner from health scores, why not?")
    reason.fill("The post is vacant until January.")
    lead.press("Open scoring")
