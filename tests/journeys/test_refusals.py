"""Pages that say no: what they say, and what becomes of typed text."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from assessments.models import Assessment, Score
from tests.conftest import Partnership
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.browser
APART = "family-every-stage"
TYPED = "We asked forty parents in March."


def test_pages_that_a_person_may_not_open_say_so(visit: Visit, partnership: Partnership):
    pk = partnership.assessment.pk
    health = visit(partnership.people["health"])
    health.go(f"/assessments/{pk}/close-scoring/")
    health.at("You cannot open this page", status=403, shot="403")
    health.follow("Go to your areas and tasks")
    health.at("Your areas and tasks")
    health.go("/assessments/999999/")
    health.at("Page not found", status=404)
    health.go(f"/assessments/{pk}/sign-off/")
    health.at("This cannot be done now", status=409, shot="409")


def test_text_typed_while_scoring_closes_is_given_back(visit: Visit, partnership: Partnership):
    row = partnership.returns["health"]
    health = visit(partnership.people["health"])
    health.go(f"/assessments/{partnership.assessment.pk}/returns/{row.pk}/{APART}/")
    health.choose("Level 2")
    health.fill("Why this answer?", TYPED)
    partnership.move_to(Assessment.Stage.MODERATION)
    health.press("Save and go to the next statement")
    health.at("This cannot be done now", status=409, shot="409-typed")
    health.sees("It is not saved. You can copy it from here.", TYPED)
    assert not Score.objects.filter(reason=TYPED).exists()


def test_whoever_is_signed_out_while_typing_signs_in_and_finds_the_text(
    visit: Visit, partnership: Partnership
):
    row = partnership.returns["health"]
    address = f"/assessments/{partnership.assessment.pk}/returns/{row.pk}/{APART}/"
    health = visit(partnership.people["health"])
    health.go(address)
    health.choose("Level 2")
    health.fill("Why this answer?", TYPED)
    Session.objects.all().delete()
    health.press("Save and go to the next statement")
    health.at("Sign in", shot="signed-out")
    health.fill("Email address", partnership.people["health"].email)
    health.fill("Password", "correct-horse-battery")
    health.press("Sign in")
    health.at("You were signed out before this was saved", shot="kept")
    health.sees(TYPED)
    health.press("Save it now")
    expect(health.page.get_by_role("heading", level=1)).not_to_have_text(
        "You were signed out before this was saved"
    )
    assert Score.objects.get().reason == TYPED
