"""A new picture starts from the last one: it is told beside each question and answers none."""

import pytest
from django.urls import reverse

from assessments.models import AgreedScore, Assessment, Score
from assessments.reports.last_time import last_time
from tests.assessments.pages import chosen, soup, text
from tests.assessments.shortcuts import agree, next_assessment, submit
from tests.factories import FrameworkFactory

FIRST = "agency-joint-design"


@pytest.fixture
def again(partnership):
    """A second assessment, whose baseline agreed level 2 everywhere but once."""
    partnership.reveal()
    levels = {row.slug: "2" for row in partnership.statements} | {"agency-safe-learning": "4"}
    agree(partnership, levels, rationale="Joint plans, no shared data.")
    submit(partnership)
    return next_assessment(partnership)


def score_page(own, statement=FIRST):
    row = own.returns["health"]
    address = reverse("assessments:score", args=[row.assessment_id, row.pk, statement])
    return own.client("health").get(address)


def told(response):
    found = soup(response).find(
        lambda tag: tag.name == "details" and "agreed last time" in tag.summary.get_text()
    )
    return " ".join(found.get_text().split()) if found else ""


def test_the_first_picture_has_no_last_time(partnership):
    assert told(score_page(partnership)) == ""


def test_what_was_agreed_is_told_and_answers_nothing(again):
    response = score_page(again)
    found = told(response)
    assert f"Level 2, in {again.assessment.baseline.title} of" in found
    assert "“Joint plans, no shared data.”" in found
    assert chosen(response, "answer") == []
    assert "0 answered, 32 left" in text(response)
    assert not Score.objects.filter(partner_return__assessment=again.assessment).exists()
    assert not AgreedScore.objects.filter(assessment=again.assessment).exists()


def test_a_level_that_was_not_evidenced_says_so(again):
    assert "Level 4, not evidenced" in told(score_page(again, "agency-safe-learning"))


@pytest.mark.parametrize("room", ["moderate", "meeting"])
def test_the_meeting_is_told_too(again, room):
    again.reveal({"schools": {FIRST: "4"}})
    address = reverse(f"assessments:{room}", args=[again.assessment.pk, FIRST])
    response = again.client("lead").get(address)
    words = "Last time you agreed level 2" if room == "moderate" else "Last time: level 2."
    assert words in text(response)
    assert chosen(response, "answer") == []


def test_another_version_of_the_framework_is_not_compared(again):
    statement = again.statement(FIRST)
    again.assessment.framework = FrameworkFactory()
    again.assessment.save()
    assert last_time(Assessment.objects.get(pk=again.assessment.pk), statement) is None
