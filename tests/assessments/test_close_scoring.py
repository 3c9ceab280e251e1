"""Close scoring before every partner has submitted."""

import pytest
from django.urls import reverse

from areas.models import AuditEvent
from assessments.actions.errors import NotNowError, NotReadyError
from assessments.actions.scoring import _reveal, close_scoring
from assessments.models import Assessment
from assessments.reports.build import contents_of
from assessments.reports.contents import Reason
from tests.assessments.pages import held, problems, sentences, soup, text
from tests.assessments.shortcuts import submit

REASON = "Health has no officer this term."


def url(partnership):
    return reverse("assessments:close-scoring", args=[partnership.assessment.pk])


@pytest.fixture
def waiting(partnership):
    """All have submitted but health, which has half done it."""
    partnership.answer("health", {"agency-joint-design": "4"}, reason="Planted half-done")
    for sector in partnership.returns:
        if sector != "health":
            partnership.answer(sector, "2")
            partnership.mark_submitted(sector)
    return partnership


def close(partnership, reason=REASON):
    return partnership.client("lead").post(url(partnership), {"reason": reason}, follow=True)


def test_close_page_names_who_has_not_submitted(waiting):
    page = soup(waiting.client("lead").get(url(waiting)))
    assert [li.get_text() for li in page.main.select("ul.govuk-list--bullet li")] == [
        "Moorland Health"
    ]


def test_close_without_a_reason_is_refused(waiting):
    response = waiting.client("lead").post(url(waiting), {"reason": " \n "})
    assert problems(response) == ["Say why you are closing scoring now"]
    assert Assessment.objects.get().stage == Assessment.Stage.SCORING


def test_close_with_a_reason_over_500_characters_is_refused_and_kept(waiting):
    response = waiting.client("lead").post(url(waiting), {"reason": "W" * 501})
    assert problems(response) == ["Why are you closing scoring now must be 500 characters or fewer"]
    assert held(response, "reason") == "W" * 501


def test_close_with_nothing_submitted_is_refused_with_the_text(partnership):
    response = close(partnership)
    assert response.status_code == 409
    assert "No partner has submitted yet, so there is nothing to reveal." in text(response)
    assert REASON in text(response)
    assert AuditEvent.objects.count() == 0


def test_close_reveals_and_shows_the_reason_to_all(waiting):
    response = close(waiting)
    assert "Scoring is closed. Every partner can now see all the scores." in text(response)
    assessment = Assessment.objects.get()
    assert assessment.stage == Assessment.Stage.MODERATION
    assert (assessment.reveal_reason, assessment.revealed_by) == (REASON, waiting.people["lead"])
    address = reverse("assessments:moderation", args=[assessment.pk])
    for who in ("schools", "parent_carers", "health"):
        assert REASON in text(waiting.client(who).get(address))
    assert REASON in text(waiting.client("health_board").get(assessment.get_absolute_url()))
    assert sentences() == [
        "Moorland Lead closed scoring early and revealed all scores of ‘Autumn assessment’"
    ]
    assert AuditEvent.objects.get().details == {"reason": REASON}


def test_close_prints_the_reason_in_the_report(waiting):
    close(waiting)
    waiting.assessment.refresh_from_db()
    assert contents_of(waiting.assessment).reasons == (
        Reason("Scoring was closed before every partner had submitted", REASON),
    )


def test_half_done_scores_of_who_did_not_submit_appear_nowhere(waiting):
    close(waiting)
    pk = waiting.assessment.pk
    names = ["task-list", "moderation", "report", "report-statements"]
    pages = [reverse(f"assessments:{name}", args=[pk]) for name in names]
    pages.append(reverse("assessments:moderate", args=[pk, "agency-joint-design"]))
    for who in ("lead", "schools"):
        for address in pages:
            response = waiting.client(who).get(address)
            assert response.status_code == 200
            assert "Planted" not in text(response)
    waiting.assessment.refresh_from_db()
    statement = contents_of(waiting.assessment).statements[0]
    assert [answer.partner.code for answer in statement.answers] == ["C", "SC", "S", "PC", "YP"]
    assert {answer.level for answer in statement.answers} == {2}
    submit(waiting)
    assert "Planted" not in waiting.assessment.stored_report.facts


def test_half_done_scores_stay_readable_for_their_own_partner(waiting):
    close(waiting)
    row = waiting.returns["health"]
    own = reverse("assessments:return", args=[row.assessment_id, row.pk])
    assert "Planted half-done" in text(waiting.client("health").get(own))


def test_close_twice_is_refused_with_the_text(waiting):
    close(waiting)
    response = close(waiting, "A second reason")
    assert response.status_code == 409
    assert "A second reason" in text(response)
    assert Assessment.objects.get().reveal_reason == REASON


@pytest.mark.parametrize("who", ["schools", "schools_board"])
def test_close_by_another_role_is_forbidden(waiting, who):
    assert waiting.client(who).post(url(waiting), {"reason": REASON}).status_code == 403
    assert Assessment.objects.get().stage == Assessment.Stage.SCORING


def test_close_scoring_without_a_reason_raises(waiting):
    with pytest.raises(ValueError, match="reason: say why"):
        close_scoring(assessment=waiting.assessment, reason="", by=waiting.people["lead"])


def test_close_scoring_after_the_reveal_raises(partnership):
    partnership.reveal()
    with pytest.raises(NotNowError, match="Scoring is not open"):
        close_scoring(assessment=partnership.assessment, reason="x", by=partnership.people["lead"])


def test_close_scoring_with_nothing_submitted_raises(partnership):
    with pytest.raises(NotReadyError, match="nothing to reveal"):
        close_scoring(assessment=partnership.assessment, reason="x", by=partnership.people["lead"])


def test_a_reveal_that_comes_second_changes_nothing(partnership):
    partnership.reveal()
    before = Assessment.objects.get().revealed_at
    with pytest.raises(NotNowError):
        _reveal(partnership.assessment, reason="late", by=partnership.people["lead"])
    assert Assessment.objects.get().revealed_at == before
    assert AuditEvent.objects.count() == 0


def test_lead_is_told_who_is_waited_for_once_someone_has_submitted(waiting):
    page = text(waiting.client("lead").get(waiting.area.get_absolute_url()))
    assert "Close scoring" not in page
    assert "Who is waited for" in page


def test_lead_is_told_that_the_closing_day_has_passed(waiting):
    day = waiting.assessment.started_at.date()
    Assessment.objects.update(scoring_closes_on=day.replace(year=day.year - 1))
    page = text(waiting.client("lead").get(waiting.area.get_absolute_url()))
    assert "Close scoring: the closing day has passed" in page
