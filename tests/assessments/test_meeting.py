"""Meeting mode: one statement, large, for a room."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse

from assessments.models import AgreedScore
from tests.assessments.pages import heading, soup, text
from tests.conftest import Partnership

SLUG = "agency-joint-design"


@pytest.fixture
def meeting(partnership: Partnership) -> Partnership:
    partnership.answer("parent_carers", {SLUG: "1"}, "Nobody came back to us.")
    partnership.answer("health", {SLUG: "cannot_say"}, "We were not there.")
    partnership.reveal({"local_authority": "3", "social_care": "3", "schools": "3"})
    return partnership


def url(meeting: Partnership, slug: str = SLUG) -> str:
    return reverse("assessments:meeting", args=[meeting.assessment.pk, slug])


def test_the_statement_is_the_heading_and_who_is_furthest_comes_first(meeting):
    page = meeting.client("lead").get(url(meeting))

    assert heading(page) == meeting.statement(SLUG).text
    assert "Parent carers speaks first." in text(page) or "Parent carers speak first." in text(page)
    wrote = [row.get_text(" ", strip=True) for row in soup(page).select(".app-whylist dt")]
    assert wrote[0] == "PC Parent carers, level 1"
    assert wrote[-1] == "H Health, cannot say"


def test_saving_goes_to_the_next_statement_in_meeting_mode_with_the_same_clock(meeting):
    lead = meeting.client("lead")
    following = soup(lead.get(url(meeting) + "?minutes=5")).select_one("a[rel=next]")["href"]

    answer = lead.post(
        url(meeting) + "?minutes=5",
        {"version": 0, "answer": "3", "rationale": "We talked.", "outside_reason": ""},
    )

    assert answer.url == following
    assert answer.url.endswith("/meeting/?minutes=5")
    assert AgreedScore.objects.get().rationale == "We talked."


def test_a_refused_form_stays_in_meeting_mode_with_what_was_typed(meeting):
    page = meeting.client("lead").post(
        url(meeting), {"version": 0, "answer": "", "rationale": "Half a sentence"}
    )

    assert page.status_code == 400
    assert "Half a sentence" in text(page)
    assert soup(page).select_one(".app-meetingbar")


@time_machine.travel("2026-11-25T14:00:00Z", tick=False)
def test_the_clock_says_until_when_also_without_a_script(meeting):
    page = meeting.client("lead").get(url(meeting) + "?minutes=10")

    assert "Talk until 14:10" in page.content.decode()


@pytest.mark.parametrize("minutes", ["", "0", "7", "-5", "9" * 30, "x", "%00"])
def test_another_number_of_minutes_is_no_clock(meeting, minutes):
    page = meeting.client("lead").get(url(meeting), {"minutes": minutes})

    assert page.status_code == 200
    assert not soup(page).select("[data-timer]")


def test_partners_follow_without_a_form(meeting):
    page = meeting.client("parent_carers").get(url(meeting))

    assert "Not decided yet." in text(page)
    assert not soup(page).select("#agree")
