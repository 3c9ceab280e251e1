"""What the script on a page gets back when it saves in the background."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse

from areas.models import AuditEvent
from assessments.models import AgreedScore, Score
from tests.conftest import Partnership

SLUG = "agency-joint-design"
NOON = "2026-11-25T12:00:00Z"


def post(client, address, **data):
    return client.post(address, {"version": 0, **data}, headers={"X-Autosave": "1"})


@pytest.fixture
def score_url(partnership: Partnership) -> str:
    row = partnership.returns["health"]
    return reverse("assessments:score", args=[row.assessment_id, row.pk, SLUG])


@pytest.fixture
def agreed_url(partnership: Partnership) -> str:
    partnership.reveal({"health": "3"})
    return reverse("assessments:moderate", args=[partnership.assessment.pk, SLUG])


def test_a_level_is_saved_and_the_page_told_when_and_as_which_version(partnership, score_url):
    with time_machine.travel(NOON, tick=False):
        answer = post(partnership.client("health"), score_url, answer="3", reason="We meet.")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        "state": "saved", "words": "Saved at 12:00", "version": 1, "answered": True,
    }  # fmt: skip
    row = Score.objects.get()
    assert (row.answer, row.reason) == ("3", "We meet.")


def test_half_an_answer_is_saved_too(partnership, score_url):
    answer = post(partnership.client("health"), score_url, answer="", reason="Half a thou")

    assert answer.json()["answered"] is False
    assert Score.objects.get().reason == "Half a thou"


def test_looking_only_saves_nothing(partnership, score_url):
    answer = post(partnership.client("health"), score_url, answer="", reason="")

    assert answer.json() == {"state": "blank", "words": "Not answered yet"}
    assert not Score.objects.exists()


def test_what_is_not_complete_is_said_and_not_saved(partnership, score_url):
    answer = post(partnership.client("health"), score_url, answer="not_applicable", reason="")

    assert answer.status_code == 200, "nothing is wrong yet"
    assert answer.json() == {
        "state": "incomplete",
        "words": "Not saved yet. Say why this statement does not apply",
    }
    assert not Score.objects.exists()


def test_another_persons_newer_answer_is_not_overwritten(partnership, score_url):
    client = partnership.client("health")
    post(client, score_url, answer="2", reason="First")

    answer = post(partnership.client("lead"), score_url, answer="4")
    again = post(client, score_url, answer="4", reason="Second window")

    assert answer.status_code == 404, "the lead does not score for health"
    assert again.status_code == 409
    assert again.json() == {"state": "conflict", "words": "Not saved. You changed this answer."}
    assert Score.objects.get().reason == "First"


def test_when_scoring_is_closed_it_says_so(partnership, score_url):
    partnership.mark_submitted("health")

    answer = post(partnership.client("health"), score_url, answer="2")

    assert answer.status_code == 409
    assert answer.json()["state"] == "closed"
    assert answer.json()["words"].startswith("Not saved. These scores have been submitted.")


def test_an_agreed_level_is_saved_with_its_reason_only(partnership, agreed_url):
    lead = partnership.client("lead")

    early = post(lead, agreed_url, answer="2", rationale="", outside_reason="")
    late = post(lead, agreed_url, answer="2", rationale="Five say so.", outside_reason="")

    assert early.json()["words"] == "Not saved yet. Write why you agreed this"
    assert late.json()["state"] == "saved"
    assert AgreedScore.objects.get().rationale == "Five say so."


def test_saving_in_the_background_is_no_way_round_a_right(partnership, agreed_url):
    answer = post(partnership.client("health"), agreed_url, answer="2", rationale="Mine.")

    assert answer.status_code == 403
    assert not AgreedScore.objects.exists()


def test_the_log_tells_one_sitting_once(partnership, score_url):
    client = partnership.client("health")
    with time_machine.travel(NOON, tick=False) as now:
        for version, reason in enumerate(["W", "We", "We meet"]):
            post(client, score_url, version=version, answer="2", reason=reason)
        now.shift(601)
        post(client, score_url, version=3, answer="3", reason="We meet")

    assert AuditEvent.objects.filter(verb="score.save").count() == 2
