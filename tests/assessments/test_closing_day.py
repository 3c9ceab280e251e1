"""The closing day holds, to the minute in London, unless the lead gives more time."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from assessments.actions.errors import NotNowError
from assessments.actions.evidence import link_evidence
from assessments.actions.scoring import save_score, submit_return, withdraw_return
from assessments.models import Assessment, PartnerReturn, Score
from tests.assessments.days import CLOSES, at, grace, set_days
from tests.assessments.pages import soup, text
from tests.factories import EvidenceFactory

SLUG = "agency-joint-design"
TOLD = "Scoring closed on 17 July 2026, so these scores cannot be changed or submitted any more."


def save(partnership, sector="health", answer="3"):
    score = Score.objects.filter(
        partner_return=partnership.returns[sector], statement__slug=SLUG
    ).first()
    return save_score(
        partner_return=partnership.returns[sector],
        statement=partnership.statement(SLUG),
        answer=answer,
        reason="",
        version=score.version if score else 0,
        by=partnership.people["lead"],
    )


@pytest.mark.parametrize(
    ("closes", "last_utc", "first_utc"),
    [
        ("2026-07-17", "2026-07-17 22:59:59", "2026-07-17 23:00:00"),  # summer time
        ("2026-11-27", "2026-11-27 23:59:59", "2026-11-28 00:00:00"),  # winter time
        ("2026-03-29", "2026-03-29 22:59:59", "2026-03-29 23:00:00"),  # clocks go forward
        ("2026-10-25", "2026-10-25 23:59:59", "2026-10-26 00:00:00"),  # clocks go back
    ],
)
def test_scores_are_taken_until_the_last_second_in_london(partnership, closes, last_utc, first_utc):
    set_days(partnership, date.fromisoformat(closes))
    with time_machine.travel(f"{last_utc}+00:00", tick=False):
        assert save(partnership).answer == "3"
    with (
        time_machine.travel(f"{first_utc}+00:00", tick=False),
        pytest.raises(NotNowError, match="Scoring closed on"),
    ):
        save(partnership, answer="4")
    assert Score.objects.get().answer == "3"


def test_a_complete_return_cannot_be_submitted_the_day_after(partnership):
    set_days(partnership)
    partnership.answer("health", "2")
    row, by = partnership.returns["health"], partnership.people["health"]
    with at(CLOSES + timedelta(days=1), "00:00"), pytest.raises(NotNowError, match="17 July 2026"):
        submit_return(partner_return=row, by=by)
    with at(CLOSES, "23:59"):
        submit_return(partner_return=row, by=by)
    row.refresh_from_db()
    assert row.is_submitted


def test_what_was_submitted_in_time_is_not_taken_back_the_day_after(partnership):
    """It could not be submitted again."""
    set_days(partnership)
    partnership.answer("health", "2")
    partnership.mark_submitted("health")
    with at(CLOSES + timedelta(days=1)), pytest.raises(NotNowError, match="17 July 2026"):
        withdraw_return(
            partner_return=partnership.returns["health"], by=partnership.people["health"]
        )


def test_evidence_is_linked_no_longer_than_scores_are_taken(partnership):
    set_days(partnership)
    item = EvidenceFactory(owner=partnership.partners["health"])
    with at(CLOSES + timedelta(days=1)), pytest.raises(NotNowError):
        link_evidence(
            assessment=partnership.assessment,
            statement=partnership.statement(SLUG),
            evidence=item,
            partner_return=partnership.returns["health"],
            by=partnership.people["health"],
        )


def test_typed_text_comes_back_when_the_day_ended_meanwhile(partnership):
    set_days(partnership)
    row = partnership.returns["health"]
    url = reverse("assessments:score", args=[row.assessment_id, row.pk, SLUG])
    with at(CLOSES + timedelta(days=1), "00:01"):
        response = partnership.client("health").post(
            url, {"answer": "3", "reason": "Typed at midnight", "version": "0"}
        )
    assert response.status_code == 409
    said = text(response)
    assert TOLD in said
    assert "The SEND lead of your area can give you more time." in said
    assert "Typed at midnight" in said
    assert not Score.objects.exists()


def test_autosave_says_so_too(partnership):
    set_days(partnership)
    row = partnership.returns["health"]
    url = reverse("assessments:score", args=[row.assessment_id, row.pk, SLUG])
    data = {"answer": "3", "reason": "", "version": "0", "then": "next"}
    with at(CLOSES + timedelta(days=1)):
        response = partnership.client("health").post(url, data, headers={"X-Autosave": "1"})
    assert response.status_code == 409
    assert TOLD in response.json()["words"]


def test_pages_of_a_late_return_say_so_and_offer_nothing_that_fails(partnership):
    set_days(partnership)
    partnership.answer("health", "2")
    row = partnership.returns["health"]
    with at(CLOSES + timedelta(days=1)):
        client = partnership.client("health")
        whole = soup(client.get(reverse("assessments:return", args=[row.assessment_id, row.pk])))
        one = soup(client.get(reverse("assessments:score", args=[row.assessment_id, row.pk, SLUG])))
    assert "Scoring closed on 17 July 2026 before these scores were submitted" in whole.main.text
    assert whole.main.select("form") == []
    assert "Scoring closed on 17 July 2026" in one.main.text
    assert one.main.select("button[value=next]") == []


def test_the_passing_of_the_day_reveals_nothing(partnership):
    """All but one submitted: the lead closes scoring, and says why."""
    set_days(partnership)
    for sector in partnership.returns:
        if sector != "health":
            partnership.answer(sector, "2")
            partnership.mark_submitted(sector)
    with at(CLOSES + timedelta(days=5)):
        client = partnership.client("lead")
        client.get(partnership.area.get_absolute_url())
        page = client.get(partnership.assessment.get_absolute_url())
    partnership.assessment.refresh_from_db()
    assert partnership.assessment.stage == Assessment.Stage.SCORING
    assert "Close scoring: the closing day has passed" in text(page)


# ---- More time for one partner -----------------------------------------------------------------


def test_grace_opens_one_return_until_its_own_midnight(partnership):
    set_days(partnership)
    until = CLOSES + timedelta(days=3)
    grace(partnership, "health", until)
    with at(until, "23:59"):
        save(partnership)
        with pytest.raises(NotNowError):
            save(partnership, "schools")
    with at(until + timedelta(days=1), "00:00"), pytest.raises(NotNowError, match="20 July 2026"):
        save(partnership, answer="4")


def test_a_later_day_for_all_outlasts_grace(partnership):
    set_days(partnership)
    grace(partnership, "health", CLOSES + timedelta(days=1))
    Assessment.objects.update(scoring_closes_on=CLOSES + timedelta(days=4))
    row = PartnerReturn.objects.select_related("assessment").get(sector="health")
    assert row.closes_on == CLOSES + timedelta(days=4)
    assert not row.has_grace


def test_the_last_partner_to_submit_in_its_grace_reveals_all(partnership):
    set_days(partnership)
    grace(partnership, "health", CLOSES + timedelta(days=3))
    for sector in partnership.returns:
        partnership.answer(sector, "2")
        if sector != "health":
            partnership.mark_submitted(sector)
    with at(CLOSES + timedelta(days=2)):
        assert submit_return(
            partner_return=partnership.returns["health"], by=partnership.people["health"]
        )


# ---- The demonstration -------------------------------------------------------------------------


def test_a_demonstration_loaded_three_weeks_ago_still_lets_a_newcomer_score(framework, settings):
    from assessments.actions.demonstration import load_demonstration

    with at("2026-07-01"):
        load_demonstration(folder=settings.FIXTURES / "demo")
    with at("2026-07-22"):
        eastvale = Assessment.objects.get(area__name="Eastvale", stage="scoring")
        assert not eastvale.closing_has_passed
        assert any(row.is_open for row in eastvale.returns.all())
