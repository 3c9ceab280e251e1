"""The closing day passes: the lead gives more time, to one and to all; and reminders are stopped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from assessments.models import Assessment
from assessments.reports.words import day
from send_portal.models import Mail
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def late(partnership: Partnership) -> Partnership:
    """Scoring closed the day before yesterday; only the council has submitted."""
    Assessment.objects.update(scoring_closes_on=timezone.localdate() - timedelta(days=2))
    partnership.mark_submitted("local_authority")
    return partnership


@everywhere
def test_lead_gives_one_partner_and_then_all_more_time(visit: Visit, late: Partnership):
    today = timezone.localdate()
    until, closes = today + timedelta(days=2), today + timedelta(days=5)
    lead, health = visit(late.people["lead"]), visit(late.people["health"])
    is_told_to_ask(health, late)
    give_grace(lead, late, until)
    health.go(late.assessment.get_absolute_url())
    health.at("Autumn assessment")
    health.sees(f"You have more time, until {day(until)}, in 2 days.")
    health.press("Start scoring")
    expect(health.page.get_by_role("button", name="Save and stop for now")).to_be_visible()
    health.check()
    change_dates(lead, closes)
    assert Assessment.objects.get().scoring_closes_on == closes
    assert Mail.objects.filter(to=late.people["health"].email).count() == 2


def is_told_to_ask(health: Visitor, late: Partnership) -> None:
    health.go(late.area.get_absolute_url())
    health.at("Moorland", shot="area-home-late")
    health.sees("2 days late.", "Ask the lead for more time for Moorland Health")
    health.press("See your answers")
    health.at("The scores of Moorland Health", shot="return-late")
    expect(health.page.get_by_role("button", name="Submit our scores")).to_have_count(0)


def give_grace(lead: Visitor, late: Partnership, until: date) -> None:
    lead.go(late.area.get_absolute_url())
    lead.at("Moorland", shot="area-home-late-lead")
    lead.follow("Give more time to Moorland Health")
    lead.at("Give Moorland Health more time")
    lead.press("Give more time")
    lead.at("Give Moorland Health more time", status=400, shot="grace-errors")
    lead.is_told("Enter the last day to score", "Say why this partner needs more time")
    lead.fill_date("Until when may this partner score?", until)
    lead.fill("Why does this partner need more time?", "Staff were ill.")
    lead.press("Give more time")
    lead.at("Autumn assessment", shot="task-list-grace")
    lead.sees(f"Moorland Health can score until the end of {day(until)}.")


def change_dates(lead: Visitor, closes: date) -> None:
    lead.follow("Change the days")
    lead.at("Change the days", shot="change-dates")
    lead.press("Change the days")
    lead.at("Change the days", status=400, shot="change-dates-errors")
    lead.is_told("Change at least one day", "Say why you are changing the days")
    lead.fill_date("When does scoring close?", closes)
    lead.fill("Why are you changing the days?", "Half-term came in between.")
    lead.press("Change the days")
    lead.at("Autumn assessment")
    lead.sees("The days are changed.")


@everywhere
def test_reminders_are_stopped_from_a_mail_and_wanted_again(visit: Visit, late: Partnership):
    person = late.people["health"]
    reader = visit()
    reader.go(reverse("areas:stop-reminders", args=[person.reminders_token]))
    reader.at("Stop reminders", shot="stop-reminders")
    reader.press("Stop reminders")
    reader.at("Reminders are off", shot="reminders-off")
    person.refresh_from_db()
    assert not person.wants_reminders

    own = visit(person)
    own.go("/account/details/")
    own.at("My details", shot="my-details")
    own.sees("You get no reminders.")
    own.follow("Change this")
    own.at("Reminders", shot="reminders")
    own.choose("Yes")
    own.press("Save")
    own.at("My details")
    own.sees("You get reminders by email.")
    person.refresh_from_db()
    assert person.wants_reminders


def test_typed_text_comes_back_when_the_closing_day_ends_meanwhile(
    visit: Visit, partnership: Partnership
):
    row = partnership.returns["health"]
    health = visit(partnership.people["health"])
    health.go(reverse("assessments:score", args=[row.assessment_id, row.pk, "agency-joint-design"]))
    health.choose("Level 2")
    Assessment.objects.update(scoring_closes_on=timezone.localdate() - timedelta(days=1))
    health.fill("Why this answer?", "Typed at midnight.")
    health.press("Save and go to the next statement")
    health.at("This cannot be done now", status=409, shot="closing-day-passed")
    health.sees("Scoring closed on", "Typed at midnight.")
