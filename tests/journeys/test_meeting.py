"""A moderation meeting with a projector: large type, one statement after the other, a clock."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from assessments.models import AgreedScore
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere

pytestmark = pytest.mark.browser


@everywhere
def test_a_meeting_goes_from_statement_to_statement(visit: Visit, partnership: Partnership):
    partnership.reveal({"health": "3", "parent_carers": "1"})
    # Those that parent carers scored are furthest apart.
    first, second = [s for s in partnership.statements if s.families_can_score][:2]
    lead = visit()
    lead.sign_in(partnership.people["lead"])
    lead.go(f"/assessments/{partnership.assessment.pk}/moderation/{first.slug}/")
    lead.at(f"{first.code} {first.title}")
    lead.follow("Show it large, for a meeting")
    lead.at(first.text, shot="meeting")
    lead.press("5 minutes")
    lead.at(first.text)
    expect(lead.page.locator(".app-timer")).to_have_text(
        re.compile(r"(Talk until \d\d:\d\d|[45]:\d\d left)")
    )
    lead.page.locator("#agree").get_by_role("radio", name="Level 2").check(force=True)
    lead.fill("Why did you agree this?", "Four of six say so.")
    lead.press("Save and next")
    lead.at(second.text)
    expect(lead.page.locator(".app-timer")).to_be_visible()
    lead.page.locator(".app-meetingbar a[rel=prev]").click()
    lead.at(first.text, shot="meeting-decided")
    lead.sees("1 decided.")
    lead.follow("Leave meeting mode")
    lead.at(f"{first.code} {first.title}")

    assert AgreedScore.objects.get().rationale == "Four of six say so."
